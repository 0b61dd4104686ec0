"""What the chart renders: the same twice, with the rights of deploy/rbac.yaml, webhooks that cannot lock the cluster, Pods
that a namespace under `restricted` takes (webhook.md E, F, H, K-H01 to K-H15)."""
import re
import sys

import pytest

import chart
from chart import named, objects, render

sys.path.append(str(chart.ROOT / 'tests' / 'cluster'))

import webhooks  # noqa: E402

CASE = pytest.mark.parametrize('case', chart.CASES, ids=lambda file: file.name.removesuffix('-values.yaml'))


@pytest.fixture(scope='module')
def defaults():
    return objects()


@CASE
def test_each_case_passes_the_strict_lint_and_renders_the_same_twice(case):
    chart.helm('lint', '--strict', '--quiet', chart.CHART, '--kube-version', chart.KUBERNETES, '--values', case)
    assert render(case) == chart.render_case(case)


def by_name(things):
    return {(thing['kind'], thing['metadata'].get('namespace'), thing['metadata']['name']): thing for thing in things}


@CASE
def test_helm_4_finds_nothing_and_renders_the_same_objects(case):
    chart.helm('lint', '--strict', '--quiet', chart.CHART, '--kube-version', chart.KUBERNETES, '--values', case, by='helm4')
    ours, theirs = (by_name(objects(case, by=by)) for by in chart.HELMS)
    assert ours == theirs and len(ours) > 15


def test_the_definitions_of_the_chart_are_those_of_deploy():
    ours, theirs = ({file.name: file.read_bytes() for file in folder.iterdir()}
                    for folder in (chart.CHART / 'files' / 'crds', chart.ROOT / 'deploy' / 'crds'))
    assert ours == theirs and len(ours) == 3
    for source in theirs.values():
        crd = chart.load(source)
        rendered = named(objects(), 'CustomResourceDefinition', crd['metadata']['name'])
        assert rendered['metadata'].pop('annotations') == {'helm.sh/resource-policy': 'keep'}
        assert rendered == crd
        assert 'annotations' not in named(objects({'crds': {'keep': False}}), 'CustomResourceDefinition',
                                          crd['metadata']['name'])['metadata']


def test_the_rights_are_those_of_deploy(defaults):
    expected = [thing for thing in chart.yaml.safe_load_all((chart.ROOT / 'deploy' / 'rbac.yaml').read_text())]
    assert len(expected) == 5
    for thing in expected:
        ours = named(defaults, thing['kind'])
        for rendered in (thing, ours):
            del rendered['metadata']['labels']
        assert ours == thing


def settings(things):
    return chart.load(named(things, 'ConfigMap')['data']['config.yaml'])


def hooks(things):
    return [hook for thing in things if thing['kind'].endswith('WebhookConfiguration') for hook in thing['webhooks']]


@CASE
def test_its_own_namespace_and_those_of_the_cluster_are_never_asked_about(case):
    for hook in hooks(objects(case)):
        if hook['name'] == 'policies.validate.signet.dev':
            assert 'namespaceSelector' not in hook
            continue
        first = hook['namespaceSelector']['matchExpressions'][0]
        assert (first['key'], first['operator']) == ('kubernetes.io/metadata.name', 'NotIn')
        assert first['values'][0] == chart.NAMESPACE and 'kube-system' in first['values']


def test_other_selectors_only_narrow():
    given = {'excludedNamespaces': [], 'namespaceSelector': {
        'matchLabels': {'tier': 'production'}, 'matchExpressions': [{'key': 'a', 'operator': 'Exists'}]}}
    selector = hooks(objects({'webhook': given}))[0]['namespaceSelector']
    assert selector == {'matchLabels': {'tier': 'production'}, 'matchExpressions': [
        {'key': 'kubernetes.io/metadata.name', 'operator': 'NotIn', 'values': [chart.NAMESPACE]},
        {'key': 'signet.dev/enforce', 'operator': 'In', 'values': ['true', 'warn']},
        {'key': 'a', 'operator': 'Exists'}]}


def test_opt_out_takes_every_namespace_that_is_not_exempt():
    expressions = hooks(objects({'webhook': {'namespaceMode': 'optOut'}}))[0]['namespaceSelector']['matchExpressions']
    assert expressions[1:] == [{'key': 'signet.dev/exempt', 'operator': 'NotIn', 'values': ['true']}]


def table(things):
    return {hook['name'].removesuffix('.signet.dev'): (
        hook['clientConfig']['service']['path'], hook['failurePolicy'], hook['timeoutSeconds'], hook['sideEffects'],
        [condition['name'] for condition in hook.get('matchConditions', [])],
        sorted(f'{"".join(rule["apiGroups"])}/{resource} {"+".join(rule["operations"])}'
               for rule in hook['rules'] for resource in rule['resources'])) for hook in hooks(things)}


PODS = ['/pods CREATE+UPDATE', '/pods/ephemeralcontainers UPDATE']
CHANGED, MIRROR = 'create-or-image-changed', 'not-a-mirror-pod'


def test_the_webhooks_are_those_of_the_table(defaults):
    assert table(defaults) == {
        'pods.mutate': ('/mutate', 'Ignore', 5, 'None', [CHANGED, MIRROR], PODS),
        'pods.validate': ('/validate', 'Fail', 10, 'NoneOnDryRun', [CHANGED, MIRROR], PODS),
        'workloads.validate': ('/validate', 'Ignore', 10, 'NoneOnDryRun', [CHANGED], [
            'apps/daemonsets CREATE+UPDATE', 'apps/deployments CREATE+UPDATE', 'apps/replicasets CREATE+UPDATE',
            'apps/statefulsets CREATE+UPDATE', 'batch/jobs CREATE+UPDATE']),
        'templates.validate': ('/validate', 'Ignore', 10, 'NoneOnDryRun', [], [
            '/podtemplates CREATE+UPDATE', '/replicationcontrollers CREATE+UPDATE', 'batch/cronjobs CREATE+UPDATE']),
        'policies.validate': ('/validate-policy', 'Ignore', 5, 'None', [], [
            'signet.dev/clustertrustpolicies CREATE+UPDATE', 'signet.dev/trustpolicies CREATE+UPDATE',
            'signet.dev/trustroots CREATE+UPDATE'])}
    every = table(objects(chart.CHART / 'ci' / 'opt-out-values.yaml'))
    assert every['extra.validate'][5] == ['tekton.dev/tasks CREATE+UPDATE']
    assert 'not-bypassed' in every['pods.validate'][4] and every['workloads.mutate'][0] == '/mutate'
    assert {hook[3] for hook in table(objects({'events': {'enabled': False}})).values()} == {'None'}
    for hook in hooks(defaults):
        assert hook['admissionReviewVersions'] == ['v1'] and hook['matchPolicy'] == 'Equivalent'


def test_the_conditions_are_those_that_are_tried_on_an_api_server(defaults):
    def words(conditions):
        return {one['name']: ''.join(one['expression'].split()).replace('(', '').replace(')', '') for one in conditions}
    shipped = {hook['name'].removesuffix('.signet.dev'): words(hook.get('matchConditions', [])) for hook in hooks(defaults)}
    assert shipped['pods.validate'] == shipped['pods.mutate'] == words(webhooks.FOR_PODS)
    assert shipped['workloads.validate'] == words(webhooks.FOR_TEMPLATES)


@pytest.mark.parametrize('again, pods, workloads', [('false', True, True), ('workloads', True, False), ('all', False, False)])
def test_what_is_judged_again_is_asked_about(again, pods, workloads):
    found = table(objects({'policy': {'reverifyUnchanged': again}}))
    assert [CHANGED in found[name][4] for name in ('pods.validate', 'workloads.validate')] == [pods, workloads]


@pytest.mark.parametrize('case, has_bundle, injected', [
    ('default', False, False), ('cert-manager', False, True), ('existing-secret', True, False), ('files', False, False)])
def test_a_bundle_is_rendered_only_where_nobody_keeps_it(case, has_bundle, injected):
    things = objects(chart.CHART / 'ci' / f'{case}-values.yaml')
    assert {'caBundle' in hook['clientConfig'] for hook in hooks(things)} == {has_bundle}
    for thing in things:
        if thing['kind'].endswith('WebhookConfiguration'):
            annotation = thing['metadata'].get('annotations', {}).get('cert-manager.io/inject-ca-from')
            assert annotation == ('signet-system/signet-webhook-tls' if injected else None)
    assert settings(things)['tls'].get('selfManaged', False) == (case == 'default')


@pytest.mark.parametrize('image, expected', [
    ({}, 'ghcr.io/example/signet:0.1.0'), ({'tag': 'v9'}, 'ghcr.io/example/signet:v9'),
    ({'digest': 'sha256:' + 'a' * 64}, 'ghcr.io/example/signet:0.1.0@sha256:' + 'a' * 64)])
def test_the_image(image, expected):
    for registry in ('', 'mirror.corp'):
        text = render({'image': image, 'global': {'imageRegistry': registry}, 'crds': {'install': False}})
        assert f'image: {expected.replace("ghcr.io", registry or "ghcr.io")}\n' in text


@CASE
def test_nothing_writable_no_capability_no_root(case):
    spec = named(objects(case), 'Deployment')['spec']['template']['spec']
    assert spec['automountServiceAccountToken'] is False and spec['securityContext']['runAsNonRoot'] is True
    assert spec['securityContext']['seccompProfile'] == {'type': 'RuntimeDefault'}
    assert ('runAsUser' in spec['securityContext']) == ('openshift' not in case.name)
    assert spec['containers'][0]['securityContext'] == {
        'allowPrivilegeEscalation': False, 'readOnlyRootFilesystem': True, 'privileged': False,
        'capabilities': {'drop': ['ALL']}}
    assert all(mount['readOnly'] for mount in spec['containers'][0]['volumeMounts'])


def kinds(things):
    return {thing['kind'] for thing in things}


def test_one_replica_has_no_disruption_budget_and_a_scaler_no_replicas(defaults):
    assert 'PodDisruptionBudget' in kinds(defaults) and 'replicas' in named(defaults, 'Deployment')['spec']
    assert 'PodDisruptionBudget' not in kinds(objects({'replicaCount': 1}))
    assert 'replicas' not in named(objects({'autoscaling': {'enabled': True}}), 'Deployment')['spec']


def test_a_changed_setting_restarts_the_pods_and_a_changed_policy_does_not():
    def checksum(values):
        template = named(objects(values), 'Deployment')['spec']['template']
        return template['metadata']['annotations']['checksum/config']
    first, second = ({'policies': {'a': {'match': {'images': [image]}}}} for image in ('a', 'b'))
    assert checksum(first) == checksum(second) != checksum({'policy': {'noMatch': 'warn'}})


def secret_rules(things):
    return [(thing['kind'], thing['metadata'].get('namespace', ''), rule.get('resourceNames', []), rule['verbs'])
            for thing in things if thing['kind'] in ('Role', 'ClusterRole') for rule in thing['rules']
            if 'secrets' in rule['resources']]


@pytest.mark.parametrize('case, expected', [
    ('default', []), ('pull-secrets-all', [('ClusterRole', '', [], ['get'])]),
    ('pull-secrets-names', [('ClusterRole', '', ['regcred'], ['get'])]),
    ('pull-secrets-namespaces', [('Role', chart.NAMESPACE, ['corp-root'], ['list', 'watch']),
                                 ('Role', chart.NAMESPACE, ['robot'], ['get']), ('Role', 'bank', ['regcred'], ['get']),
                                 ('Role', 'shop', ['regcred'], ['get'])])])
def test_rights_to_secrets_are_those_that_the_values_name(case, expected):
    own = [('Role', chart.NAMESPACE, ['signet-webhook-ca'], ['get', 'list', 'watch', 'update']),
           ('Role', chart.NAMESPACE, [], ['create'])]
    things = objects(chart.CHART / 'ci' / f'{case}-values.yaml')
    assert sorted(secret_rules(things)) == sorted(own + expected)
    bound = {thing['roleRef']['name'] for thing in things if thing['kind'].endswith('Binding') and 'roleRef' in thing}
    assert ('signet-pull-secrets' in bound) == ('pull-secrets' in case)


def test_other_certificates_need_no_secret_of_a_ca():
    things = objects(chart.CHART / 'ci' / 'cert-manager-values.yaml')
    assert secret_rules(things) == []
    patched = [rule['verbs'] for rule in named(things, 'ClusterRole')['rules']
               if 'validatingwebhookconfigurations' in rule['resources']]
    assert patched == [['get', 'list', 'watch']]


def test_the_guard_protects_the_labels_that_policies_select_by():
    guard = named(objects(chart.CHART / 'ci' / 'opt-out-values.yaml'), 'ValidatingAdmissionPolicy', 'signet-namespace-guard')
    selected = guard['spec']['variables'][-1]['expression']
    assert selected.startswith('["control-plane","kubernetes.azure.com/managedby","tier"].exists(')


def test_values_with_templates_are_filled_in():
    things = objects({'podAnnotations': {'owner': '{{ .Release.Name }}-team'}})
    template = named(things, 'Deployment')['spec']['template']
    assert template['metadata']['annotations']['owner'] == 'signet-team'


def test_everything_is_in_the_namespace_of_the_release():
    for thing in objects(chart.CHART / 'ci' / 'monitoring-values.yaml', namespace='guards', release='x'):
        namespace = thing['metadata'].get('namespace')
        assert namespace in (None, 'guards')
        assert thing['metadata']['name'].startswith('x-signet') or thing['kind'] == 'CustomResourceDefinition'


# ---- alerts

RULES = chart.load((chart.CHART / 'files' / 'rules.yaml').read_text())['groups']
ALERTS = [rule for group in RULES for rule in group['rules'] if 'alert' in rule]


def test_rules_use_metrics_that_operators_read_about():
    table_ = (chart.ROOT / 'deploy' / 'README.md').read_text()
    documented = set(re.findall(r'^\| `([a-z_]+)` \|', table_, re.M))
    used = {name for group in RULES for rule in group['rules']
            for name in re.findall(r'(?<!:)\b(?:signet|process)_[a-z_0-9]+(?!:)\b', rule['expr'])}
    plain = {re.sub(r'_(bucket|sum|count)$', '', name) for name in used}
    assert len(plain) > 15 and plain - documented == set()


def test_every_alert_says_what_it_is_and_what_to_do():
    readme = (chart.CHART / 'README.md').read_text()
    assert [rule['alert'] for rule in ALERTS] and len(ALERTS) == len({rule['alert'] for rule in ALERTS})
    for rule in ALERTS:
        assert set(rule['annotations']) == {'summary', 'description'}
        assert rule['labels']['severity'] in ('info', 'warning', 'critical')
        assert f'\n### {rule["alert"]}\n' in readme
    assert set(re.findall(r'^### (\w+)$', readme, re.M)) == {rule['alert'] for rule in ALERTS}


def test_rules_name_the_release_and_the_runbook():
    rules = named(objects(chart.CHART / 'ci' / 'monitoring-values.yaml', namespace='guards', release='x'),
                  'PrometheusRule', 'x-signet')
    alerts = {rule['alert']: rule for group in rules['spec']['groups'] for rule in group['rules'] if 'alert' in rule}
    assert set(alerts) == {rule['alert'] for rule in ALERTS}
    assert alerts['SignetReplicasLow']['expr'].count('{namespace="guards",deployment="x-signet"}') == 1
    assert alerts['SignetDown']['annotations']['runbook_url'].endswith('/charts/signet/README.md#signetdown')
    assert '{{ $labels.name }}' in alerts['SignetFailOpen']['annotations']['summary']
