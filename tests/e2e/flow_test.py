#!/usr/bin/env python3
"""The signing flow of an organisation with an own PKI, live: real cfssl or openssl, real cosign, a real registry.

E2E_PKI (cfssl, openssl) and E2E_SIGNER (signing.SIGNERS) choose the flow, SIGNET names the program.
"""
import base64
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import pki
import registry
import serving
import signing
import tools

TRUSTED, NOT_TRUSTED, UNCHECKED = 0, 1, 2
SUBJECT, ISSUER = 'team-a@linuxera.org', 'https://linuxera.org'
EXACT = (f'--certificate-identity={SUBJECT}', f'--certificate-oidc-issuer={ISSUER}')
REGEXPS = ('--certificate-identity-regexp=team-.*@linuxera.org',
           '--certificate-oidc-issuer-regexp=https://linuxer.*.org')
ANY = ('--certificate-identity-regexp=.*', '--certificate-oidc-issuer-regexp=.*')
PARTS = ('--certificate-identity-regexp=team', '--certificate-oidc-issuer-regexp=linuxera')


def indented(text, by):
    return ''.join(' ' * by + line + '\n' for line in text.strip().splitlines())


def policy(images, root, intermediate, identity):
    return f'''apiVersion: signet.dev/v1alpha1
kind: TrustRoot
metadata: {{name: linuxera}}
spec:
  certificateAuthorities:
    - roots:
        pem: |
{indented(root.read_text(), 10)}      intermediates:
        pem: |
{indented(intermediate.read_text(), 10)}---
apiVersion: signet.dev/v1alpha1
kind: ClusterTrustPolicy
metadata: {{name: teams}}
spec:
  match:
    images: ["{images}"]
  authorities:
    - name: teams
      certificate:
        trustRootRef: {{name: linuxera}}
        identities: [{identity}]
'''


def exactly(subject):
    return f'{{subject: "{subject}", issuer: "{ISSUER}"}}'


class World:
    """What every test looks at: two PKIs, a registry, and four images in it."""

    def __init__(self, folder):
        self.folder = folder
        self.signet = os.environ['SIGNET']
        self.signer = signing.SIGNERS[os.environ['E2E_SIGNER']]
        self.pki = pki.MAKERS[os.environ['E2E_PKI']](folder / 'pki')
        self.foreign = pki.make_with_cfssl(folder / 'foreign')
        self.registry = registry.Registry(folder / 'registry')

    def fill(self):
        self.signed = self.sign('flow/signed', self.pki, 'team-a')
        self.by_team_b = self.sign('flow/team-b', self.pki, 'team-b')
        self.by_stranger = self.sign('flow/stranger', self.foreign, 'team-a')
        self.unsigned = self.registry.push_image('flow/unsigned', 'v1')

    def sign(self, repository, authority, team):
        image = self.registry.push_image(repository, 'v1')
        signing.sign(self.signer, authority, team, image, self.registry.environment())
        return image

    def environment(self):
        """No credentials and no proxies but those that a test gives."""
        empty = str(self.folder / 'empty')
        kept = {k: v for k, v in os.environ.items() if not re.match(r'(?i)(https?|all|no)_proxy$', k)}
        return kept | {'DOCKER_CONFIG': empty, 'HOME': empty}


world = None


def setUpModule():
    global world
    place = tempfile.TemporaryDirectory(prefix='signet-e2e-')
    unittest.addModuleCleanup(place.cleanup)
    world = World(Path(place.name))
    unittest.addModuleCleanup(world.registry.close)
    world.fill()


class VerifyTest(unittest.TestCase):
    # ---- asking signet

    def verify(self, *arguments, login='docker/config.json', ca=True):
        access = []
        if login:
            access += ['--registry-config', world.registry.folder / login]
        if ca:
            access += ['--registry-ca', world.registry.ca]
        command = [world.signet, 'verify', *access, *arguments]
        return subprocess.run([str(part) for part in command], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, check=False, env=world.environment())

    def expect(self, status, *arguments, says=None, **access):
        done = self.verify(*arguments, **access)
        said = done.stdout + done.stderr
        with self.subTest(arguments=[str(a) for a in arguments], access=access):
            self.assertEqual(done.returncode, status, said)
            if says:
                self.assertIn(says, said)
        return said

    def both(self):
        return '--ca-roots', world.pki.root, '--ca-intermediates', world.pki.intermediate

    # ---- the rows

    def test_accepts_the_own_signature(self):
        alone = TRUSTED if world.signer.carries_intermediate else NOT_TRUSTED
        self.expect(alone, world.signed, '--ca-roots', world.pki.root, *EXACT)
        self.expect(alone, world.signed, '--certificate-chain', world.pki.root, *EXACT)
        for trust in (self.both(), ('--certificate-chain', world.pki.chain)):
            for identity in (EXACT, REGEXPS, ANY):
                self.expect(TRUSTED, world.signed, *trust, *identity)

    def test_accepts_it_by_tag(self):
        tagged = world.signed.partition('@')[0] + ':v1'
        self.expect(TRUSTED, tagged, *self.both(), *EXACT, says=world.signed.partition('@')[2])

    def test_refuses_another_identity(self):
        for identity in (PARTS,
                         ('--certificate-identity=team-b@linuxera.org', EXACT[1]),
                         (EXACT[0], '--certificate-oidc-issuer=https://linuxera.example')):
            self.expect(NOT_TRUSTED, world.signed, *self.both(), *identity)
        self.expect(NOT_TRUSTED, world.by_team_b, *self.both(), *EXACT, says='team-b@linuxera.org')
        self.expect(TRUSTED, world.by_team_b, *self.both(), *REGEXPS)

    def test_refuses_a_foreign_root(self):
        mixed = '--ca-roots', world.foreign.root, '--ca-intermediates', world.pki.intermediate
        for trust in (('--ca-roots', world.foreign.root), ('--certificate-chain', world.foreign.chain), mixed):
            self.expect(NOT_TRUSTED, world.signed, *trust, *ANY)
        self.expect(NOT_TRUSTED, world.by_stranger, *self.both(), *ANY)
        self.expect(TRUSTED, world.by_stranger, '--certificate-chain', world.foreign.chain, *EXACT)

    def test_refuses_an_unsigned_image(self):
        self.expect(NOT_TRUSTED, world.unsigned, *self.both(), *ANY, says='no_signature')

    def test_refuses_another_time(self):
        for time in ('2020-01-01T00:00:00Z', '2046-01-01T00:00:00Z'):
            self.expect(NOT_TRUSTED, world.signed, *self.both(), *EXACT, '--at', time)

    def test_says_when_it_could_not_check(self):
        question = (world.signed, *self.both(), *EXACT)
        self.expect(UNCHECKED, *question, login=None)
        self.expect(UNCHECKED, *question, login='wrong.json')
        self.expect(UNCHECKED, *question, ca=False)
        self.expect(UNCHECKED, world.signed.partition('@')[0] + ':no-such-tag', *question[1:])

    def test_obeys_a_policy_file(self):
        images = f'{world.registry.host}/flow/**'
        for identity, status in ((exactly(SUBJECT), TRUSTED), (exactly('team-b@linuxera.org'), NOT_TRUSTED),
                                 ("{subjectRegExp: 'team-.*@linuxera\\.org', issuerRegExp: '.*'}", TRUSTED)):
            file = world.folder / 'policy.yaml'
            file.write_text(policy(images, world.pki.root, world.pki.intermediate, identity))
            self.expect(status, world.signed, '--policy', file)
            self.expect(NOT_TRUSTED, world.unsigned, '--policy', file)

    def test_inspect_names_the_signer(self):
        done = subprocess.run([world.signet, 'inspect', '--registry-config',
                               world.registry.folder / 'docker/config.json', '--registry-ca', world.registry.ca,
                               world.signed], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        for word in (SUBJECT, ISSUER):
            self.assertIn(word, done.stdout)


class ServeTest(unittest.TestCase):
    """The same images, asked by an API server."""

    def setUp(self):
        access = {'config': str(world.registry.folder / 'docker/config.json'), 'ca': [str(world.registry.ca)],
                  'allowPrivate': [{'host': 'localhost', 'cidrs': ['127.0.0.0/8', '::1/128']}]}
        rules = policy(f'{world.registry.host}/flow/**', world.pki.root, world.pki.intermediate, exactly(SUBJECT))
        self.server = serving.Serve(world.signet, Path(tempfile.mkdtemp(dir=world.folder)) / 'serve', rules,
                                    {'registry': access, 'server': {'shutdownDelay': '0s'}})
        self.addCleanup(self.server.end)

    def admits(self, image):
        answer = self.server.review('/validate', serving.pod_of(image))
        self.assertTrue(answer['allowed'], json.dumps(answer, indent=1))

    def test_admits_and_denies(self):
        self.admits(world.signed)
        for image, says in ((world.unsigned, 'no_signature'), (world.by_team_b, 'team-b@linuxera.org'),
                            (world.by_stranger, 'chain_untrusted')):
            with self.subTest(image=image):
                answer = self.server.review('/validate', serving.pod_of(world.signed, image))
                self.assertFalse(answer['allowed'])
                self.assertEqual(answer['status']['code'], 403)
                self.assertIn(says, answer['status']['message'])
                self.assertIn(image.partition('@')[0], answer['status']['message'].splitlines()[0])

    def test_pins_a_tag(self):
        tagged = world.signed.partition('@')[0] + ':v1'
        answer = self.server.review('/mutate', serving.pod_of(tagged))
        self.assertIn('patch', answer)
        patch = json.loads(base64.b64decode(answer['patch']))
        replaced = [step['value'] for step in patch if step['op'] == 'replace']
        self.assertEqual(replaced, [tagged + '@' + world.signed.partition('@')[2]])
        self.admits(replaced[0])
        self.assertFalse(self.server.review('/validate', serving.pod_of(tagged))['allowed'])

    def test_is_ready_counts_and_ends(self):
        self.server.review('/validate', serving.pod_of(world.unsigned))
        self.assertEqual(self.server.plain('health', '/livez')[0], 200)
        self.assertEqual(self.server.plain('health', '/readyz')[0], 200)
        status, text = self.server.plain('metrics', '/metrics')
        self.assertEqual(status, 200)
        self.assertIn('no_signature', text)
        self.assertEqual(self.server.close(), 0)


if __name__ == '__main__':
    if tools.missing():
        print('the signing tools are not there: run tools.py', file=sys.stderr)
        sys.exit(tools.unavailable_status())
    unittest.main()
