"""The API server takes what the chart and the kustomization install, `restricted` Pod Security takes their Pods, and nobody
takes a namespace out of enforcement who may not (webhook.md E.7, H.10, K-H13, K-E17). Nothing is called: there is no Signet."""
import subprocess

import pytest

import chart
import schemas
import tools
from control_plane import KubectlError
from waiting import wait_for
from world import namespace

CASE = pytest.mark.parametrize('case', chart.CASES, ids=lambda file: file.name.removesuffix('-values.yaml'))
GROUP = 'rbac.authorization.k8s.io'


@pytest.fixture(scope='module')
def cluster(plane):
    """With the definitions of others, and the kustomization applied without what would call Signet."""
    for file in tools.definitions():
        plane.kubectl('create', '-f', file)
    for file in tools.definitions():
        plane.kubectl('wait', '--for=condition=Established', '-f', file, '--timeout=30s')
    plane.kubectl('apply', '-k', chart.ROOT / 'deploy')
    for kind in ('validatingwebhookconfiguration', 'mutatingwebhookconfiguration'):
        plane.kubectl('delete', kind, 'signet')
    for name in ('shop', 'bank'):
        plane.apply(namespace(name))
    return plane


@CASE
def test_the_api_server_takes_every_object(cluster, case):
    shown = cluster.apply(chart.render_case(case), '--dry-run=server', '--validate=strict')
    lines = [line for line in shown.splitlines() if line.endswith('(server dry run)')]
    assert len(lines) == len(chart.objects(case))
    assert 'Warning' not in shown or case.name.startswith('host-network'), shown


@CASE
def test_restricted_pod_security_takes_the_pods(cluster, case):
    template = chart.named(chart.objects(case), 'Deployment')['spec']['template']
    template['spec'].pop('priorityClassName', None)
    pod = {'apiVersion': 'v1', 'kind': 'Pod', **template,
           'metadata': template['metadata'] | {'name': 'signet-0', 'namespace': chart.NAMESPACE}}
    try:
        cluster.create(pod, '--dry-run=server')
        refused = ''
    except KubectlError as why:
        refused = str(why)
    assert ('host namespaces (hostNetwork=true)' in refused) == case.name.startswith('host-network'), refused
    assert 'PodSecurity' not in refused or case.name.startswith('host-network')


@pytest.fixture(scope='module')
def conforms(cluster, folder):
    """What kubeconform, strict, says against a text; nothing where it finds nothing. The schema of definitions, which has a
    property $ref, is beyond it; crd_test.py shows that the API server takes them."""
    status, openapi = cluster.request('GET', '/openapi/v2')
    assert status == 200
    kinds = {thing['kind'] for case in chart.CASES for thing in chart.objects(case)}
    schemas.write(folder / 'schemas', openapi, kinds)

    def judge(text):
        command = [tools.path_of('kubeconform'), '-strict', '-skip', 'CustomResourceDefinition', '-schema-location',
                   f'{folder}/schemas/{schemas.LOCATION}', '-']
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=False, timeout=240)
        return '' if done.returncode == 0 else done.stdout + done.stderr
    return judge


@CASE
def test_kubeconform_finds_nothing(conforms, case):
    assert conforms(chart.render_case(case)) == ''


@pytest.mark.parametrize('right, wrong, said', [
    ('minReadySeconds:', 'minReadySecond:', 'minReadySecond'), ('replicas: 3', 'replicas: three', '/spec/replicas'),
    ('failurePolicy: Fail\n', 'failurePolicy: [Fail]\n', 'failurePolicy')])
def test_kubeconform_would_find(conforms, right, wrong, said):
    text = chart.render()
    assert right in text and said in conforms(text.replace(right, wrong))


# ---- the guard of namespaces


@pytest.fixture(scope='module')
def jane(cluster):
    """She may change every namespace and is nobody else."""
    rules = [{'apiGroups': [''], 'resources': ['namespaces', 'namespaces/status', 'namespaces/finalize'],
              'verbs': ['get', 'create', 'update', 'patch']}]
    cluster.apply({'apiVersion': f'{GROUP}/v1', 'kind': 'ClusterRole', 'metadata': {'name': 'namespaces'}, 'rules': rules})
    bind(cluster, 'namespaces', 'jane')
    cluster.apply(namespace('guarded', **{'signet.dev/enforce': 'true'}))
    assert wait_for(lambda: label(cluster, 'guarded', 'signet.dev/enforce-', '--dry-run=server'))


def bind(cluster, role, user):
    cluster.apply({'apiVersion': f'{GROUP}/v1', 'kind': 'ClusterRoleBinding', 'metadata': {'name': f'{role}-{user}'},
                   'roleRef': {'apiGroup': GROUP, 'kind': 'ClusterRole', 'name': role},
                   'subjects': [{'apiGroup': GROUP, 'kind': 'User', 'name': user}]})


def label(cluster, name, change, *arguments, user='jane'):
    """What is said against it; nothing when it is done."""
    try:
        cluster.kubectl('label', '--overwrite', 'namespace', name, change, '--as', user, *arguments)
        return ''
    except KubectlError as why:
        return str(why)


@pytest.mark.parametrize('change', ['signet.dev/enforce-', 'signet.dev/enforce=warn', 'signet.dev/enforce=false'])
def test_enforcement_is_not_weakened_by_whom_may_only_change_namespaces(cluster, jane, change):
    said = label(cluster, 'guarded', change)
    assert 'needs the verb exempt on namespaceexemptions of signet.dev (ClusterRole signet-exempt)' in said


@pytest.mark.parametrize('subresource', ['status', 'finalize'])
def test_nor_through_a_subresource(cluster, jane, subresource):
    found = cluster.get('namespace', 'guarded')
    found['metadata']['labels'].pop('signet.dev/enforce')
    path = f'/api/v1/namespaces/guarded/{subresource}'
    status, answer = cluster.request('PUT', path, found, headers={'Impersonate-User': 'jane'})
    assert status == 403 and 'namespaceexemptions' in answer['message'], answer


def test_what_does_not_weaken_is_free(cluster, jane):
    assert label(cluster, 'guarded', 'team=shop') == ''
    cluster.apply(namespace('free'))
    for change in ('signet.dev/enforce=warn', 'signet.dev/enforce=true'):
        assert label(cluster, 'free', change) == ''
    assert 'namespaceexemptions' in label(cluster, 'free', 'signet.dev/enforce=warn')


def test_who_has_the_right_may(cluster, jane):
    bind(cluster, 'namespaces', 'olga')
    bind(cluster, 'signet-exempt', 'olga')
    assert wait_for(lambda: label(cluster, 'guarded', 'signet.dev/enforce-', '--dry-run=server', user='olga') == '')


def test_opt_out_guards_the_exemption_and_the_labels_of_policies(cluster, jane):
    things = chart.objects(chart.CHART / 'ci' / 'opt-out-values.yaml')
    guard = chart.named(things, 'ValidatingAdmissionPolicy', 'signet-namespace-guard')
    cluster.apply(namespace('out', tier='production'))
    cluster.apply(guard)
    try:
        assert wait_for(lambda: 'namespaceexemptions' in label(cluster, 'out', 'signet.dev/exempt=true', '--dry-run=server'))
        for change in ('signet.dev/enforce=warn', 'tier-', 'tier=test', 'control-plane=x'):
            assert 'namespaceexemptions' in label(cluster, 'out', change), change
        for change in ('signet.dev/exempt=false', 'signet.dev/enforce=true', 'team=shop'):
            assert label(cluster, 'out', change) == '', change
    finally:
        cluster.kubectl('apply', '-f', chart.ROOT / 'deploy' / 'manifests' / 'namespace-guard.yaml')


def test_the_notes_name_what_is_there(cluster):
    """helm fills them in only when it talks to a cluster."""
    def notes(*values):
        text = chart.helm('install', 'signet', chart.CHART, '--namespace', 'guards', '--create-namespace', '--dry-run=server',
                          '--kubeconfig', cluster.kubeconfig, *(part for value in values for part in ('--set', value)),
                          '--set', 'fullnameOverride=guard,crds.install=false')
        return text.partition('NOTES:')[2]
    plain = notes()
    assert 'kubectl delete validatingwebhookconfiguration guard\n' in plain and 'signet.dev/enforce=true' in plain
    assert 'is denied in every namespace' in plain and 'kubectl -n guards delete secret guard-webhook-ca' in plain
    other = notes('webhook.namespaceMode=optOut', 'replicaCount=1', 'registry.pullSecrets.mode=all', 'policy.dryRun=true')
    assert 'signet.dev/exempt=true' in other
    for warning in ('there is one replica', 'Signet may read every secret of the cluster', 'nothing is denied'):
        assert warning in other and warning not in plain
