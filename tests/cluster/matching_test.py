"""The conditions of the webhook configuration: which requests the API server sends to Signet, and which it does not
even when Signet is down (webhook.md B.4, K-E20 to K-E28). A call shows in the audit log of the API server."""
import pytest

import webhooks
from asking import PODS, create, patch
from waiting import wait_for
from world import namespace, pod

pytestmark = pytest.mark.usefixtures('signet')
APPS = '/apis/apps/v1/namespaces/default'


@pytest.fixture(scope='module', autouse=True)
def no_condition_fails(plane, signet):
    """A condition that cannot be evaluated would refuse the request without asking Signet."""
    yield
    lines = plane.request('GET', '/metrics')[1].splitlines()
    wrong = [line for line in lines if line.startswith('apiserver_admission_match_condition_evaluation_errors_total')
             and 'signet.dev' in line]
    assert not wrong


@pytest.fixture(scope='module')
def full_pod(plane, world):
    """A Pod with every list that can name an image."""
    made = pod('full', world.signed, initContainers=[{'name': 'i', 'image': world.signed}],
               volumes=[{'name': 'v', 'image': {'reference': world.signed}}, {'name': 'e', 'emptyDir': {}}])
    answer = create(plane, made)
    assert answer.status == 201 and answer.reached()
    given = {'spec': {'ephemeralContainers': [{'name': 'debug', 'image': world.signed}]}}
    answer = patch(plane, f'{PODS}/full/ephemeralcontainers', given)
    assert answer.status == 200 and answer.reached()
    return f'{PODS}/full'


@pytest.fixture(scope='module')
def plain_pod(plane, world):
    assert create(plane, pod('plain', world.signed)).status == 201
    return f'{PODS}/plain'


def deployment(name, image, **spec):
    return {'apiVersion': 'apps/v1', 'kind': 'Deployment', 'metadata': {'name': name, 'namespace': 'default'},
            'spec': {'replicas': 1, 'selector': {'matchLabels': {'app': name}}, 'template': {
                'metadata': {'labels': {'app': name}},
                'spec': {'containers': [{'name': 'c', 'image': image}], **spec}}}}


@pytest.mark.parametrize('which', ['full_pod', 'plain_pod'])
def test_an_update_without_another_image_is_not_sent(plane, which, request):
    path = request.getfixturevalue(which)
    for change in ({'metadata': {'labels': {'a': 'b'}}}, {'metadata': {'finalizers': ['signet.dev/test']}},
                   {'metadata': {'finalizers': None}}, {'spec': {'activeDeadlineSeconds': 4000}}):
        answer = patch(plane, path, change)
        assert answer.status == 200 and not answer.reached(), change


@pytest.mark.parametrize('kind, name', [('containers', 'c0'), ('initContainers', 'i')])
def test_another_image_is_sent(plane, world, full_pod, kind, name):
    for image, status in ((world.unsigned, 403), (world.signed.replace('@', ':v1@'), 200), (world.signed, 200)):
        answer = patch(plane, full_pod, {'spec': {kind: [{'name': name, 'image': image}]}})
        assert answer.status == status and answer.reached(), answer.body


def test_another_ephemeral_container_is_sent(plane, world, plain_pod):
    for name, image, status in (('bad', world.unsigned, 403), ('good', world.signed, 200)):
        change = {'spec': {'ephemeralContainers': [{'name': name, 'image': image}]}}
        answer = patch(plane, f'{plain_pod}/ephemeralcontainers', change)
        assert answer.status == status and answer.reached(), answer.body
    answer = patch(plane, f'{plain_pod}/ephemeralcontainers', {'metadata': {'labels': {'c': 'd'}}})
    assert answer.status == 200 and not answer.reached()


def test_an_image_of_a_volume_is_sent(plane, world):
    made = pod('volume', world.signed, volumes=[{'name': 'v', 'image': {'reference': world.unsigned}}])
    answer = create(plane, made)
    assert answer.status == 403 and answer.reached()


def test_a_template_is_sent_when_its_images_change(plane, world):
    volume = {'name': 'v', 'image': {'reference': world.signed}}
    answer = create(plane, deployment('web', world.signed, volumes=[volume]), f'{APPS}/deployments')
    assert answer.status == 201 and answer.reached('workloads.validate')
    path = f'{APPS}/deployments/web'
    for change, status, reached in (
            ({'spec': {'replicas': 3}}, 200, False),
            ({'spec': {'template': {'metadata': {'labels': {'x': 'y'}}}}}, 200, False),
            ({'spec': {'template': {'spec': {'containers': [{'name': 'c', 'image': world.unsigned}]}}}}, 403, True),
            ({'spec': {'template': {'spec': {'volumes': [
                {'name': 'v', 'image': {'reference': world.unsigned}}]}}}}, 403, True),
            ({'spec': {'template': {'spec': {'containers': [{'name': 'd', 'image': world.signed}]}}}}, 200, True)):
        answer = patch(plane, path, change)
        assert (answer.status, answer.reached('workloads.validate')) == (status, reached), change
    scale = patch(plane, f'{path}/scale', {'spec': {'replicas': 4}})
    assert scale.status == 200 and not scale.reached('workloads.validate')


def test_a_mirror_pod_is_left_to_its_node_and_to_nobody_else(plane, world):
    plane.kubectl('create', 'clusterrole', 'makers-of-pods', '--verb=create', '--resource=pods')
    plane.apply({'apiVersion': 'rbac.authorization.k8s.io/v1', 'kind': 'ClusterRoleBinding',
                 'metadata': {'name': 'makers-of-pods'},
                 'roleRef': {'apiGroup': 'rbac.authorization.k8s.io', 'kind': 'ClusterRole', 'name': 'makers-of-pods'},
                 'subjects': [{'apiGroup': 'rbac.authorization.k8s.io', 'kind': 'Group', 'name': name}
                              for name in ('system:nodes', 'developers')]})

    def mirror(name, group):
        made = pod(name, world.unsigned, nodeName='node-1')
        made['metadata']['annotations'] = {'kubernetes.io/config.mirror': 'x'}
        return create(plane, made, user='system:node:node-1', groups=[group])

    answer = mirror('of-a-node', 'system:nodes')
    assert answer.status == 201 and not answer.reached(), answer.body
    answer = mirror('of-a-user', 'developers')
    assert answer.status == 403 and answer.reached()


def test_two_hundred_containers_are_within_the_budget(plane, world):
    assert create(plane, pod('many', *[world.signed] * 200)).status == 201
    answer = patch(plane, f'{PODS}/many', {'metadata': {'labels': {'a': 'b'}}})
    assert answer.status == 200 and not answer.reached()
    answer = patch(plane, f'{PODS}/many', {'spec': {'containers': [{'name': 'c199', 'image': world.unsigned}]}})
    assert answer.status == 403 and answer.reached()


def test_namespaces_that_are_left_out_are_not_sent(plane, world):
    plane.apply(namespace('signet-system'))
    plane.apply(namespace('exempt', **{'signet.dev/exempt': 'true'}))
    plane.apply(namespace('checked', **{'signet.dev/exempt': 'false'}))
    for name, status in (('signet-system', 201), ('kube-system', 201), ('exempt', 201), ('checked', 403)):
        answer = create(plane, pod('x', world.unsigned, namespace=name), f'/api/v1/namespaces/{name}/pods')
        assert (answer.status, answer.reached()) == (status, status == 403), name


def test_taking_off_the_label_that_chose_an_object_does_not_hide_its_change(plane, world, signet):
    """With an objectSelector the old object counts as well (K-E18)."""
    chosen = webhooks.webhook('chosen.validate', webhooks.client(signet.ports['address'], '/validate', signet.ca),
                              webhooks.POD_RULES)
    configuration = webhooks.validating(lambda path: {}, 'chosen') | {
        'webhooks': [chosen | {'objectSelector': {'matchLabels': {'verify': 'true'}}}]}
    plane.apply(configuration)
    try:
        made = pod('chosen', world.signed)
        made['metadata']['labels'] = {'verify': 'true'}
        assert wait_for(lambda: create(plane, made, f'{PODS}?dryRun=All').reached('chosen.validate'))
        assert create(plane, made).reached('chosen.validate')
        assert patch(plane, f'{PODS}/chosen', {'metadata': {'labels': {'verify': None}}}).reached('chosen.validate')
        assert not patch(plane, f'{PODS}/chosen', {'metadata': {'labels': {'a': 'b'}}}).reached('chosen.validate')
    finally:
        plane.kubectl('delete', 'validatingwebhookconfigurations', 'chosen')
