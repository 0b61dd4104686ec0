"""Private images are read with the logins that the kubelet would use: pull secrets of the Pod, of its ServiceAccount for a
template, and Signet's own Secrets (webhook.md F.4, K-S11). There is no kubelet: the test puts the pull secret into the Pod
as the ServiceAccount admission plugin would."""
import base64
import json

import pytest

import in_cluster
from asking import create
from live import codes
from waiting import wait_for
from world import namespace, pod


def login(world, name, namespace_, password=None):
    auth = world.registry.basic(password or world.registry.password)
    config = json.dumps({'auths': {world.registry.host: {'auth': auth}}})
    return {'apiVersion': 'v1', 'kind': 'Secret', 'type': 'kubernetes.io/dockerconfigjson',
            'metadata': {'name': name, 'namespace': namespace_},
            'data': {'.dockerconfigjson': base64.b64encode(config.encode()).decode()}}


READER = 'signet-pull-secrets'


def allow_pull_secrets(plane, names):
    """What deploy/README.md asks for in the mode `names`."""
    group = 'rbac.authorization.k8s.io'
    plane.apply({'apiVersion': f'{group}/v1', 'kind': 'ClusterRole', 'metadata': {'name': READER}, 'rules': [
        {'apiGroups': [''], 'resources': ['secrets'], 'resourceNames': names, 'verbs': ['get']},
        {'apiGroups': [''], 'resources': ['serviceaccounts'], 'verbs': ['get']}]})
    plane.apply({'apiVersion': f'{group}/v1', 'kind': 'ClusterRoleBinding', 'metadata': {'name': READER},
                 'roleRef': {'apiGroup': group, 'kind': 'ClusterRole', 'name': READER},
                 'subjects': [{'kind': 'ServiceAccount', 'name': in_cluster.NAME, 'namespace': in_cluster.NAMESPACE}]})


@pytest.fixture(scope='module', autouse=True)
def signet(folder, plane, world):
    """Without any login of its own."""
    in_cluster.install(plane)
    allow_pull_secrets(plane, ['regcred', 'wrong', 'absent'])
    for name in ('tenant', 'stranger'):
        plane.apply(namespace(name))
    for thing in (world.trust_root(), world.policy(), in_cluster.MARKER, login(world, 'regcred', 'tenant'),
                  login(world, 'wrong', 'tenant', 'not the password'), login(world, 'secret', 'tenant')):
        plane.apply(thing)
    access = {key: value for key, value in world.settings()['registry'].items() if key != 'config'}
    served = in_cluster.start(folder / 'signet', plane, world, registry=access | {
        'pullSecrets': {'mode': 'names', 'names': ['regcred', 'wrong', 'absent']}})
    in_cluster.register(plane, served)
    yield served
    served.end()


def tried(plane, world, *secrets, namespace_='tenant'):
    made = pod('tried', world.signed, namespace=namespace_, imagePullSecrets=[{'name': name} for name in secrets])
    return create(plane, made, f'/api/v1/namespaces/{namespace_}/pods?dryRun=All')


def test_the_pull_secret_of_the_pod_opens_the_registry(plane, world):
    assert tried(plane, world, 'regcred').status == 201


@pytest.mark.parametrize('secrets', [(), ('wrong',)])
def test_without_a_login_that_fits_it_is_denied_as_the_kubelet_would_be(plane, world, secrets):
    answer = tried(plane, world, *secrets)
    assert answer.status != 201 and codes(answer) == ['registry_auth']


def test_the_second_secret_is_tried_as_well(plane, world):
    assert tried(plane, world, 'wrong', 'regcred').status == 201


def test_a_missing_or_forbidden_secret_is_named(plane, world):
    for name in ('absent', 'secret'):
        answer = tried(plane, world, name)
        assert answer.status != 201 and name in answer.body['message']


def test_what_one_tenant_may_read_another_may_not(plane, world):
    """Also right after the first one has read it."""
    assert tried(plane, world, 'regcred').status == 201
    answer = tried(plane, world, 'regcred', namespace_='stranger')
    assert answer.status != 201 and codes(answer) == ['registry_auth']


def test_a_template_uses_the_pull_secrets_of_its_service_account(plane, world):
    """Nobody makes ServiceAccounts here, so the test does."""
    plane.apply({'apiVersion': 'v1', 'kind': 'ServiceAccount', 'metadata': {'name': 'puller', 'namespace': 'tenant'},
                 'imagePullSecrets': [{'name': 'regcred'}]})
    path = '/apis/apps/v1/namespaces/tenant/deployments?dryRun=All'

    def deployment(account):
        return {'apiVersion': 'apps/v1', 'kind': 'Deployment', 'metadata': {'name': 'web'}, 'spec': {
            'selector': {'matchLabels': {'a': 'b'}}, 'template': {
                'metadata': {'labels': {'a': 'b'}}, 'spec': {
                    'serviceAccountName': account, 'containers': [{'name': 'c', 'image': world.signed}]}}}}
    assert create(plane, deployment('puller'), path).status == 201
    assert create(plane, deployment('nobody'), path).status != 201


def test_a_secret_that_the_registry_refused_is_read_again(plane, world):
    """Rotation: what was refused with the old password passes with the new one, without a restart."""
    assert codes(tried(plane, world, 'wrong')) == ['registry_auth']
    plane.apply(login(world, 'wrong', 'tenant'))
    assert wait_for(lambda: tried(plane, world, 'wrong').status == 201)
