"""How the API server may be set up to call Signet: with a certificate of its own, and from files without any object."""
import json

import pytest

import control_plane
import webhooks
import world as worlds
from asking import create
from waiting import wait_for
from world import pod

PLUGIN = 'ValidatingAdmissionWebhook'


def admission_control(folder, **configuration):
    """The file for --admission-control-config-file."""
    file = folder / 'admission.json'
    file.write_text(json.dumps({
        'apiVersion': 'apiserver.config.k8s.io/v1', 'kind': 'AdmissionConfiguration',
        'plugins': [{'name': PLUGIN, 'configuration': {
            'apiVersion': 'apiserver.config.k8s.io/v1', 'kind': 'WebhookAdmissionConfiguration', **configuration}}]}))
    return f'--admission-control-config-file={file}'


@pytest.fixture
def own_plane(folder, request):
    """Makes API servers with flags of their own."""
    made = []

    def make(*flags):
        made.append(control_plane.ControlPlane(folder / request.node.name / str(len(made)), flags))
        return made[-1]
    yield make
    for one in made:
        one.close()


@pytest.fixture
def closed(folder, world, request):
    """Signet that answers only who shows a certificate of the API server's clients."""
    place = folder / f'{request.node.name}-callers'
    place.mkdir()
    callers = control_plane.Identities(place)
    callers.client_certificate('kube-apiserver', 'signet-callers')
    served = worlds.serve(folder / f'{request.node.name}-signet', world, world.trust_root(), world.policy(),
                          flags=['--tls-client-ca', place / 'clients.pem', '--tls-client-name', 'kube-apiserver'])
    yield served, place
    served.end()


def test_an_api_server_with_a_client_certificate_is_answered(closed, own_plane, plane, world):
    served, place = closed
    kubeconfig = place / 'webhooks.kubeconfig'
    kubeconfig.write_text(json.dumps({'apiVersion': 'v1', 'kind': 'Config', 'users': [{'name': '*', 'user': {
        'client-certificate': str(place / 'kube-apiserver.pem'), 'client-key': str(place / 'kube-apiserver-key.pem')}}]}))
    knows = own_plane(admission_control(place, kubeConfigFile=str(kubeconfig)))
    worlds.register_serve(knows, served)
    assert create(knows, pod('signed', world.signed)).status == 201
    assert create(knows, pod('unsigned', world.unsigned)).status == 403


def test_an_api_server_without_one_is_not(closed, plane, world):
    served, _ = closed
    plane.apply(webhooks.validating(lambda path: webhooks.client(served.ports['address'], path, served.ca)))
    try:
        assert wait_for(lambda: refused(plane, world))
        # The end of the connection may overtake the alert that says why.
        assert wait_for(lambda: 'certificate required' in refused(plane, world).body['message'])
    finally:
        plane.kubectl('delete', 'validatingwebhookconfigurations', 'signet')


def refused(plane, world):
    answer = create(plane, pod('signed', world.signed))
    return answer if answer.status == 500 else None


def test_webhooks_in_files_of_the_api_server_need_no_object(folder, own_plane, world):
    """An alpha feature of Kubernetes 1.36: nobody can delete such a webhook through the API."""
    place = folder / 'static'
    (place / 'manifests').mkdir(parents=True)
    served = worlds.serve(place / 'signet', world, world.trust_root(), world.policy())
    try:
        made = webhooks.validating(lambda path: webhooks.client(served.ports['address'], path, served.ca),
                                   'signet.static.k8s.io')
        (place / 'manifests' / 'signet.json').write_text(json.dumps(made))
        static = own_plane(admission_control(place, staticManifestsDir=str(place / 'manifests')),
                           '--feature-gates=ManifestBasedAdmissionControlConfig=true')
        assert create(static, pod('unsigned', world.unsigned)).status == 403
        assert create(static, pod('signed', world.signed)).status == 201
        assert 'No resources found' in static.kubectl('get', 'validatingwebhookconfigurations')
    finally:
        served.end()
