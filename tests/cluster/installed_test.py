"""The chart installed by helm on a real API server, and Signet started with exactly the arguments, mounts and rights that it
renders, called through its Service: a signed Pod is admitted, an unsigned one denied, from the first installation to the
last. There are no controllers and no kubelet; kubelet.py does what they would."""
import base64
import concurrent.futures
import json
import os

import pytest

import chart
import control_plane
import kubelet
import webhooks
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
    login = json.dumps({'auths': {world.registry.host: {'auth': world.registry.basic(world.registry.password)}}})
    plane.apply({'apiVersion': 'v1', 'kind': 'Secret', 'type': 'kubernetes.io/dockerconfigjson',
                 'metadata': {'name': 'robot', 'namespace': NAMESPACE},
                 'data': {'.dockerconfigjson': base64.b64encode(login.encode()).decode()}})
    plane.apply({'apiVersion': 'v1', 'kind': 'ConfigMap', 'metadata': {'name': 'registry-ca', 'namespace': NAMESPACE},
                 'data': {'ca.crt': world.registry.ca.read_text()}})


@pytest.fixture(scope='module')
def signet(plane, world, folder):
    prepare(plane, world)
    plane.apply(namespace('shop'))
    install(plane, values(world))
    started = kubelet.Kubelet(plane, NAMESPACE, NAME)
    started.start(os.environ['SIGNET'], folder)
    assert wait_for(started.is_ready), started.log.read_text()[-4000:]
    for service in (NAME, f'{NAME}-metrics'):
        started.serve_service(service)
    yield started
    started.end()


def tried(plane, image):
    return create(plane, pod('tried', image, namespace='shop'), '/api/v1/namespaces/shop/pods?dryRun=All')


def denied(plane, image):
    return tried(plane, image).status == 403


def helm_test(plane, signet, folder):
    """(whether helm says that it passed, what the Pod printed): helm makes the Pod, the kubelet runs it."""
    def passes():
        try:
            return bool(helm(plane, 'test', NAME, '--timeout', '90s'))
        except chart.Refused:
            return False
    with concurrent.futures.ThreadPoolExecutor() as pool:
        passed = pool.submit(passes)
        assert wait_for(lambda: passed.done() or is_new(plane)), 'no Pod was made'
        assert wait_for(lambda: may(plane, f'{NAME}-check', 'get'))  # rights count after a moment; a real Pod takes longer
        code, printed = signet.run_pod(f'{NAME}-check', folder)
        assert passed.result() == (code == 0)
        return code == 0, printed


def is_new(plane):
    """Whether there is a Pod of the test that has not ended."""
    found = plane.get('pods', '-n', NAMESPACE, '-l', 'app.kubernetes.io/component=check')['items']
    return any(one['status'].get('phase') == 'Pending' for one in found)


def of_the_test(plane):
    ours = ('-l', 'app.kubernetes.io/component=check', '-o', 'name')
    return (plane.kubectl('get', 'pods,serviceaccounts', '-n', NAMESPACE, *ours)
            + plane.kubectl('get', 'clusterroles,clusterrolebindings', *ours)).split()


def bundles(plane):
    kinds = ('validatingwebhookconfiguration', 'mutatingwebhookconfiguration')
    return {hook['clientConfig']['caBundle'] for kind in kinds for hook in plane.get(kind, NAME)['webhooks']}


def may(plane, account, verb):
    """Whether a ServiceAccount may do that to our configurations now."""
    api = 'authorization.k8s.io/v1'
    what = {'group': 'admissionregistration.k8s.io', 'resource': 'mutatingwebhookconfigurations', 'name': NAME, 'verb': verb}
    status, answer = plane.request('POST', f'/apis/{api}/subjectaccessreviews', {
        'apiVersion': api, 'kind': 'SubjectAccessReview',
        'spec': {'user': f'system:serviceaccount:{NAMESPACE}:{account}', 'resourceAttributes': what}})
    assert status == 201, answer
    return answer['status']['allowed']


def let_patch(plane, verbs):
    rules = plane.get('clusterrole', NAME)['rules']
    at = next(number for number, rule in enumerate(rules) if rule['apiGroups'] == ['admissionregistration.k8s.io'])
    plane.kubectl('patch', 'clusterrole', NAME, '--type=json', '-p',
                  json.dumps([{'op': 'replace', 'path': f'/rules/{at}/verbs', 'value': verbs}]))


def test_helm_test_passes_and_fails_where_the_ca_bundle_is_wrong(plane, world, signet, folder):
    passed, printed = helm_test(plane, signet, folder / 'good')
    assert passed, printed
    hooks = [hook['name'] for kind in ('validating', 'mutating')
             for hook in plane.get(f'{kind}webhookconfiguration', NAME)['webhooks']]
    asked = [line.split(':')[0].split()[-1] for line in printed.splitlines() if 'signed by the given authority' in line]
    assert asked == hooks and len(hooks) == 5
    assert 'readyz: ready' in printed and ' metrics\n' in printed and 'denies a Pod whose image is none' in printed
    assert of_the_test(plane) == []  # it goes with its rights

    good = bundles(plane)
    let_patch(plane, ['get', 'list', 'watch'])  # else Signet puts it right
    assert wait_for(lambda: not may(plane, NAME, 'patch'))
    patch = [{'op': 'replace', 'path': '/webhooks/0/clientConfig/caBundle', 'value': webhooks.bundle(world.registry.ca)}]
    plane.kubectl('patch', 'validatingwebhookconfiguration', NAME, '--type=json', '-p', json.dumps(patch))
    passed, printed = helm_test(plane, signet, folder / 'wrong')
    assert not passed, printed
    assert f'BAD   {hooks[0]}: TLS with {NAME}.{NAMESPACE}.svc: its certificate is not signed by the given' in printed
    assert f'pod/{NAME}-check' in of_the_test(plane)  # it stays to be looked at

    let_patch(plane, ['get', 'list', 'watch', 'patch'])
    assert wait_for(lambda: bundles(plane) == good, 60), signet.log.read_text()[-4000:]
    assert wait_for(signet.is_ready)
    passed, printed = helm_test(plane, signet, folder / 'again')
    assert passed and of_the_test(plane) == [], printed


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
