#!/usr/bin/env python3
"""`signet policy import` on the peers' policies of policies/migration. SIGNET names the program."""
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

SIGNET = os.environ['SIGNET']
MIGRATION = Path(__file__).resolve().parents[2] / 'policies' / 'migration'
PEERS = ('policy-controller', 'kyverno', 'openshift')


def run(*arguments, stdin=''):
    return subprocess.run([SIGNET, 'policy', 'import', *map(str, arguments)], input=stdin, capture_output=True,
                          text=True, check=False, timeout=60)


def bare(text):
    lines = (line.partition('#')[0].rstrip() for line in text.splitlines())
    return [line for line in lines if line]


class ImportTest(unittest.TestCase):
    def test_each_peers_policy_becomes_the_one_beside_it(self):
        for peer in PEERS:
            with self.subTest(peer=peer):
                done = run(MIGRATION / peer / 'peer.yaml.txt')
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(bare(done.stdout), bare((MIGRATION / peer / 'signet.yaml').read_text()))

    def test_every_directory_has_both_sides_and_the_readme_names_it(self):
        readme = (MIGRATION / 'README.md').read_text().lower()
        directories = [place for place in MIGRATION.iterdir() if place.is_dir()]
        self.assertEqual({place.name for place in directories}, {*PEERS, 'connaisseur'})
        for place in directories:
            self.assertTrue((place / 'peer.yaml.txt').is_file() and (place / 'signet.yaml').is_file(), place)
            self.assertIn(f'## {place.name}', readme)

    def test_a_loss_is_code_1_with_its_place_and_the_output_is_whole(self):
        text = (MIGRATION / 'openshift' / 'peer.yaml.txt').read_text().replace('spec:', 'spec:\n  novelty: 1', 1)
        with tempfile.TemporaryDirectory() as place:
            output = Path(place) / 'policies.yaml'
            done = run('-', '--output', output, stdin=text)
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertEqual(done.stdout, '')
            self.assertRegex(done.stderr, r'stdin:\d+:\d+: spec\.novelty: ')
            self.assertIn('# not carried over: spec.novelty', output.read_text())
            self.assertEqual([file.name for file in Path(place).iterdir()], ['policies.yaml'])
            linted = subprocess.run([SIGNET, 'policy', 'lint', '--fail-on', 'error', output], capture_output=True,
                                    text=True, check=False, timeout=60)
            self.assertEqual(linted.returncode, 0, linted.stdout + linted.stderr)

    def test_what_cannot_be_used_is_code_64_and_leaves_no_file(self):
        bad = {'': 'empty', 'a: [': 'stdin:', '\x01': 'control character', 'a: b': 'holds no policy',
               'apiVersion: v1\nkind: Pod\n': 'it reads'}
        with tempfile.TemporaryDirectory() as place:
            output = Path(place) / 'policies.yaml'
            output.write_text('as before')
            for text, wanted in bad.items():
                done = run('-', '-o', output, stdin=text)
                self.assertEqual((done.returncode, done.stdout), (64, ''), text)
                self.assertIn(wanted, done.stderr)
            self.assertEqual(run(Path(place) / 'missing').returncode, 64)
            self.assertEqual(run(place).returncode, 64)
            self.assertEqual(run(MIGRATION / 'kyverno' / 'peer.yaml.txt', '-o', Path(place) / 'no' / 'x').returncode, 64)
            self.assertEqual(output.read_text(), 'as before')

    def test_help_names_the_codes(self):
        done = run('--help')
        self.assertEqual(done.returncode, 0)
        for word in ('--without-logs', '--output', 'carried over'):
            self.assertIn(word, done.stdout)


if __name__ == '__main__':
    unittest.main()
