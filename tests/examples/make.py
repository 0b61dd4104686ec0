#!/usr/bin/env python3
"""Makes what the examples of policies/ rest on: certificates, CRLs, signatures, recorded evidence.

Usage: SIGNET=build/signet tests/examples/make.py
Real cfssl, openssl and cosign, a real registry called registry.example.com. Keys are thrown away, so everything is made
anew together; the images are the same each time, and the dates are those of authorities.py.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from authorities import CfsslAuthority, OpensslAuthority, RsaAuthority
import named_registry
import signing
import tools

POLICIES = Path(__file__).resolve().parents[2] / 'policies'
CHAIN = ('--certificate-chain', 'CHAIN')
COSIGN2 = ('cosign2', '--tlog-upload=false')
BUNDLE = ('cosign3', *signing.OFFLINE)


class Maker:
    def __init__(self, folder):
        self.folder, self.signet = folder, os.environ['SIGNET']
        self.registry = named_registry.NamedRegistry(folder / 'registry')
        self.images = {}
        shared = OpensslAuthority(folder / 'example')
        shared.issue('team-a', 'team-a@example.org')
        shared.issue('team-b', 'team-b@example.org')
        shared.issue('release', 'release@example.org')
        self.shared = shared
        self.stranger = OpensslAuthority(folder / 'stranger')
        self.stranger.issue('team-a', 'team-a@example.org')

    # ---- steps

    def image(self, example, name):
        """Pushed, and to be recorded for the example."""
        repository, _, tag = name.partition(':')
        reference = self.registry.push_image(repository, tag)
        self.images.setdefault(example, []).append(f'{named_registry.HOST}/{name}')
        return reference

    def cosign(self, tool, *arguments, **more):
        environment = self.registry.environment() | more
        signing.cosign(tool, arguments, self.folder, environment)

    def import_key(self, authority, name):
        prefix = authority.folder / f'cosign-{name}'
        if not prefix.with_suffix('.key').exists():
            self.cosign('cosign2', 'import-key-pair', '--key', authority.key(name), '--output-key-prefix', prefix)
        return prefix.with_suffix('.key')

    def sign(self, reference, authority, name, how=COSIGN2 + CHAIN, **more):
        tool, *flags = (authority.chain if flag == 'CHAIN' else flag for flag in how)
        self.cosign(tool, 'sign', '--yes', '--key', self.import_key(authority, name), '--certificate',
                    authority.certificate(name), *flags, reference, **more)

    def signed(self, example, image, authority, name, how=COSIGN2 + CHAIN, **more):
        reference = self.image(example, image)
        self.sign(reference, authority, name, how, **more)
        return reference

    def give_roots(self, example, authority, intermediate=False):
        shutil.copyfile(authority.root, POLICIES / example / 'root-ca.pem')
        if intermediate:
            shutil.copyfile(authority.intermediate, POLICIES / example / 'intermediate-ca.pem')

    # ---- examples

    def own_pki(self):
        for tool, kind in (('cfssl', CfsslAuthority), ('openssl', RsaAuthority)):
            example, authority = f'own-pki-{tool}', kind(self.folder / tool)
            self.give_roots(example, authority, intermediate=True)
            authority.issue('team-a', 'team-a@example.org')
            authority.issue('auditor', 'auditor@example.org')
            self.signed(example, f'{tool}/web:cosign2', authority, 'team-a')
            self.signed(example, f'{tool}/web:cosign3', authority, 'team-a', BUNDLE + CHAIN)
            self.signed(example, f'{tool}/web:cosign3-leaf-only', authority, 'team-a', BUNDLE)
            self.signed(example, f'{tool}/web:auditor', authority, 'auditor')
            self.signed(example, f'{tool}/web:stranger', self.stranger, 'team-a')
            self.image(example, f'{tool}/web:unsigned')

    def delegation(self):
        self.give_roots('delegation', self.shared)
        for name in ('team-a', 'team-b', 'release'):
            self.signed('delegation', f'delegation/web:{name}', self.shared, name)

    def identities(self):
        self.give_roots('identities', self.shared, intermediate=True)
        self.shared.issue('lookalike', 'team-a@example-org.example')
        self.shared.issue('almost', 'my-team-a@example.org')
        self.shared.issue('build', 'https://ci.example.org/shop/web', code_signing=True)
        self.shared.issue('build-without-usage', 'https://ci.example.org/shop/web')
        self.shared.issue('no-extension', 'team-a@example.org', issuer=None)
        for kind, names in (('exact', ('release', 'team-a')), ('regexp', ('team-a', 'lookalike', 'almost')),
                            ('uri', ('build', 'build-without-usage')), ('issuer-dn', ('no-extension', 'team-b'))):
            for name in names:
                self.signed('identities', f'identities/{kind}/web:{name}', self.shared, name)

    def root_rotation(self):
        for age in ('old', 'new'):
            authority = OpensslAuthority(self.folder / age, f'Example {age.title()}')
            authority.issue('team-a', 'team-a@example.org')
            shutil.copyfile(authority.root, POLICIES / 'root-rotation' / f'{age}-root-ca.pem')
            self.signed('root-rotation', f'rotation/web:{age}', authority, 'team-a')

    def two_signatures(self):
        self.give_roots('two-signatures', self.shared)
        self.shared.issue('builder', 'build@example.org')
        self.shared.issue('release-with-the-key-of-the-build', 'release@example.org', key_of='builder')
        shutil.copyfile(self.shared.key('builder'), self.shared.key('release-with-the-key-of-the-build'))
        both = self.signed('two-signatures', 'two/web:both', self.shared, 'builder')
        self.sign(both, self.shared, 'release')
        self.signed('two-signatures', 'two/web:build-alone', self.shared, 'builder')
        same = self.signed('two-signatures', 'two/web:one-key', self.shared, 'builder')
        self.sign(same, self.shared, 'release-with-the-key-of-the-build')

    def break_glass(self):
        self.give_roots('break-glass', self.shared)
        self.signed('break-glass', 'break-glass/web:signed', self.shared, 'team-a')
        digest = self.image('break-glass', 'break-glass/web:hotfix').partition('@')[2]
        self.image('break-glass', 'break-glass/web:other')
        policy = POLICIES / 'break-glass' / 'policy.yaml'
        policy.write_text(re.sub(r'digests: \["[^"]*"\]', f'digests: ["{digest}"]', policy.read_text()))

    def warn_then_enforce(self):
        self.give_roots('warn-then-enforce', self.shared)
        self.signed('warn-then-enforce', 'rollout/web:signed', self.shared, 'team-a')
        self.image('warn-then-enforce', 'rollout/web:unsigned')

    def key_and_certificate(self):
        self.give_roots('key-and-certificate', self.shared)
        self.signed('key-and-certificate', 'mixed/web:certificate', self.shared, 'team-a')
        for name in ('cosign', 'another'):
            self.cosign('cosign2', 'generate-key-pair', '--output-key-prefix', self.folder / name)
            image = self.image('key-and-certificate', f'mixed/web:{name}')
            self.cosign('cosign2', 'sign', '--yes', '--key', self.folder / f'{name}.key', '--tlog-upload=false', image)
        shutil.copyfile(self.folder / 'cosign.pub', POLICIES / 'key-and-certificate' / 'cosign.pub')

    def revocation(self):
        authority = OpensslAuthority(self.folder / 'revocation')
        self.give_roots('revocation', authority)
        for name in ('team-a', 'team-b'):
            authority.issue(name, f'{name}@example.org')
            self.signed('revocation', f'revocation/app:{name}', authority, name)
        authority.revoke('team-b')
        (POLICIES / 'revocation' / 'crls.pem').write_text(authority.crls())

    def signature_repository(self):
        self.give_roots('signature-repository', self.shared)
        self.signed('signature-repository', 'elsewhere/web:signed', self.shared, 'team-a',
                    COSIGN_REPOSITORY=f'{named_registry.HOST}/signatures/shop')
        self.signed('signature-repository', 'elsewhere/web:beside', self.shared, 'team-a')

    def air_gap(self):
        self.give_roots('air-gap', self.shared)
        image = self.signed('air-gap', 'air-gap/web:1', self.shared, 'team-a')
        layout = POLICIES / 'air-gap' / 'layout'
        shutil.rmtree(layout, ignore_errors=True)
        self.cosign('cosign2', 'save', '--dir', layout, image)
        for file in filter(Path.is_file, layout.rglob('*')):
            file.chmod(0o644)

    # ---- evidence

    def record(self, example):
        """What a verdict may ask the registry for these images."""
        place = POLICIES / example / 'example.evidence.json'
        place.unlink(missing_ok=True)
        record = [flag for image in self.images[example] for flag in ('--record', image)]
        done = subprocess.run([self.signet, 'policy', 'test', str(POLICIES / example), *record, '--output', str(place)],
                              env=self.registry.environment(), capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f'{example}: {done.stdout}{done.stderr}')

    def make(self):
        for step in (self.own_pki, self.delegation, self.identities, self.root_rotation, self.two_signatures,
                     self.break_glass, self.warn_then_enforce, self.key_and_certificate, self.revocation,
                     self.signature_repository, self.air_gap):
            step()
            print(step.__name__, flush=True)
        for example in self.images:
            self.record(example)


def main():
    if 'SIGNET' not in os.environ:
        sys.exit('name the program: SIGNET=build/signet tests/examples/make.py')
    if tools.missing():
        sys.exit('the signing tools are not there: run tests/e2e/tools.py')
    with tempfile.TemporaryDirectory(prefix='signet-examples-') as place:
        maker = Maker(Path(place))
        try:
            maker.make()
        finally:
            maker.registry.close()


if __name__ == '__main__':
    main()
