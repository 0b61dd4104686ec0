"""The chart installed by helm on a real API server, and Signet started with exactly the arguments, mounts and rights that it
renders, called through its Service: a signed Pod is admitted, an unsigned one denied, from the first installation to the
last. There are no controllers and no kubelet; kubelet.py does what they would."""
import base64
import json
import os

import pytest

import chart
import control_plane
import kubelet
import world as worlds
from asking import create
from waiting import wait_for
from world import namespace, pod

NAMESPACE, NAME = chart.NAMESPACE, chart.RELEASE


@pytest.fixture(scope='session')
def apart(folder):
    kubelet.enter_own_namespaces(folder / 'mounts')


@pytest.fixture(scope='session')
def plane(folder, apart):
    made = control_plane.ControlPlane(folder / 'plane', ['--enable-aggregator-routing=true'])
    yield made
    made.close()


@pytest.fixture(scope='session')
def world(folder, apart):
    made = worlds.World(folder / 'world')
    yield made
    made.close()


def values(world):
    return {'replicaCount': 1, 'shutdown': {'delay': '0s'},
            'registry': {'credentialSecrets': ['robot'], 'ca': [{'configMap': 'registry-ca'}],
                         'allowPrivate': [{'host': 'localhost', 'cidrs': ['127.0.0.0/8', '::1/128']}]},
            'trustRoots': {'linuxera': world.trust_root()['spec']}, 'policies': {'teams': world.policy()['spec']}}


def helm(plane, *arguments, given=None):
    return chart.helm(*arguments, '--namespace', NAMESPACE, '--kubeconfig', plane.kubeconfig,
                      given=None if given is None else json.dumps(given))


def install(plane, given):
    return helm(plane, 'upgrade', '--install', NAME, chart.CHART, '--values', '-', given=given)


def prepare(plane, world):
    """What the administrator has before: a login and the authority of the registry."""
    plane.apply(namespace(NAMESPACE, **{'pod-security.kubernetes.io/enforce': 'restricted'}))
    plane.apply(namespace('shop'))
    login = json.dumps({'auths': {world.registry.host: {'auth': world.registry.basic(world.registry.password)}}})
    plane.apply({'apiVersion': 'v1', 'kind': 'Secret', 'type': 'kubernetes.io/dockerconfigjson',
                 'metadata': {'name': 'robot', 'namespace': NAMESPACE},
                 'data': {'.dockerconfigjson': base64.b64encode(login.encode()).decode()}})
    plane.apply({'apiVersion': 'v1', 'kind': 'ConfigMap', 'metadata': {'name': 'registry-ca', 'namespace': NAMESPACE},
                 'data': {'ca.crt': world.registry.ca.read_text()}})


@pytest.fixture(scope='module')
def signet(plane, world, folder):
    prepare(plane, world)
    install(plane, values(world))
    started = kubelet.Kubelet(plane, NAMESPACE, NAME)
    started.start(os.environ['SIGNET'], folder)
    assert wait_for(started.is_ready), started.log.read_text()[-4000:]
    yield started
    started.end()


def tried(plane, image):
    return create(plane, pod('tried', image, namespace='shop'), '/api/v1/namespaces/shop/pods?dryRun=All')


def denied(plane, image):
    return tried(plane, image).status == 403


def test_from_install_to_uninstall(plane, world, signet):
    assert tried(plane, world.unsigned).status == 201  # nobody has asked for more
    plane.kubectl('label', 'namespace', 'shop', 'signet.dev/enforce=true')
    assert wait_for(lambda: denied(plane, world.unsigned)), signet.log.read_text()[-4000:]
    answer = tried(plane, world.signed)
    assert answer.status == 201 and answer.reached() and '@sha256:' in answer.body['spec']['containers'][0]['image']
    assert 'no_signature' in tried(plane, world.unsigned).body['message']

    own = world.policy('own', subject='nobody@linuxera.org')
    plane.apply(own)
    assert wait_for(lambda: denied(plane, world.signed))
    plane.kubectl('delete', 'ctp', 'own')
    assert wait_for(lambda: not denied(plane, world.signed))

    install(plane, values(world) | {'mutation': {'enabled': False}})
    plane.kubectl('get', 'validatingwebhookconfiguration', NAME)
    assert denied(plane, world.unsigned) and not denied(plane, world.signed)

    helm(plane, 'uninstall', NAME)
    signet.end()
    assert wait_for(lambda: not denied(plane, world.unsigned))
    left = {line for kind in ('secrets', 'leases', 'configmaps', 'roles', 'deployments')
            for line in plane.kubectl('get', kind, '-n', NAMESPACE, '-o', 'name').split()}
    assert left == {'secret/robot', 'configmap/registry-ca', f'secret/{NAME}-webhook-ca',
                    f'lease.coordination.k8s.io/{NAME}-leader'}
