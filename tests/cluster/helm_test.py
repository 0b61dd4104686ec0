"""helm installs, upgrades, rolls back and uninstalls the chart on a real API server (webhook.md H.11, K-H12). There are no
controllers: nothing runs, and the test puts in the caBundle that Signet would keep."""
import base64
import json
import shutil

import pytest

import chart
import everything
from registry import make_server_certificate
from world import namespace

POLICY = {'apiVersion': 'signet.dev/v1alpha1', 'kind': 'ClusterTrustPolicy', 'metadata': {'name': 'all'},
          'spec': {'match': {'images': ['registry.corp/**']}, 'authorities': [{'static': {'action': 'deny'}}]}}


@pytest.fixture(scope='module', params=chart.HELMS)
def helm(request, plane):
    def run(*arguments, **how):
        return chart.helm(*arguments, '--namespace', chart.NAMESPACE, '--kubeconfig', plane.kubeconfig, by=request.param, **how)
    return run


@pytest.fixture(scope='module')
def before(plane):
    """What there is without Signet; helm leaves the namespace that it makes."""
    plane.apply(namespace(chart.NAMESPACE))
    return everything.objects(plane)


def upgrade(helm, *values):
    return helm('upgrade', '--install', chart.RELEASE, chart.CHART, *values)


def there(plane, before):
    """All that has come, but for what helm keeps about its releases."""
    return {(kind, name) for kind, _, name in everything.objects(plane) - before if not name.startswith('sh.helm.release.')}


def expected(kind=None):
    return {(thing['kind'], thing['metadata']['name']) for thing in chart.installed() if kind in (None, thing['kind'])}


def bundles(plane):
    return {hook['clientConfig'].get('caBundle') for kind in ('validatingwebhookconfiguration', 'mutatingwebhookconfiguration')
            for hook in plane.get(kind, chart.RELEASE)['webhooks']}


def put_bundle(plane, bundle):
    """As the leader does: by server-side apply, of the caBundle only, which it then does not own."""
    for kind in ('validating', 'mutating'):
        path = f'/apis/admissionregistration.k8s.io/v1/{kind}webhookconfigurations/{chart.RELEASE}'
        found = plane.request('GET', path)[1]
        body = {'apiVersion': 'admissionregistration.k8s.io/v1', 'kind': found['kind'], 'metadata': {'name': chart.RELEASE},
                'webhooks': [{'name': hook['name'], 'clientConfig': {'caBundle': bundle}} for hook in found['webhooks']]}
        status, answer = plane.request('PATCH', f'{path}?fieldManager=signet-cert&force=true', body,
                                       'application/apply-patch+yaml')
        assert status == 200, answer
        managers = [entry['manager'] for entry in answer['metadata']['managedFields']]
        body = [{'op': 'remove', 'path': f'/metadata/managedFields/{managers.index("signet-cert")}'}]
        status, answer = plane.request('PATCH', path, body, 'application/json-patch+json')
        assert status == 200 and 'signet-cert' not in json.dumps(answer['metadata']['managedFields']), answer


def policy_names(plane):
    return [policy['metadata']['name'] for policy in plane.get('clustertrustpolicies')['items']]


def test_a_release_from_its_install_to_its_end(plane, folder, helm, before):
    assert 'Signet is installed as signet in the namespace signet-system.' in upgrade(helm)
    assert there(plane, before) == expected()
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
    kept = expected('CustomResourceDefinition') | {('ClusterTrustPolicy', 'all')}
    helm('uninstall', chart.RELEASE)
    assert there(plane, before) == kept
    assert upgrade(helm) and there(plane, before) == expected() | kept
    helm('uninstall', chart.RELEASE)
    assert there(plane, before) == kept


def older_chart(folder):
    """A chart of which replicaCount was called replicas."""
    shutil.copytree(chart.CHART, folder)
    (folder / 'files' / 'renamed.yaml').write_text('{}')
    with (folder / 'values.yaml').open('a') as values:
        values.write('replicas: 1\n')
    return folder


def test_a_value_that_a_newer_chart_calls_otherwise_is_refused_and_the_cure_works(plane, tmp_path, helm):
    helm('install', chart.RELEASE, older_chart(tmp_path / 'older'), '--set', 'replicas=2')
    for keep in ('--reuse-values', '--reset-then-reuse-values'):
        with pytest.raises(chart.Refused) as refused:
            helm('upgrade', chart.RELEASE, chart.CHART, keep)
        assert 'replicas is no value of this chart, which calls it replicaCount' in str(refused.value)
        assert 'helm upgrade --reset-then-reuse-values --set replicas=null' in str(refused.value)
    helm('upgrade', chart.RELEASE, chart.CHART, '--reset-then-reuse-values', '--set', 'replicas=null,replicaCount=2')
    assert plane.get('deployment', chart.RELEASE, '-n', chart.NAMESPACE)['spec']['replicas'] == 2
    helm('uninstall', chart.RELEASE)


def test_without_keep_the_definitions_go_as_well(plane, helm, before):
    upgrade(helm, '--set', 'crds.keep=false')
    helm('uninstall', chart.RELEASE, '--wait')
    assert everything.objects(plane) == before
