"""Values that contradict each other are refused with a sentence that names them and the cure, with the schema and without it
(webhook.md H.8)."""
import json

import pytest

import chart

CA = '-----BEGIN CERTIFICATE-----'


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
    ({'tls': {'mode': 'existingSecret', 'existingSecret': 'x', 'caBundle': 'ca.crt'}}, 'tls.caBundle is no PEM certificate'),
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
    said = chart.refusal(values, '--skip-schema-validation')
    assert sentence in (said or '')


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
