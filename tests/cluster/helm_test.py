"""helm installs, upgrades, rolls back and uninstalls the chart on a real API server (webhook.md H.11, K-H12). There are no
controllers: nothing runs, and the test puts in the caBundle that Signet would keep."""
import base64

import pytest

import chart
from registry import make_server_certificate

RELEASED = ('deployment', 'service', 'configmap', 'role', 'rolebinding', 'serviceaccount', 'poddisruptionbudget',
            'networkpolicy')
OF_THE_CLUSTER = ('clusterrole', 'clusterrolebinding', 'validatingwebhookconfiguration', 'mutatingwebhookconfiguration',
                  'validatingadmissionpolicy', 'validatingadmissionpolicybinding')
OURS = ('-l', 'app.kubernetes.io/instance=signet')
POLICY = {'apiVersion': 'signet.dev/v1alpha1', 'kind': 'ClusterTrustPolicy', 'metadata': {'name': 'all'},
          'spec': {'match': {'images': ['registry.corp/**']}, 'authorities': [{'static': {'action': 'deny'}}]}}


@pytest.fixture(scope='module')
def helm(plane):
    def run(*arguments):
        return chart.helm(*arguments, '--namespace', chart.NAMESPACE, '--kubeconfig', plane.kubeconfig)
    return run


def upgrade(helm, *values):
    return helm('upgrade', '--install', chart.RELEASE, chart.CHART, '--create-namespace', *values)


def there(plane):
    """What there is of the release, and the definitions."""
    found = set()
    for kind in (*RELEASED, *OF_THE_CLUSTER):
        where = ('-n', chart.NAMESPACE) if kind in RELEASED else ()
        found |= {(thing['kind'], thing['metadata']['name']) for thing in plane.get(kind, *OURS, *where)['items']}
    return found | {('CustomResourceDefinition', thing['metadata']['name']) for thing in plane.get('crd')['items']}


def expected():
    return {(thing['kind'], thing['metadata']['name']) for thing in chart.objects()}


def bundles(plane):
    return {hook['clientConfig'].get('caBundle') for kind in ('validatingwebhookconfiguration', 'mutatingwebhookconfiguration')
            for hook in plane.get(kind, chart.RELEASE)['webhooks']}


def put_bundle(plane, bundle):
    """As the leader does: by server-side apply, of the caBundle only."""
    for kind in ('validating', 'mutating'):
        path = f'/apis/admissionregistration.k8s.io/v1/{kind}webhookconfigurations/{chart.RELEASE}'
        found = plane.request('GET', path)[1]
        body = {'apiVersion': 'admissionregistration.k8s.io/v1', 'kind': found['kind'], 'metadata': {'name': chart.RELEASE},
                'webhooks': [{'name': hook['name'], 'clientConfig': {'caBundle': bundle}} for hook in found['webhooks']]}
        status, answer = plane.request('PATCH', f'{path}?fieldManager=signet-cert&force=true', body,
                                       'application/apply-patch+yaml')
        assert status == 200, answer


def policy_names(plane):
    return [policy['metadata']['name'] for policy in plane.get('clustertrustpolicies')['items']]


def test_a_release_from_its_install_to_its_end(plane, folder, helm):
    assert 'Signet is installed as signet in the namespace signet-system.' in upgrade(helm)
    assert there(plane) == expected()
    plane.kubectl('wait', '--for=condition=Established', 'crd', '--all', '--timeout=30s')
    ca, _, _ = make_server_certificate(folder, 'own')
    bundle = base64.b64encode(ca.read_bytes()).decode()
    put_bundle(plane, bundle)
    upgrade(helm, '--set', 'webhook.validatePolicies.enabled=false,policy.noMatch=warn')
    assert bundles(plane) == {bundle}
    settings = plane.get('configmap', chart.RELEASE, '-n', chart.NAMESPACE)['data']['config.yaml']
    assert 'noMatch: warn\n' in settings
    plane.apply(POLICY)
    helm('rollback', chart.RELEASE, '1')
    settings = plane.get('configmap', chart.RELEASE, '-n', chart.NAMESPACE)['data']['config.yaml']
    assert 'noMatch: deny\n' in settings and bundle in bundles(plane) and policy_names(plane) == ['all']
    helm('uninstall', chart.RELEASE)
    assert {kind for kind, _ in there(plane)} == {'CustomResourceDefinition'} and policy_names(plane) == ['all']
    assert upgrade(helm) and there(plane) == expected() and policy_names(plane) == ['all']
    helm('uninstall', chart.RELEASE)


def test_without_keep_the_definitions_go_as_well(plane, helm):
    upgrade(helm, '--set', 'crds.keep=false')
    helm('uninstall', chart.RELEASE, '--wait')
    assert there(plane) == set()
