#!/usr/bin/env python3
"""The lines of policies/README.md do what it says: every block of shell, in order, in one shell, in an empty directory,
with the real tools and a real registry of that name.

A block is marked by what stands behind ```sh: the cosign that it is for, or `cluster` where it needs one of one's own.
cosign 1 is not built any more: what it stored is in the seed of the conformance tests.
SIGNET names the program.
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

import named_registry
import tools

TREE = Path(__file__).resolve().parents[2]
README = TREE / 'policies' / 'README.md'
MARKS = ('', 'cosign1', 'cosign2', 'cosign3', 'cluster')
# What the table of the README says that each cosign stores.
LEAF, INTERMEDIATE, ROOT = 'CN=team-a', 'CN=Example Intermediate CA', 'CN=Example Root CA'
STORED = {'cosign2': ('legacy', [LEAF, INTERMEDIATE, ROOT]), 'cosign3': ('bundle', [LEAF, INTERMEDIATE]),
          'cosign3-legacy': ('legacy', [LEAF, INTERMEDIATE])}
BY_COSIGN_1 = TREE / 'tests' / 'conformance' / 'seed' / 'cosign1-openssl-a-root.json'
NOT_RUN = ('cosign1', 'cluster')
SEPARATOR = '=== block {} ==='


def blocks():
    """(line, mark, text) of each."""
    text = README.read_text()
    return [(text.count('\n', 0, found.start()) + 1, found[1].strip(), found[2])
            for found in re.finditer(r'^```sh(.*)\n((?:.*\n)*?)```$', text, re.M)]


def places(text):
    """The tags of registry.example.com/shop/web that the blocks sign."""
    return sorted(set(re.findall(rf'{named_registry.HOST}/shop/web:([\w-]+)', text)))


class GuideTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        place = tempfile.TemporaryDirectory(prefix='signet-guide-')
        cls.addClassCleanup(place.cleanup)
        cls.folder = Path(place.name)
        cls.registry = named_registry.NamedRegistry(cls.folder / 'registry')
        cls.addClassCleanup(cls.registry.close)
        for name in ('cosign2', 'cosign3'):
            (cls.folder / name).mkdir()
            (cls.folder / name / 'cosign').symlink_to(tools.path_of(name))
        (cls.folder / 'bin').mkdir()
        for name, program in (('signet', os.environ['SIGNET']), ('cfssl', tools.path_of('cfssl')),
                              ('cfssljson', tools.path_of('cfssljson'))):
            (cls.folder / 'bin' / name).symlink_to(program)
        (cls.folder / 'empty').mkdir()
        (cls.folder / 'empty' / 'policies').symlink_to(TREE / 'policies')

    def script(self):
        lines = ['set -euo pipefail', f'usual={self.folder}/bin:$PATH']
        for line, mark, text in blocks():
            if mark in NOT_RUN:
                continue
            tool = f'{self.folder}/{mark}:' if mark else ''
            lines += [f'echo "{SEPARATOR.format(line)}"', f'PATH={tool}$usual', text]
        return '\n'.join(lines) + '\necho "=== end ==="\n'

    def test_every_block_is_marked_as_we_know(self):
        self.assertEqual({mark for _, mark, _ in blocks()} - set(MARKS), set())
        self.assertGreater(len(blocks()), 10)

    def test_cosign_1_stored_what_the_table_says(self):
        manifests = json.loads(BY_COSIGN_1.read_text())['manifests']
        body, = (base64.b64decode(one['body_base64']) for name, one in manifests.items() if name.endswith('.sig'))
        annotations = json.loads(body)['layers'][0]['annotations']
        stored = [annotations[f'dev.sigstore.cosign/{name}'].count('BEGIN CERT') for name in ('certificate', 'chain')]
        self.assertEqual(stored, [1, 2])

    def test_blocks_run_in_order(self):
        script = self.script()
        for tag in places(script):
            self.registry.push_image('shop/web', tag)
        done = subprocess.run(['bash', '-c', script], cwd=self.folder / 'empty', env=self.registry.environment(),
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False, timeout=1500)
        self.assertEqual(done.returncode, 0, done.stdout[-6000:])
        self.assertTrue(done.stdout.endswith('=== end ===\n'))
        for tag, stored in STORED.items():
            with self.subTest(tag=tag):
                self.assertEqual(self.stored(tag), stored)

    def stored(self, tag):
        """Form and certificates of the one signature of shop/web:TAG."""
        done = subprocess.run([os.environ['SIGNET'], 'inspect', '--output', 'json',
                               f'{named_registry.HOST}/shop/web:{tag}'], env=self.registry.environment(),
                              capture_output=True, text=True, check=True)
        signature, = json.loads(done.stdout)['signatures']
        return signature['format'], [one['subject'].partition(',')[0] for one in signature['certificates']]


if __name__ == '__main__':
    if tools.missing():
        print('the signing tools are not there: run tools.py', file=sys.stderr)
        sys.exit(tools.unavailable_status())
    unittest.main()
