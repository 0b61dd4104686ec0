"""Values that contradict each other are refused with a sentence that names them and the cure, with the schema and without it
(webhook.md H.8)."""
import base64
import json

import pytest

import chart

CA = chart.load((chart.CHART / 'ci' / 'existing-secret-values.yaml').read_text())['tls']['caBundle']
EXISTING = {'mode': 'existingSecret', 'existingSecret': 'x'}
RENAMED = chart.load((chart.CHART / 'files' / 'renamed.yaml').read_text())
REQUIRED = (chart.CHART / 'files' / 'required.txt').read_text().split()


@pytest.mark.parametrize('values, sentence', [
    ({'namespaceOverride': 'kube-system'}, 'the release cannot be in kube-system'),
    ({'tls': {'mode': 'helm'}}, 'tls.mode helm is unknown; it is one of selfManaged, certManager, existingSecret, files'),
    ({'webhook': {'namespaceMode': 'all'}}, 'webhook.namespaceMode all is unknown; it is optIn or optOut'),
    ({'policy': {'noMatch': 'pass'}}, 'policy.noMatch pass is unknown; it is one of deny, warn, allow'),
    ({'policy': {'unpinned': 'pass'}}, 'policy.unpinned pass is unknown'),
    ({'tls': {'mode': 'existingSecret', 'existingSecret': 'x'}}, 'tls.mode existingSecret needs tls.existingSecret'),
    ({'tls': {'mode': 'existingSecret', 'caBundle': CA}}, 'tls.mode existingSecret needs tls.existingSecret'),
    ({'tls': {'mode': 'certManager', 'existingSecret': 'x'}}, 'tls.existingSecret is of no use with tls.mode certManager'),
    ({'tls': {'caBundle': CA}}, 'tls.caBundle contradicts tls.mode selfManaged'),
    ({'tls': EXISTING | {'caBundle': 'ca.crt'}}, 'tls.caBundle is no PEM certificate'),
    ({'tls': EXISTING | {'caBundle': CA[:200]}}, 'tls.caBundle is no PEM certificate'),
    ({'tls': EXISTING | {'caBundle': CA + CA[:200]}}, 'tls.caBundle is no PEM certificate'),
    ({'tls': EXISTING | {'caBundle': base64.b64encode(CA.encode()).decode()}}, 'tls.caBundle is PEM in base64 once more'),
    ({'tls': EXISTING | {'caBundle': CA + CA.replace('CERTIFICATE', 'EC PRIVATE KEY')}}, 'tls.caBundle holds a private key'),
    ({'tls': EXISTING | {'existingSecret': 'certs/tls', 'caBundle': CA}}, 'tls.existingSecret "certs/tls" is no name of a secret'),
    ({'tls': {'mode': 'files', 'files': {'cert': '/a'}}}, 'tls.mode files needs tls.files.cert and tls.files.key'),
    ({'tls': {'clientAuth': {'enabled': True}}}, 'exactly one of tls.clientAuth.configMap and tls.clientAuth.secret'),
    ({'tls': {'clientAuth': {'enabled': True, 'configMap': 'a', 'secret': 'b'}}}, 'exactly one of tls.clientAuth.configMap'),
    ({'registry': {'ca': [{'configMap': 'a'}, {'key': 'b'}]}}, 'registry.ca[1] needs exactly one of configMap and secret'),
    ({'registry': {'pullSecrets': {'mode': 'some'}}}, 'registry.pullSecrets.mode some is unknown'),
    ({'registry': {'pullSecrets': {'mode': 'namespaces'}}}, 'needs registry.pullSecrets.namespaces'),
    ({'registry': {'pullSecrets': {'mode': 'names'}}}, 'needs registry.pullSecrets.names'),
    ({'hostNetwork': True}, 'hostNetwork with webhook.port 10250 takes the kubelet\'s port'),
    ({'metrics': {'port': 10250}}, 'webhook.port, webhook.healthPort and metrics.port must differ'),
    ({'podDisruptionBudget': {'minAvailable': 1}}, 'needs exactly one of minAvailable and maxUnavailable'),
    ({'podDisruptionBudget': {'maxUnavailable': None}}, 'needs exactly one of minAvailable and maxUnavailable'),
    ({'podDisruptionBudget': {'maxUnavailable': 0}}, 'podDisruptionBudget.maxUnavailable 0 lets no node be drained'),
    ({'podDisruptionBudget': {'maxUnavailable': None, 'minAvailable': 3}},
     'podDisruptionBudget.minAvailable 3 of 3 replicas lets no node be drained'),
    ({'autoscaling': {'enabled': True, 'minReplicas': 11}}, 'autoscaling.minReplicas is larger than autoscaling.maxReplicas'),
    ({'autoscaling': {'enabled': True, 'targetCPUUtilizationPercentage': None}}, 'autoscaling needs targetCPU'),
    ({'shutdown': {'delay': '31s'}}, 'shutdown takes up to 56000 ms'),
    ({'shutdown': {'preStopSleepSeconds': 16}}, 'shutdown takes up to 56000 ms'),
    ({'mutation': {'timeoutSeconds': 21}}, 'together exceed 30 s'),
    ({'serviceMonitor': {'enabled': True}, 'podMonitor': {'enabled': True}}, 'would scrape the same metrics twice'),
    ({'serviceMonitor': {'enabled': True}, 'metrics': {'enabled': False}}, 'serviceMonitor needs metrics.enabled'),
    ({'podMonitor': {'enabled': True, 'scrapeTimeout': '31s'}}, 'podMonitor.scrapeTimeout is longer than its interval'),
    ({'serviceAccount': {'create': False}}, 'serviceAccount.name is needed where serviceAccount.create is false'),
    ({'resourceQuota': {'create': True}, 'priorityClassName': ''}, 'resourceQuota.create needs a priorityClassName'),
    ({'lifecycle': {'preStop': {}}, 'shutdown': {'preStopSleepSeconds': 1}}, 'both say what happens before the end'),
], ids=lambda value: json.dumps(value)[:60] if isinstance(value, dict) else '')
def test_is_refused(values, sentence):
    for by in chart.HELMS:
        assert sentence in (chart.refusal(values, '--skip-schema-validation', by=by) or '')


@pytest.mark.parametrize('by', chart.HELMS)
def test_a_release_into_kube_system_is_refused(by):
    assert 'the release cannot be in kube-system: ' in (chart.refusal({}, namespace='kube-system', by=by) or '')


@pytest.mark.parametrize('by', chart.HELMS)
def test_a_typo_is_named_and_where_it_is(by):
    for values, place in (({'replicaCont': 3}, "''"), ({'webhook': {'validatePods': {'replicaCont': 3}}}, "'/webhook/validatePods'")):
        assert f"at {place}: additional properties 'replicaCont' not allowed" in (chart.refusal(values, by=by) or '')


@pytest.mark.parametrize('by', chart.HELMS)
def test_a_name_that_is_another_one_here_is_refused_with_it(by):
    said = chart.refusal({}, *(f'--set={old}=x' for old in RENAMED if not is_below(old, RENAMED)), by=by)
    for old, new in RENAMED.items():
        if not is_below(old, RENAMED):
            assert f'* {old} is no value of this chart, which calls it {new}: rename it in your values\n' in said
    assert f'{said}\n'.count('\n* ') == len(RENAMED) > 40 and '--set replicas=null\n' in chart.refusal(
        {'replicas': 3}, '--is-upgrade', by=by)


def is_below(name, others):
    return any(name.startswith(other + '.') for other in others)


def test_the_names_that_are_others_here_are_no_values_and_their_new_names_are():
    known = {'.'.join(path[:n]) for path in chart.values() for n in range(1, len(path) + 1)}
    assert set(RENAMED) & known == set() and {new.split(',')[0] for new in RENAMED.values()} <= known


@pytest.mark.parametrize('by', chart.HELMS)
def test_a_value_that_must_be_there_is_missed_by_its_name(by):
    said = chart.refusal({}, *(f'--set={name}=null' for name in REQUIRED), by=by)
    assert [line.split()[1] for line in said.splitlines() if line.startswith('* ')] == REQUIRED
    assert '* registry.pullSecrets is missing: ' in chart.refusal({'registry': {'pullSecrets': None}}, by=by)


def test_all_others_may_be_null():
    missing = set(REQUIRED)
    others = [name for name in map('.'.join, chart.values()) if name not in missing]
    needed = {'podDisruptionBudget.maxUnavailable', 'autoscaling.targetCPUUtilizationPercentage'}  # or their neighbours
    given = {'serviceMonitor': {'enabled': True}, 'prometheusRule': {'enabled': True}, 'grafanaDashboard': {'enabled': True},
             'resourceQuota': {'create': True}, 'autoscaling': {'enabled': True}, 'tls': {'mode': 'certManager'}}
    assert len(others) > 80 and len(chart.objects(given, *(f'--set={name}=null' for name in others if name not in needed))) > 20


def may_be_null(path):
    schema = json.loads((chart.CHART / 'values.schema.json').read_text())
    for name in path:
        schema = schema['properties'][name]
    return {'type': 'null'} in schema.get('oneOf', [])


def test_what_must_be_there_is_all_that_is_neither_empty_nor_a_list_nor_passed_on():
    found = set()
    for path, default in chart.values().items():
        is_plain = default not in ('', [], {}) and not isinstance(default, (dict, list)) and path not in chart.WHOLE
        found.add('.'.join(path if is_plain and not may_be_null(path) else path[:-1]))
    assert sorted(name for name in found if name and not any(other.startswith(name + '.') for other in found)) == REQUIRED


@pytest.mark.parametrize('values', [
    {'shutdown': {'delay': '30s'}}, {'shutdown': {'preStopSleepSeconds': 15}}, {'mutation': {'timeoutSeconds': 20}},
    {'podDisruptionBudget': {'maxUnavailable': None, 'minAvailable': 2}},
    {'podMonitor': {'enabled': True, 'scrapeTimeout': '30s'}},
    {'autoscaling': {'enabled': True, 'minReplicas': 10}}], ids=json.dumps)
def test_the_last_good_value_is_taken(values):
    assert chart.refusal(values) is None


def test_all_that_is_wrong_is_said_at_once():
    said = chart.refusal({'hostNetwork': True, 'mutation': {'timeoutSeconds': 21}, 'serviceAccount': {'create': False}})
    assert said.count('\n* ') == 3


@pytest.mark.parametrize('version, is_taken', [('1.29.9', False), ('1.30.0', True), ('1.31.4-gke.100', True),
                                               ('1.30.2-eks-abc', True)])
def test_versions_of_vendors_are_taken_and_old_ones_refused(version, is_taken):
    said = chart.refusal({}, kubernetes=version)
    assert (said is None) == is_taken and (is_taken or 'incompatible with Kubernetes' in said)
