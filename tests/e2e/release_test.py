#!/usr/bin/env python3
"""A release is signed with the certificate of one's own PKI, and Signet itself verifies it: deploy/release/sign.sh with real
cosign and a real registry. SIGNET names the program."""
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

import pki
import registry
import signing
import tools

SCRIPT = Path(__file__).resolve().parents[2] / 'deploy' / 'release' / 'sign.sh'
SUBJECT = 'team-a@linuxera.org'
NOT_TRUSTED, USAGE = 1, 64


class ReleaseTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        place = tempfile.TemporaryDirectory(prefix='signet-release-')
        cls.addClassCleanup(place.cleanup)
        folder = Path(place.name)
        cls.pki, cls.foreign = pki.make_with_cfssl(folder / 'pki'), pki.make_with_cfssl(folder / 'foreign')
        cls.registry = registry.Registry(folder / 'registry')
        cls.addClassCleanup(cls.registry.close)

    def sign(self, image, **more):
        settings = {'COSIGN': tools.path_of('cosign3'), 'COSIGN_PASSWORD': 'secret', 'SIGN_CHAIN': self.pki.chain,
                    'SIGN_KEY': signing.import_key(signing.SIGNERS['cosign3-bundle'], self.pki, 'team-a'),
                    'SIGN_CERTIFICATE': self.pki.certificate('team-a'), 'SIGN_ROOTS': self.pki.root,
                    'SIGN_IDENTITY': SUBJECT, 'SIGN_ISSUER': pki.ISSUER, **self.registry.environment(), **more}
        access = ['--registry-config', self.registry.folder / 'docker/config.json', '--registry-ca', self.registry.ca]
        return subprocess.run([SCRIPT, image, *access], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              check=False, env=os.environ | {name: str(value) for name, value in settings.items()})

    def test_signs_and_verifies(self):
        done = self.sign(self.registry.push_image('release/signet', 'v1'))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn(SUBJECT, done.stdout)

    def test_ends_with_an_error_when_signet_does_not_trust_it(self):
        done = self.sign(self.registry.push_image('release/signet', 'v2'), SIGN_ROOTS=self.foreign.root)
        self.assertEqual(done.returncode, NOT_TRUSTED, done.stdout + done.stderr)

    def test_refuses_what_would_sign_something_else_or_nothing(self):
        image = f'{self.registry.host}/release/signet'
        for name, more, sentence in ((f'{image}:v1', {}, 'by its digest'),
                                     (f'{image}@sha256:' + '0' * 64, {'SIGN_KEY': ''}, 'SIGN_KEY is not set'),
                                     (f'{image}@sha256:' + '0' * 64, {'SIGN_ROOTS': '/absent'}, 'cannot read /absent')):
            with self.subTest(sentence=sentence):
                done = self.sign(name, **more)
                self.assertEqual(done.returncode, USAGE)
                self.assertIn(sentence, done.stderr)
                self.assertEqual(done.stdout, '')


if __name__ == '__main__':
    unittest.main()
