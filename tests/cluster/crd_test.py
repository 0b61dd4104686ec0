"""The custom resource definitions on a real API server: they accept what the loader accepts, and refuse with a readable
message what a schema or CEL can see (webhook.md G.7, H.6, K-E29)."""
import base64
import json
import re
from pathlib import Path

import pytest
import yaml

from control_plane import KubectlError
from waiting import wait_for

ROOT = Path(__file__).resolve().parents[2]
CRDS = ROOT / 'deploy' / 'crds'
SAMPLES = ROOT / 'tests' / 'vectors' / 'policies'
PLURALS = ('trustroots', 'clustertrustpolicies', 'trustpolicies')
LONGEST = 200 * 1024
PEM = 'x'

# What a schema and CEL cannot see: PEM, regular expressions, names of labels, that a TrustRoot is there, the same object
# twice. What is good in a cluster only.
UNSEEN = {
    'certificate-unknown-root', 'identity-regexp', 'identity-regexp-flag', 'key-certificate', 'key-junk',
    'match-label-key', 'root-crl-certificate', 'root-junk-behind', 'root-key', 'root-leaf', 'root-leaf-intermediate',
    'root-crl-junk', 'set-same-policy', 'set-same-root', 'key-secret-ref', 'root-config-map-ref',
}
# What kubectl's YAML reads otherwise, and sends as something good: anchors, merge keys, tags, the last of two equal keys,
# `yes` as true, a key without value as none, no namespace as the present one.
READ_OTHERWISE = {
    'yaml-alias', 'yaml-anchor', 'yaml-byte-order-mark', 'yaml-duplicate-key', 'yaml-duplicate-match', 'yaml-merge-key',
    'yaml-tag', 'spec-mode-empty', 'spec-yes-is-text', 'head-no-namespace',
}


@pytest.fixture(scope='module', autouse=True)
def definitions(plane):
    plane.kubectl('apply', '-f', CRDS)
    for plural in PLURALS:
        plane.kubectl('wait', '--for=condition=Established', f'crd/{plural}.signet.dev', '--timeout=30s')
    plane.apply({'apiVersion': 'v1', 'kind': 'Namespace', 'metadata': {'name': 'team-a'}})
    assert wait_for(lambda: plane.kubectl('api-resources', '--api-group=signet.dev').count('signet.dev') == len(PLURALS))


def with_files(thing, folder):
    """An object has no files: what `file` names is written into it."""
    if isinstance(thing, list):
        return [with_files(entry, folder) for entry in thing]
    if not isinstance(thing, dict):
        return thing
    if set(thing) == {'file'}:
        contents = (folder / thing['file']).read_bytes()
        if b'-----BEGIN' not in contents:  # DER
            contents = (b'-----BEGIN X509 CRL-----\n' + base64.encodebytes(contents) + b'-----END X509 CRL-----\n')
        return {'pem': contents.decode()}
    return {key: with_files(value, folder) for key, value in thing.items()}


class Texts(yaml.SafeLoader):
    """A time is text, and so is every word but true and false."""


Texts.yaml_implicit_resolvers = {
    key: [(tag, pattern) for tag, pattern in resolvers
          if not tag.endswith('timestamp') and not (tag.endswith('bool') and key not in 'tTfF')]
    for key, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()}


def documents(path):
    return [with_files(thing, path.parent) for thing in yaml.load_all(path.read_text(), Texts) if thing]


def try_out(plane, thing):
    return plane.kubectl('create', '-f', '-', '--dry-run=server', given=thing)


def clean(thing):
    """As a person would apply it, without what the API server wrote."""
    for name in ('creationTimestamp', 'generation', 'managedFields', 'resourceVersion', 'selfLink', 'uid'):
        thing['metadata'].pop(name, None)
    return {key: value for key, value in thing.items() if key != 'status'}


@pytest.mark.parametrize('path', [*sorted((SAMPLES / 'good').glob('*.yaml')), *sorted((ROOT / 'policies').glob('*.yaml'))],
                         ids=lambda path: path.stem)
def test_a_good_sample_is_accepted(plane, path):
    found = documents(path)
    assert found
    for thing in found:
        try_out(plane, clean(thing))


@pytest.mark.parametrize('path', sorted((SAMPLES / 'bad').glob('*.yaml')), ids=lambda path: path.stem)
def test_a_bad_sample_is_refused(plane, path):
    """kubectl itself refuses what is not YAML or has no kind; the API server the rest, but what it cannot see."""
    if path.stem in UNSEEN:
        for thing in documents(path):
            try_out(plane, thing)
        return
    if path.stem in READ_OTHERWISE:
        plane.kubectl('create', '-f', path, '--dry-run=server')
        return
    with pytest.raises(KubectlError):
        plane.kubectl('create', '-f', path, '--dry-run=server')


# ---- each rule, on the good side and on the bad one

def policy(authorities=None, kind='ClusterTrustPolicy', match=None, **spec):
    metadata = {'name': 'x'} | ({'namespace': 'team-a'} if kind == 'TrustPolicy' else {})
    return {'apiVersion': 'signet.dev/v1alpha1', 'kind': kind, 'metadata': metadata,
            'spec': {'match': {'images': ['quay.io/a/**'], **(match or {})},
                     'authorities': authorities or [{'key': {'pem': PEM}}], **spec}}


def root(**ca):
    return {'apiVersion': 'signet.dev/v1alpha1', 'kind': 'TrustRoot', 'metadata': {'name': 'x'},
            'spec': {'certificateAuthorities': [{'roots': {'pem': PEM}, **ca}]}}


def signed(identity=None, **more):
    identity = identity or {'subject': 'a', 'issuer': 'b'}
    return {'certificate': {'trustRootRef': {'name': 'r'}, 'identities': [identity], **more}}


def inline(**more):
    return {'certificate': {'roots': {'pem': PEM}, 'identities': [{'subject': 'a', 'issuer': 'b'}], **more}}


REF = {'name': 'n', 'key': 'k'}
KEY, DENY, ALLOW = {'key': {'pem': PEM}}, {'static': {'action': 'deny'}}, {'static': {'action': 'allow'}}
DELEGATE = {'delegate': {'trustRootRefs': [{'name': 'r'}]}}
OPEN = {'match': {'images': ['**']}, 'onError': 'warn'}
RULES = [  # (what a person reads, good ones, bad ones)
    ('exactly one of certificate, key, static', [policy([KEY]), policy([signed()]), policy([DELEGATE])],
     [policy([{'name': 'a'}]), policy([KEY | ALLOW]), policy([signed() | DELEGATE])]),
    ('exactly one of certificate, key, static', [policy([ALLOW], 'TrustPolicy')], [policy([{}], 'TrustPolicy')]),
    ('mean nothing here', [policy([KEY | {'formats': ['bundle']}])],
     [policy([ALLOW | {'formats': ['bundle']}]), policy([DELEGATE | {'annotations': {'a': 'b'}}])]),
    ('keep one', [policy([KEY | {'formats': ['bundle', 'legacy']}])], [policy([KEY | {'formats': ['bundle', 'bundle']}])]),
    ('prefix and signedPrefix belong to',
     [policy([KEY | {'signedIdentity': {'match': 'remap', 'prefix': 'a.b', 'signedPrefix': 'c.d'}}])],
     [policy([KEY | {'signedIdentity': {'match': 'remap', 'prefix': 'a.b'}}]),
      policy([KEY | {'signedIdentity': {'match': 'any', 'prefix': 'a.b'}}])]),
    ('names of authorities are unique', [policy([KEY | {'name': 'a'}, KEY | {'name': 'b'}, KEY, KEY])],
     [policy([KEY | {'name': 'a'}, KEY, KEY | {'name': 'a'}])]),
    ('threshold is more than there are authorities', [policy([KEY, KEY], threshold=2)], [policy(threshold=2)]),
    ('count at threshold 1 only', [policy([KEY, signed()], threshold=2)],
     [policy([KEY, KEY, ALLOW], threshold=2), policy([KEY, KEY, DELEGATE], threshold=2),
      policy([KEY, KEY, ALLOW], 'TrustPolicy', threshold=2)]),
    ('deny stands alone', [policy([DENY]), policy([ALLOW, ALLOW])], [policy([DENY, KEY])]),
    ('only deny can go with a pattern', [policy(onError='allow')],
     [policy(**OPEN), policy(match={'images': ['quay.io/a', '*.a.org/b']}, onError='allow')]),
    ('needs trustRootRef or roots', [policy([inline()])],
     [policy([signed(roots={'pem': PEM})]), policy([{'certificate': {'identities': [{'subject': 'a', 'issuer': 'b'}]}}])]),
    ('belong into the TrustRoot', [policy([inline(revocation='off', chain={})])],
     [policy([signed(revocation='off')]), policy([signed(chain={})]), policy([signed(crls={'pem': PEM})])]),
    ('needs subject or subjectRegExp', [policy([signed({'subjectRegExp': 'a', 'issuer': 'b'})])],
     [policy([signed({'issuer': 'b'})]), policy([signed({'subject': 'a', 'subjectRegExp': 'a', 'issuer': 'b'})])]),
    ('both issuer and issuerRegExp', [policy([signed({'subject': 'a', 'issuerRegExp': 'b', 'issuerDN': 'c'})])],
     [policy([signed({'subject': 'a', 'issuer': 'b', 'issuerRegExp': 'b'})])]),
    ('both issuerDN and issuerDNRegExp', [policy([signed({'subject': 'a', 'issuerDN': 'b'})])],
     [policy([signed({'subject': 'a', 'issuerDN': 'b', 'issuerDNRegExp': 'b'})])]),
    ('needs issuer or issuerRegExp', [policy([signed({'subject': 'a', 'issuerDNRegExp': 'b'})])],
     [policy([signed({'subject': 'a'})])]),
    ('needs exactly one of pem, secretRef, configMapRef', [policy([{'key': {'secretRef': REF}}]), root(intermediates={'configMapRef': REF})],
     [policy([{'key': {'secretRef': REF, 'pem': PEM}}]), policy([{'key': {}}]), root(intermediates={})]),
    ('urls may stand beside it or alone', [root(crls={'urls': ['http://a/b']}), root(crls={'pem': PEM, 'urls': ['https://a/b']})],
     [root(crls={}), root(crls={'pem': PEM, 'configMapRef': REF})]),
    ('needs start, end or both', [root(validFor={'start': '2026-01-01T00:00:00Z'})], [root(validFor={})]),
    ('ends before it starts', [root(validFor={'start': '2026-01-01T00:00:00Z', 'end': '2026-01-01T01:00:00Z'})],
     [root(validFor={'start': '2026-01-01T00:00:00Z', 'end': '2025-01-01T00:00:00Z'})]),
    ('ends an allow only', [policy([{'static': {'action': 'allow', 'expires': '2026-01-01T00:00:00Z'}}])],
     [policy([{'static': {'action': 'deny', 'expires': '2026-01-01T00:00:00Z'}}])]),
    ('In and NotIn need a list',
     [policy(match={'namespaceSelector': {'matchExpressions': [{'key': 'a', 'operator': 'In', 'values': ['b']},
                                                               {'key': 'a', 'operator': 'Exists'}]}})],
     [policy(match={'namespaceSelector': {'matchExpressions': [{'key': 'a', 'operator': 'NotIn'}]}}),
      policy(kind='TrustPolicy',
             match={'objectSelector': {'matchExpressions': [{'key': 'a', 'operator': 'Exists', 'values': ['b']}]}})]),
    # A team names nothing that is the cluster's.
    ('unknown field "spec.authorities[0].delegate"', [policy([DELEGATE])], [policy([DELEGATE], 'TrustPolicy')]),
    ('unknown field "spec.match.namespaces"', [policy(match={'namespaces': ['a-*']})],
     [policy(kind='TrustPolicy', match={'namespaces': ['a']})]),
    ('unknown field "spec.match.objectSelector"', [policy(kind='TrustPolicy', match={'objectSelector': {}})],
     [policy(match={'objectSelector': {}})]),
    ('unknown field "spec.authorities[0].key.secretRef"', [policy([{'key': {'configMapRef': REF}}])],
     [policy([{'key': {'secretRef': REF}}], 'TrustPolicy')]),
    ('unknown field "spec.authorities[0].certificate.crls.urls"', [policy([inline(crls={'urls': ['https://a/b']})])],
     [policy([inline(crls={'urls': ['https://a/b']})], 'TrustPolicy')]),
]


@pytest.mark.parametrize('says, good, bad', RULES, ids=[f'{n}-{rule[0][:40]}' for n, rule in enumerate(RULES)])
def test_a_rule_holds_on_both_sides(plane, says, good, bad):
    for thing in good:
        try_out(plane, thing)
    for thing in bad:
        with pytest.raises(KubectlError) as refused:
            try_out(plane, thing)
        assert says in str(refused.value), json.dumps(thing['spec'])


def rules_of(schema):
    found = [rule['message'] for rule in schema.get('x-kubernetes-validations', [])]
    for below in [*schema.get('properties', {}).values(), *filter(None, [schema.get('items')])]:
        found += rules_of(below)
    return found


def schema_of(plural):
    return yaml.safe_load((CRDS / f'{plural}.yaml').read_text())['spec']['versions'][0]['schema']['openAPIV3Schema']


def test_every_rule_is_tried_out():
    messages = {message for plural in PLURALS for message in rules_of(schema_of(plural))}
    untried = {message for message in messages if not any(says in message for says, _, _ in RULES)}
    assert not untried


def test_a_client_that_asks_for_no_validation_makes_nothing_weaker(plane):
    """Unknown fields are dropped then; what stands without them is refused or asks for more, never for less."""
    path = '/apis/signet.dev/v1alpha1/namespaces/team-a/trustpolicies?dryRun=All&fieldValidation=Ignore'
    for thing in (policy([DELEGATE], 'TrustPolicy'), policy([{'key': {'secretRef': REF}}], 'TrustPolicy')):
        status, answer = plane.request('POST', path, thing)
        assert status == 422, answer


# ---- what a person sees

def fields_without_description(schema, path=''):
    found = [] if path in ('', '.metadata') or 'description' in schema else [path]
    for name, below in schema.get('properties', {}).items():
        found += fields_without_description(below, f'{path}.{name}')
    if schema.get('items', {}).get('type') == 'object':
        found += fields_without_description(schema['items'], f'{path}[]')
    return found


@pytest.mark.parametrize('plural', PLURALS)
def test_every_field_is_explained_and_the_whole_is_small(plane, plural):
    assert not fields_without_description(schema_of(plural))
    assert (CRDS / f'{plural}.yaml').stat().st_size < LONGEST
    shown = plane.kubectl('explain', f'{plural}.spec', '--recursive')
    assert 'revocation' in shown or 'threshold' in shown


def test_kubectl_explain_tells_what_a_field_means(plane):
    shown = ' '.join(plane.kubectl('explain', 'ctp.spec.authorities.certificate.identities.issuerRegExp').split())
    assert 'must match the whole value' in shown


def test_defaults_are_filled_in(plane):
    made = json.loads(plane.kubectl('create', '-f', '-', '--dry-run=server', '-o', 'json', given=policy([signed()])))
    spec = made['spec']
    assert (spec['mode'], spec['threshold'], spec['onError'], spec['requireDigest']) == ('enforce', 1, 'deny', False)
    assert spec['authorities'][0]['certificate']['identities'][0]['subjectType'] == 'any'
    assert spec['authorities'][0]['certificate']['requireCodeSigning'] is False


def test_a_list_shows_state_mode_and_age_at_a_glance(plane):
    plane.apply(policy(mode='warn'))
    conditions = [{'type': 'Ready', 'status': 'False', 'observedGeneration': 1, 'reason': 'Invalid',
                   'lastTransitionTime': '2026-01-01T00:00:00Z', 'message': 'spec.x: is wrong'}]
    path = '/apis/signet.dev/v1alpha1/clustertrustpolicies/x/status'
    status, answer = plane.request('PATCH', f'{path}?fieldManager=signet&force=true', {
        'apiVersion': 'signet.dev/v1alpha1', 'kind': 'ClusterTrustPolicy', 'metadata': {'name': 'x'},
        'status': {'observedGeneration': 1, 'conditions': conditions}}, 'application/apply-patch+yaml')
    assert status == 200, answer
    head, row = plane.kubectl('get', 'ctp').splitlines()
    assert head.split() == ['NAME', 'READY', 'MODE', 'REASON', 'SINCE', 'AGE']
    assert row.split()[:4] == ['x', 'False', 'warn', 'Invalid'] and re.fullmatch(r'\d+[dhms]+\d*\w*', row.split()[4])
    assert 'quay.io/a/**' in plane.kubectl('get', 'ctp', '-o', 'wide')
    assert 'spec.x: is wrong' in plane.kubectl('get', 'ctp', '-o', 'wide')
    for short in ('tp', 'troot', 'signet'):
        plane.kubectl('get', short, '-A')
    assert plane.kubectl('get', 'ctp', '--field-selector', 'spec.mode=enforce').strip() == 'No resources found'
    assert status_is_not_spec(plane)


def status_is_not_spec(plane):
    """A write of the object leaves its status alone."""
    return plane.get('ctp', 'x')['status']['conditions'][0]['reason'] == 'Invalid'


def test_both_kinds_of_policy_have_the_same_fields_but_those_of_the_cluster():
    def paths(schema, at=''):
        found = {at}
        for name, below in schema.get('properties', {}).items():
            found |= paths(below, f'{at}.{name}')
        return found | (paths(schema['items'], f'{at}[]') if 'items' in schema else set())
    cluster, team = paths(schema_of('clustertrustpolicies')), paths(schema_of('trustpolicies'))
    assert {path for path in team - cluster if not path.startswith('.spec.match.objectSelector')} == set()
    of_the_cluster = re.compile(r'\.(delegate|namespaces|namespaceSelector|secretRef|configMapRef|urls)\b')
    assert {path for path in cluster - team if not of_the_cluster.search(path)} == set()
