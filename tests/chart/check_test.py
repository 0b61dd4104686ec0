"""What `helm test` makes: one Pod with our own image that may read two objects and no more, where a namespace under
`restricted` takes it, and that goes when it passed (webhook.md H.10)."""
import pytest

import chart
from chart import named, objects

NAME = f'{chart.RELEASE}-check'
CASE = pytest.mark.parametrize('case', chart.CASES, ids=lambda file: file.name.removesuffix('-values.yaml'))


def made(things):
    return [thing for thing in things if 'helm.sh/hook' in thing['metadata'].get('annotations', {})]


def arguments(values):
    return named(objects(values), 'Pod', NAME)['spec']['containers'][0]['args']


@CASE
def test_all_of_it_is_made_for_the_test_and_goes_with_it(case):
    things = made(objects(case))
    assert 'Pod' in {thing['kind'] for thing in things} <= {'Pod', 'ServiceAccount', 'ClusterRole', 'ClusterRoleBinding'}
    for thing in things:
        notes = thing['metadata']['annotations']
        assert notes['helm.sh/hook'] == 'test'
        assert notes['helm.sh/hook-delete-policy'] == 'before-hook-creation,hook-succeeded'
        assert thing['metadata']['labels']['app.kubernetes.io/component'] == 'check'
        assert (int(notes['helm.sh/hook-weight']) < 0) == (thing['kind'] != 'Pod')  # it finds its rights made


@CASE
def test_its_pod_is_as_closed_as_those_of_the_release(case):
    things = objects(case)
    theirs = next(thing for thing in things if thing['kind'] == 'Deployment')['spec']['template']['spec']
    ours = next(thing for thing in made(things) if thing['kind'] == 'Pod')['spec']
    assert ours['securityContext'] == theirs['securityContext'] and ours['restartPolicy'] == 'Never'
    assert not ours['automountServiceAccountToken'] and 'hostNetwork' not in ours
    assert ours.get('imagePullSecrets') == theirs.get('imagePullSecrets')
    container, = ours['containers']
    for same in ('image', 'imagePullPolicy', 'securityContext'):
        assert container[same] == theirs['containers'][0][same]
    assert [mount['readOnly'] for mount in container['volumeMounts']] == [True]


def test_it_may_read_our_two_configurations_and_nothing_else():
    things = objects()
    assert named(things, 'ClusterRole', NAME)['rules'] == [
        {'apiGroups': ['admissionregistration.k8s.io'], 'resourceNames': [chart.RELEASE], 'verbs': ['get'],
         'resources': ['validatingwebhookconfigurations', 'mutatingwebhookconfigurations']}]
    binding = named(things, 'ClusterRoleBinding', NAME)
    assert binding['roleRef']['name'] == NAME
    assert binding['subjects'] == [{'kind': 'ServiceAccount', 'name': NAME, 'namespace': chart.NAMESPACE}]
    assert named(things, 'ServiceAccount', NAME) and named(things, 'Pod', NAME)['spec']['serviceAccountName'] == NAME


@pytest.mark.parametrize('values', [{'rbac': {'create': False}}, {'serviceAccount': {'create': False, 'name': 'given'}}])
def test_where_somebody_else_makes_rights_it_takes_the_account_of_the_release(values):
    things = made(objects(values))
    assert [thing['kind'] for thing in things] == ['Pod']
    assert things[0]['spec']['serviceAccountName'] == values.get('serviceAccount', {}).get('name', chart.RELEASE)


def test_it_asks_what_the_service_of_the_metrics_has():
    things = objects()
    ports = {port['name']: port['port'] for port in named(things, 'Service', 'signet-metrics')['spec']['ports']}
    there = 'http://signet-metrics.signet-system.svc'
    assert arguments({}) == ['check', '--webhook=signet', f'--readyz={there}:{ports["health"]}/readyz',
                             f'--metrics={there}:{ports["metrics"]}/metrics']
    assert arguments({'metrics': {'enabled': False}}) == ['check', '--webhook=signet']


def test_it_sends_no_review_where_the_api_server_must_show_a_certificate():
    given = {'tls': {'clientAuth': {'enabled': True, 'configMap': 'clients'}}, 'metrics': {'enabled': False}}
    assert arguments(given) == ['check', '--webhook=signet', '--tls-only']


def test_the_network_policy_lets_it_in_wherever_it_does_not_let_everybody_in():
    given = {'networkPolicy': {'ingressCIDRs': ['10.0.0.0/8'], 'metricsFrom': [{'podSelector': {}}]}}
    things = objects(given)
    labels = named(things, 'Pod', NAME)['metadata']['labels'].items()
    narrowed = [rule['from'] for rule in named(things, 'NetworkPolicy')['spec']['ingress'] if 'from' in rule]
    assert len(narrowed) == 2
    for peers in narrowed:
        wanted = peers[-1]['podSelector']['matchLabels']
        assert wanted.items() <= labels and wanted['app.kubernetes.io/component'] == 'check'
    assert not any('from' in rule for rule in named(objects(), 'NetworkPolicy')['spec']['ingress'])
