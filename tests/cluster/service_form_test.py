"""The API server reaches Signet through a Service, as in a cluster: in a network namespace that this test makes, with an
address that is not loopback. There is no kube-proxy and no controller: the API server finds the endpoint by itself, and
the test writes the EndpointSlice."""
import ctypes
import os
import subprocess

import pytest

import control_plane
import webhooks
import world as worlds
from asking import create
from registry import make_server_certificate
from world import namespace, pod

ADDRESS = '10.77.0.1'
NAMESPACE, NAME = 'signet-system', 'signet'
CLONE_NEWNET = 0x40000000


@pytest.fixture(scope='session')
def network():
    """From here on this process and its children live in a namespace of their own."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), 'unshare: ' + os.strerror(ctypes.get_errno()))
    for command in ('link set lo up', f'address add {ADDRESS}/32 dev lo'):
        subprocess.run(['ip', *command.split()], check=True)


@pytest.fixture(scope='session')
def plane(folder, network):
    made = control_plane.ControlPlane(folder / 'plane', ['--enable-aggregator-routing=true'])
    yield made
    made.close()


@pytest.fixture(scope='session')
def world(folder, network):
    made = worlds.World(folder / 'world')
    yield made
    made.close()


@pytest.fixture(scope='session')
def signet(folder, plane, world):
    pair = make_server_certificate(world.folder, 'service', f'DNS:{NAME}.{NAMESPACE}.svc')
    served = worlds.serve(folder / 'signet', world, world.trust_root(), world.policy(), listen=f'{ADDRESS}:0', pair=pair)
    plane.apply(namespace(NAMESPACE))
    for thing in service(served.ports['address']):
        plane.apply(thing)
    client = {'service': {'namespace': NAMESPACE, 'name': NAME, 'port': 443},
              'caBundle': webhooks.bundle(served.ca)}
    worlds.register(plane, webhooks.validating(
        lambda path: client | {'service': client['service'] | {'path': path}}))
    yield served
    served.end()


def service(port):
    ports = [{'name': 'https', 'port': 443, 'targetPort': port}]
    return [
        {'apiVersion': 'v1', 'kind': 'Service', 'metadata': {'name': NAME, 'namespace': NAMESPACE}, 'spec': {'ports': ports}},
        {'apiVersion': 'discovery.k8s.io/v1', 'kind': 'EndpointSlice', 'addressType': 'IPv4',
         'metadata': {'name': NAME, 'namespace': NAMESPACE, 'labels': {'kubernetes.io/service-name': NAME}},
         'endpoints': [{'addresses': [ADDRESS], 'conditions': {'ready': True}}],
         'ports': [{'name': 'https', 'port': port, 'protocol': 'TCP'}]}]


def test_the_service_is_called_under_its_name(plane, world, signet):
    answer = create(plane, pod('signed', world.signed))
    assert answer.status == 201 and answer.reached()
    answer = create(plane, pod('unsigned', world.unsigned))
    assert answer.status == 403 and 'no_signature' in answer.body['message']
