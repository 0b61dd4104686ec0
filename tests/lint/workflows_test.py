#!/usr/bin/env python3
"""The workflows of the forge: actionlint takes them, and they trust as little as they can. Actions are named by commit, a
job gets the rights that it names, none runs for ever, and what they start is there."""
import os
import re
import subprocess
import sys
import unittest

import tree

sys.path.insert(0, str(tree.ROOT / 'tests' / 'e2e'))

import tools  # noqa: E402

WORKFLOWS = sorted((tree.ROOT / '.github' / 'workflows').iterdir())
USES = re.compile(r'^\s*(?:- )?uses: *(.*)$', re.M)
PINNED = re.compile(r'[\w.-]+/[\w./-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+')
CHECKOUT = re.compile(r'uses: actions/checkout@.*\n\s+with: \{persist-credentials: false\}')
SCRIPT = re.compile(r'(?<![\w/.$-])((?:tests|deploy)/[\w/-]+\.(?:sh|py))')
EXPRESSION_IN_SCRIPT = re.compile(r'\$\{\{')


def jobs(text):
    """The text of each job, by name."""
    body = text.partition('\njobs:\n')[2]
    return dict(zip(re.findall(r'^  (\w[\w-]*):$', body, re.M), re.split(r'^  \w[\w-]*:$', body, flags=re.M)[1:]))


def scripts_of(text):
    """The shell of every step."""
    found, depth = [], None
    for line in text.splitlines():
        indent = len(line) - len(line.lstrip())
        if depth is not None and line.strip() and indent <= depth:
            depth = None
        run = re.match(r'(\s*(?:- )?)run: (.*)', line)
        if run:
            depth = len(run[1])
            found.append(run[2])
        elif depth is not None:
            found.append(line)
    return '\n'.join(found)


def complaints(text):
    found = [f'not pinned by commit, with its version: {used}' for used in USES.findall(text) if not PINNED.fullmatch(used)]
    if '\npermissions: {}\n' not in text:
        found.append('the workflow does not begin without rights')
    for name, job in jobs(text).items():
        found += [f'{name}: no {word}' for word in ('permissions', 'timeout-minutes')
                  if not re.search(rf'^    {word}:', job, re.M)]
    if text.count('uses: actions/checkout@') != len(CHECKOUT.findall(text)):
        found.append('a checkout leaves its token behind')
    if EXPRESSION_IN_SCRIPT.search(scripts_of(text)):
        found.append('an expression stands in a script: give it by env')
    if 'pull_request_target' in text:
        found.append('pull_request_target gives strangers the rights of the project')
    found += [f'{script}: cannot be started' for script in SCRIPT.findall(scripts_of(text))
              if not os.access(tree.ROOT / script, os.X_OK)]
    return found


class WorkflowsTest(unittest.TestCase):
    def test_actionlint_takes_them(self):
        done = subprocess.run([str(tools.path_of('actionlint')), '-no-color', *map(str, WORKFLOWS)], capture_output=True,
                              text=True, check=False, cwd=tree.ROOT)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ''))

    def test_actionlint_would_complain(self):
        done = subprocess.run([str(tools.path_of('actionlint')), '-no-color', '-'], capture_output=True, text=True,
                              check=False, input='on: push\njobs: {a: {runs-on: nowhere, steps: []}}\n')
        self.assertIn('label "nowhere" is unknown', done.stdout)

    def test_they_trust_as_little_as_they_can(self):
        self.assertGreaterEqual(len(WORKFLOWS), 3)
        for file in WORKFLOWS:
            with self.subTest(file=file.name):
                text = file.read_text()
                self.assertTrue(jobs(text) and SCRIPT.findall(scripts_of(text)))
                self.assertEqual(complaints(text), [])

    def test_only_a_release_knows_secrets(self):
        self.assertEqual([file.name for file in WORKFLOWS if 'secrets.' in file.read_text()], ['release.yaml'])

    def test_refuses_bad_samples(self):
        good = ('on: push\npermissions: {}\njobs:\n  a:\n    permissions: {}\n    timeout-minutes: 1\n    steps:\n'
                '      - run: tests/run.sh\n')
        self.assertEqual(complaints(good), [])
        step = '      - uses: actions/checkout@v4\n'
        pinned = step.replace('v4', '1' * 40 + '  # v4.2.2')
        for bad, expected in ((good + step, 2), (good + pinned, 1), (good.replace('\npermissions: {}\n', '\n'), 1),
                              (good.replace('    timeout-minutes: 1\n', ''), 1), (good.replace('    permissions: {}\n', ''), 1),
                              (good + '      - run: |\n          echo ${{ github.head_ref }}\n', 1),
                              (good.replace('tests/run.sh', 'tests/absent.sh'), 1),
                              (good.replace('push', 'pull_request_target'), 1)):
            with self.subTest(bad=bad):
                self.assertEqual(len(complaints(bad)), expected)


if __name__ == '__main__':
    unittest.main()
