"""Every replica of Signet is away: what goes on, what does not, and how it comes back. There is no kubelet: that Pods
of Signet's own namespace can be created is what lets it start again."""
import pytest

import webhooks
import world as worlds
from asking import PODS, create, patch
from registry import free_port, make_server_certificate
from waiting import wait_for
from world import namespace, pod

APPS = '/apis/apps/v1/namespaces/default'


class Replaceable:
    """Signet at one address, with one certificate, however often it is started."""

    def __init__(self, folder, world):
        self.folder, self.world, self.count = folder, world, 0
        folder.mkdir()
        self.port, self.pair, self.serve = free_port(), make_server_certificate(folder, 'webhook'), None
        self.ca = self.pair[0]

    def start(self):
        self.count += 1
        self.serve = worlds.serve(self.folder / str(self.count), self.world, self.world.trust_root(),
                                  self.world.policy(), listen=f'127.0.0.1:{self.port}', pair=self.pair)

    def stop(self):
        self.serve.end()

    def reach(self, path):
        return webhooks.client(self.port, path, self.ca)


@pytest.fixture(scope='module')
def replica(folder, plane, world):
    made = Replaceable(folder / 'replaceable', world)
    made.start()
    worlds.register(plane, webhooks.validating(made.reach))
    plane.apply(namespace('signet-system'))
    yield made
    made.stop()


@pytest.fixture
def down(replica):
    replica.stop()
    yield replica
    replica.start()


def test_FI31_all_replicas_down_and_started_again(plane, world, replica):
    replica.stop()
    answer = create(plane, pod('early', world.signed))
    assert answer.status == 500 and 'failed calling webhook "pods.validate.signet.dev"' in answer.body['message']
    own = pod('signet-1', world.unsigned, namespace='signet-system')
    assert create(plane, own, '/api/v1/namespaces/signet-system/pods').status == 201
    replica.start()
    assert wait_for(lambda: create(plane, pod('late', world.signed)).status == 201)
    assert create(plane, pod('unsigned', world.unsigned)).status == 403


def test_what_brings_in_no_image_goes_on(plane, world, replica):
    made = pod('running', world.signed)
    made['metadata']['finalizers'] = ['signet.dev/test']
    assert create(plane, made).status == 201
    assert create(plane, {
        'apiVersion': 'apps/v1', 'kind': 'Deployment', 'metadata': {'name': 'running'}, 'spec': {
            'selector': {'matchLabels': {'a': 'b'}}, 'template': {
                'metadata': {'labels': {'a': 'b'}}, 'spec': {'containers': [{'name': 'c', 'image': world.signed}]}}}},
        f'{APPS}/deployments').status == 201
    replica.stop()
    try:
        for path, change in ((f'{PODS}/running', {'metadata': {'labels': {'a': 'b'}}}),
                             (f'{PODS}/running/status', {'status': {'phase': 'Running'}}),
                             (f'{PODS}/running', {'metadata': {'finalizers': None}}),
                             (f'{APPS}/deployments/running', {'spec': {'paused': True}}),
                             (f'{APPS}/deployments/running/scale', {'spec': {'replicas': 5}})):
            assert patch(plane, path, change).status == 200, path
    finally:
        replica.start()


def test_failurePolicy_Ignore_lets_it_pass_and_the_audit_log_says_so(plane, world, down):
    open_ = webhooks.validating(down.reach, 'open', failure='Ignore')
    open_['webhooks'] = [hook | {'name': 'open.validate.signet.dev'} for hook in open_['webhooks'][:1]]
    plane.kubectl('delete', 'validatingwebhookconfigurations', 'signet')
    plane.apply(open_)
    try:
        told = 'failed-open.validating.webhook.admission.k8s.io/round_0_index_0'
        assert wait_for(lambda: create(plane, pod('marker', world.unsigned), f'{PODS}?dryRun=All')
                        .annotations.get(told) == 'open.validate.signet.dev')
    finally:
        plane.kubectl('delete', 'validatingwebhookconfigurations', 'open')
        plane.apply(webhooks.validating(down.reach))


def test_deleting_the_configuration_ends_an_emergency(plane, world, down):
    answer = wait_for(lambda: create(plane, pod('blocked', world.signed)).status == 500)
    assert answer
    plane.kubectl('delete', 'validatingwebhookconfigurations', 'signet')
    assert wait_for(lambda: create(plane, pod('blocked', world.signed)).status in (201, 409))
    plane.apply(webhooks.validating(down.reach))
