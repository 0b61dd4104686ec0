#!/usr/bin/env python3
"""Makes the cases of every reason code: the policies, the evidence, and for each reason a case that has it and one
where the cure was followed. Usage: tests/reasons/make.py (needs python3-cryptography)."""
import datetime
import json
from pathlib import Path

import yaml

import world
from world import HOST

HERE = Path(__file__).resolve().parent
TIME = '2026-11-20T12:00:00Z'
BEFORE = datetime.datetime(2026, 11, 10)
LATER = datetime.datetime(2076, 10, 1)
# What a live service tells of a registry, as the recorded failure that it is.
FAILURES = {
    'registry_blocked': 'the registry is not among the allowed ones',
    'registry_auth': 'the registry wants a login',
    'registry_forbidden': 'the registry does not let this login read the repository',
    'registry_rate_limited': 'the registry answers 429',
    'registry_unreachable': 'connection refused',
    'registry_timeout': 'no answer within 5 s',
    'registry_dns': 'the name has no address',
    'registry_tls': 'the certificate is not of a known CA',
    'deadline': 'the time ended while the registry was asked',
    'overloaded': 'too many questions are under way',
}


def document(kind, name, spec, **metadata):
    return {'apiVersion': 'signet.dev/v1alpha1', 'kind': kind, 'metadata': {'name': name} | metadata, 'spec': spec}


def by_certificate(root='example', subject='team-a@example.org', **more):
    rule = {'trustRootRef': {'name': root}, 'identities': [{'subject': subject, 'issuer': world.ISSUER}]}
    return {'name': subject.partition('@')[0], 'certificate': rule} | more


class Written(yaml.SafeDumper):
    """Text of several lines as it is."""

    def ignore_aliases(self, data):
        return True


Written.add_representer(str, lambda dumper, text: dumper.represent_scalar(
    'tag:yaml.org,2002:str', text, style='|' if '\n' in text else None))


class Maker:
    def __init__(self):
        self.registry, self.evidence_files, self.cases = world.Registry(), {}, []
        self.ca, self.stranger = world.Ca('Example Root CA'), world.Ca('Stranger Root CA')
        self.a, self.b = self.ca.issue('team-a@example.org'), self.ca.issue('team-b@example.org')
        self.sign('good', 'cured')
        self.policy_files = {}

    # ---- what cases are made of

    def sign(self, repository, tag, signer=None, **how):
        return self.registry.signed(repository, tag, signer or self.a, **how)

    def write_policy(self, name, *documents):
        self.policy_files[name] = yaml.dump_all(documents, Dumper=Written, sort_keys=False, width=120)

    def root(self, name='example', ca=None, **more):
        authority = {'roots': {'pem': world.pem_of((ca or self.ca).certificate)}}
        crls = more.pop('crls', None)
        if crls:
            authority['crls'] = {'pem': crls}
        return document('TrustRoot', name, {'certificateAuthorities': [authority]} | more)

    def policy(self, name, repository, *authorities, **more):
        match = {'images': [f'{HOST}/{repository}']} | more.pop('match', {})
        return document('ClusterTrustPolicy', name, {'match': match, 'authorities': list(authorities)} | more)

    def case(self, name, decision, reason, images=None, **more):
        expect = {'decision': decision, 'reasons': [reason]}
        question = {} if images is None else {'images': images}
        self.cases.append({'name': name} | question | more | {'expect': expect})

    def pair(self, reason, failing, cured, **more):
        """The reason, and the same with its cure followed."""
        of_cured = more.pop('cured_more', more)
        self.case(reason, 'deny', reason, [f'{HOST}/{failing}'], **more)
        self.case(f'{reason}, cured', 'allow', 'verified', [f'{HOST}/{cured}'], **of_cured)

    # ---- reasons

    def trusted(self):
        self.case('verified', 'allow', 'verified', [f'{HOST}/good:cured'])
        self.write_policy('static-allow.yaml', self.policy('fixed', 'fixed', {'name': 'always', 'static': {
            'action': 'allow', 'message': 'a case'}}))
        self.registry.image('fixed', '1')
        self.case('static_allowed', 'allow', 'static_allowed', [f'{HOST}/fixed:1'], policies=['static-allow.yaml'])
        self.case('skipped_unchanged', 'allow', 'skipped_unchanged', [f'{HOST}/good:none'],
                  before=[f'{HOST}/good:none'])
        self.case('no_policy_allow', 'allow', 'no_policy_allow', [f'other.example.com/web@sha256:{"0" * 64}'],
                  settings={'noMatch': 'allow'})

    def by_signature(self):
        registry = self.registry
        self.pair('no_policy_deny', '../other/web:1', 'good:cured')
        self.cases[-2]['images'] = ['other.example.com/web:1']
        registry.image('good', 'unsigned')
        self.pair('no_signature', 'good:unsigned', 'good:cured')
        digest = registry.image('good', 'damaged')
        layer = registry.signature('good', digest, self.a)
        other = registry.signature('good', digest, self.b)
        layer['annotations']['dev.cosignproject.cosign/signature'] = other['annotations'][
            'dev.cosignproject.cosign/signature']
        registry.put_signatures('good', digest, [layer])
        self.pair('signature_invalid', 'good:damaged', 'good:cured')
        digest = registry.image('good', 'copied')
        registry.put_signatures('good', digest, [registry.signature('good', registry.image('good', 'x'), self.a)])
        self.pair('payload_mismatch', 'good:copied', 'good:cured')
        self.sign('good', 'team-b', self.b)
        self.pair('identity_mismatch', 'good:team-b', 'good:cured')
        self.sign('good', 'other-issuer', self.ca.issue('team-a@example.org', issuer='https://other.example.org'))
        self.pair('issuer_mismatch', 'good:other-issuer', 'good:cured')
        self.sign('good', 'stranger', self.stranger.issue('team-a@example.org'), ca=self.stranger)
        self.pair('chain_untrusted', 'good:stranger', 'good:cured')
        self.sign('good', 'expired', self.ca.issue('team-a@example.org', end=BEFORE))
        self.pair('chain_expired', 'good:expired', 'good:cured')
        self.sign('good', 'ca', self.ca.issue('team-a@example.org', is_ca=True))
        self.pair('cert_profile', 'good:ca', 'good:cured')

    def by_key(self):
        key, other = world.new_key(), world.new_key()
        self.write_policy('key.yaml', self.policy('key', 'key', {'name': 'key', 'key': {'pem': world.public_pem(key)}}))
        self.sign('key', 'other', (other, None))
        self.sign('key', 'cured', (key, None))
        self.pair('key_mismatch', 'key:other', 'key:cured', policies=['key.yaml'])

    def by_claims(self):
        self.write_policy(
            'claims.yaml', self.root(),
            self.policy('annotations', 'annotated', by_certificate(annotations={'stage': 'release'})),
            self.policy('names', 'named', by_certificate(signedIdentity={'match': 'repository'})))
        self.sign('annotated', 'without')
        self.sign('annotated', 'cured', annotations={'stage': 'release'})
        self.pair('annotation_mismatch', 'annotated:without', 'annotated:cured', policies=['claims.yaml'])
        self.sign('named', 'other', name=f'{HOST}/other')
        self.sign('named', 'cured')
        self.pair('signed_identity_mismatch', 'named:other', 'named:cured', policies=['claims.yaml'])

    def by_revocation(self):
        revoked = self.ca.issue('team-a@example.org')
        self.sign('revoked', 'revoked', revoked)
        self.sign('revoked', 'cured')
        policy = self.policy('revocation', 'revoked', by_certificate())
        self.write_policy('crl.yaml', self.root(crls=self.ca.crl(BEFORE, LATER, revoked[1])), policy)
        self.write_policy('crl-stale.yaml', self.root(crls=self.ca.crl(world.BEGIN, BEFORE, revoked[1])), policy)
        self.pair('revoked', 'revoked:revoked', 'revoked:cured', policies=['crl.yaml'])
        self.pair('crl_stale', 'revoked:cured', 'revoked:cured', policies=['crl-stale.yaml'],
                  cured_more={'policies': ['crl.yaml']})

    def by_format(self):
        registry = self.registry
        digest = registry.image('good', 'index')
        body = json.dumps({'schemaVersion': 2, 'mediaType': world.INDEX, 'manifests': []}).encode()
        registry.members['tags'][registry.signature_tag('good', digest)] = registry.put_manifest(
            'good', body, world.INDEX)
        self.pair('unsupported_format', 'good:index', 'good:cured')
        digest = registry.image('good', 'crowded')
        registry.put_signatures('good', digest, [registry.signature('good', digest, self.b)] * 51)
        self.pair('too_many_signatures', 'good:crowded', 'good:cured')
        digest = registry.image('good', 'large')
        layer = registry.signature('good', digest, self.a) | {'size': 128 * 1024 + 1}
        registry.put_signatures('good', digest, [layer])
        self.pair('limit_exceeded', 'good:large', 'good:cured')
        digest = registry.image('good', 'short')
        layer = registry.signature('good', digest, self.a)
        registry.put_signatures('good', digest, [layer | {'size': layer['size'] - 1}])
        self.pair('digest_mismatch', 'good:short', 'good:cured')
        digest = registry.image('good', 'ambiguous')
        registry.put_signatures('good', digest, [registry.signature('good', digest, self.a)], manifests=[])
        self.pair('ambiguous_manifest', 'good:ambiguous', 'good:cured')
        digest = registry.image('good', 'no-registry')
        registry.members['tags'][registry.signature_tag('good', digest)] = registry.put_manifest(
            'good', b'{"page": "hello"}')
        self.pair('registry_protocol', 'good:no-registry', 'good:cured')

    def by_policy(self):
        one, two = by_certificate(), by_certificate(subject='team-b@example.org')
        self.write_policy('threshold.yaml', self.root(), self.policy('both', 'both', one, two, threshold=2))
        self.sign('both', 'one')
        digest = self.registry.image('both', 'cured')
        self.registry.put_signatures('both', digest, [self.registry.signature('both', digest, signer)
                                                      for signer in (self.a, self.b)])
        self.pair('threshold_not_met', 'both:one', 'both:cured', policies=['threshold.yaml'])

        delegate = {'name': 'the-team-decides', 'delegate': {'trustRootRefs': [{'name': 'example'}]}}
        self.write_policy('delegate.yaml', self.root(), self.policy('delegated', 'good', delegate))
        self.write_policy('delegate-team.yaml', document('TrustPolicy', 'team', {
            'match': {'images': [f'{HOST}/**']}, 'authorities': [by_certificate()]}, namespace='shop'))
        self.pair('no_delegate', 'good:cured', 'good:cured', policies=['delegate.yaml'],
                  cured_more={'policies': ['delegate.yaml', 'delegate-team.yaml']})

        self.write_policy('static-deny.yaml', self.policy('closed', 'closed', {'name': 'never', 'static': {
            'action': 'deny', 'message': 'a case'}}))
        self.registry.image('closed', '1')
        self.pair('static_denied', 'closed:1', 'good:cured', policies=['policy.yaml', 'static-deny.yaml'])

        invalid = self.policy('invalid', 'good', by_certificate())
        invalid['spec']['thresold'] = 1
        self.write_policy('invalid.yaml', self.root(), invalid)
        self.pair('policy_invalid', 'good:cured', 'good:cured', policies=['invalid.yaml'], withPolicyErrors=True,
                  cured_more={'policies': ['policy.yaml']})
        self.write_policy('rootless.yaml', self.policy('rootless', 'good', by_certificate(root='missing')))
        self.write_policy('missing-root.yaml', self.root('missing'))
        self.pair('trust_root_missing', 'good:cured', 'good:cured', policies=['rootless.yaml'], withPolicyErrors=True,
                  cured_more={'policies': ['rootless.yaml', 'missing-root.yaml']})

        self.write_policy('selector.yaml', self.root(), self.policy('selector', 'good', by_certificate(), match={
            'namespaceSelector': {'matchLabels': {'tier': 'prod'}}}))
        self.write_policy('namespaces.yaml', self.root(), self.policy('selector', 'good', by_certificate(), match={
            'namespaces': ['shop']}))
        self.pair('config_not_ready', 'good:cured', 'good:cured', policies=['selector.yaml'],
                  cured_more={'policies': ['selector.yaml'], 'namespaceLabels': {'tier': 'prod'}})
        self.case('config_not_ready, cured by naming namespaces', 'allow', 'verified', [f'{HOST}/good:cured'],
                  policies=['namespaces.yaml'])

    def by_reference(self, cured_digest):
        self.pair('unpinned', 'good:cured', f'good:cured@{cured_digest}', mutate=False)
        self.pair('invalid_reference', 'Good:cured', 'good:cured')
        self.registry.members['tags'][f'{HOST}/good:none'] = None
        self.pair('image_not_found', 'good:none', 'good:cured')

    def by_registry(self):
        for reason, message in FAILURES.items():
            self.sign('good', reason)
            name = f'good:{reason}'
            failed = world.Registry()
            failed.fail(name, reason, message)
            file = f'{reason}.evidence.json'
            self.evidence_files[file] = failed.text()
            self.pair(reason, name, name, evidence=[file], cured_more={})

    def by_request(self):
        (HERE / 'no-review.json').write_text('{"kind": "PodList", "items": []}\n')
        self.case('malformed_request', 'deny', 'malformed_request', review='no-review.json')
        broken = {'spec': {'containers': f'{HOST}/good:cured'}}
        whole = {'spec': {'containers': [{'name': 'web', 'image': f'{HOST}/good:cured'}]}}
        self.case('malformed_request, cured', 'allow', 'verified', pod=whole)
        self.case('malformed_object', 'deny', 'malformed_object', pod=broken)
        self.case('malformed_object, cured', 'allow', 'verified', pod=whole)

    def make(self):
        self.write_policy('policy.yaml', self.root(), self.policy('good', 'good', by_certificate()))
        cured = self.registry.members['tags'][f'{HOST}/good:cured']
        self.trusted()
        self.by_signature()
        self.by_key()
        self.by_claims()
        self.by_revocation()
        self.by_format()
        self.by_policy()
        self.by_reference(cured)
        self.by_registry()
        self.by_request()
        for name, text in (self.policy_files | self.evidence_files).items():
            (HERE / name).write_text(text)
        (HERE / 'reasons.evidence.json').write_text(self.registry.text())
        head = {'apiVersion': 'signet.dev/v1alpha1', 'kind': 'PolicyCases', 'policies': ['policy.yaml'],
                'evidence': ['reasons.evidence.json'], 'time': TIME, 'namespace': 'shop'}
        text = yaml.dump(head | {'cases': self.cases}, Dumper=Written, sort_keys=False, width=120)
        (HERE / 'reasons.cases.yaml').write_text(
            f'# Made by make.py: every reason code, and the same case once its cure was followed.\n{text}')


if __name__ == '__main__':
    Maker().make()
