#!/usr/bin/env python3
"""`signet policy lint` as programs read it, its exit codes, and what it says about bad input. SIGNET names the program.

SARIF is checked against the official schema of 2.1.0 (sarif-2.1.0.schema.json: OASIS, errata 01, as the npm package
@microsoft/jest-sarif 1.0.0-beta.0 has it under the MIT licence).
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
import urllib.parse

import jsonschema

HERE = pathlib.Path(__file__).resolve().parent
CASES = HERE.parent / 'lint-cases'
SIGNET = os.environ['SIGNET']

CLEAN = '''apiVersion: signet.dev/v1alpha1
kind: ClusterTrustPolicy
metadata: {name: clean}
spec:
  match: {images: ["registry.example.com/**"]}
  authorities:
    - static: {action: deny}
'''
RISKY = CLEAN.replace('clean', 'risky').replace('deny', 'allow')
WRONG = CLEAN.replace('clean', 'wrong').replace('deny', 'perhaps')


def run(*arguments, **options):
    return subprocess.run([SIGNET, 'policy', 'lint', *map(str, arguments)], stdin=subprocess.DEVNULL,
                          check=False, timeout=60, **{'stdout': subprocess.PIPE, 'stderr': subprocess.PIPE,
                                                      'text': True} | options)


def schema(name):
    return json.loads((HERE / f'{name}.schema.json').read_text())


class LintTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.folder.chmod(0o755)

    def write(self, name, text):
        (self.folder / name).write_text(text)
        return self.folder / name

    def refused(self, path, *words, **options):
        """One sentence on stderr, nothing on stdout, 64."""
        done = run(path, **options)
        self.assertEqual((done.returncode, done.stdout), (64, ''), done.stderr)
        self.assertEqual(done.stderr.count('\n'), 1, done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)

    def test_exit_codes(self):
        clean, risky, wrong = (self.write(f'{name}.yaml', text)
                               for name, text in (('clean', CLEAN), ('risky', RISKY), ('wrong', WRONG)))
        # Elsewhere, so that they do not shadow each other.
        risky.write_text(RISKY.replace('registry', 'other'))
        for code, *words in ((0, clean), (1, risky), (0, '--fail-on', 'error', risky), (1, '--fail-on', 'error', wrong),
                             (1, wrong), (64, ), (64, clean, '--fail-on', 'never'), (64, self.folder / 'none.yaml'),
                             (0, '--rules')):
            done = run(*words)
            self.assertEqual(done.returncode, code, (words, done.stdout, done.stderr))

    def test_text_has_a_line_for_each_finding_and_a_sum(self):
        done = run(self.write('risky.yaml', RISKY))
        finding, total = done.stdout.splitlines()
        self.assertRegex(finding, r'^\S+/risky\.yaml:7:\d+: warning\[any-image-unsigned\]: spec\.authorities\[0\]\.static: '
                                  r'[^;]+; [^;]+$')
        self.assertEqual(total, '1 document in 1 file: 0 errors, 1 warning')

    def test_json_is_what_its_schema_says(self):
        check = jsonschema.Draft202012Validator(schema('lint'))
        check.check_schema(schema('lint'))
        report = json.loads(run('--output', 'json', CASES).stdout)
        check.validate(report)
        self.assertGreater(len(report['findings']), 40)
        self.assertEqual(report['errors'] + report['warnings'], len(report['findings']))
        for name in report:
            self.assertFalse(check.is_valid({key: value for key, value in report.items() if key != name}), name)
        self.assertFalse(check.is_valid(report | {'version': 'signet.dev/lint/v2'}))

    def test_rules_are_what_their_schema_says_and_every_finding_has_one(self):
        rules = json.loads(run('--rules', '--output', 'json').stdout)
        jsonschema.Draft202012Validator(schema('lint-rules')).validate(rules)
        known = {rule['id']: rule['severity'] for rule in rules['rules']}
        self.assertEqual(len(known), len(rules['rules']))
        for finding in json.loads(run('--output', 'json', CASES).stdout)['findings']:
            self.assertEqual(known[finding['rule']], finding['severity'])
        self.assertEqual([line.split()[0] for line in run('--rules').stdout.splitlines()], list(known))

    def test_sarif_is_what_the_official_schema_says(self):
        check = jsonschema.Draft4Validator(schema('sarif-2.1.0'))
        self.write('clean.yaml', CLEAN)
        odd = self.write('with a space, 100% & ümlaut.yaml', RISKY.replace('registry', 'other'))
        for path in (CASES, odd, self.folder / 'clean.yaml'):
            log = json.loads(run('--output', 'sarif', path).stdout)
            check.validate(log)
            (made,) = log['runs']
            rules = made['tool']['driver']['rules']
            for result in made['results']:
                self.assertEqual(rules[result['ruleIndex']]['id'], result['ruleId'])
                uri = urllib.parse.urlparse(result['locations'][0]['physicalLocation']['artifactLocation']['uri'])
                self.assertTrue(pathlib.Path(urllib.parse.unquote(uri.path)).exists(), uri)
        self.assertFalse(check.is_valid(log | {'version': '2.0.0'}))
        self.assertFalse(check.is_valid({'version': '2.1.0', 'runs': [{}]}))

    def test_the_same_findings_in_all_forms(self):
        report = json.loads(run('--output', 'json', CASES).stdout)['findings']
        log = json.loads(run('--output', 'sarif', CASES).stdout)['runs'][0]['results']
        lines = run(CASES).stdout.splitlines()[:-1]
        self.assertEqual([one['rule'] for one in report], [one['ruleId'] for one in log])
        self.assertEqual([one['rule'] for one in report], [re.search(r'\[([a-z-]+)\]: ', line)[1] for line in lines])

    # ---- bad input

    def test_a_policy_file_of_100_mb(self):
        path = self.folder / 'huge.yaml'
        with path.open('wb') as file:
            file.truncate(100_000_000)
        self.refused(path, 'huge.yaml', 'larger than 1048576 bytes; split it')
        self.refused(self.folder, 'huge.yaml', 'larger than 1048576 bytes')

    def test_a_directory_with_a_loop_of_links_is_read_once(self):
        self.write('clean.yaml', CLEAN)
        (self.folder / 'below').mkdir()
        (self.folder / 'below' / 'up').symlink_to('..')
        (self.folder / 'below.yaml').symlink_to('below')
        done = run(self.folder)
        self.assertEqual((done.returncode, done.stdout), (0, '1 document in 1 file: 0 errors, 0 warnings\n'), done.stderr)

    def test_a_link_that_leads_to_itself_or_nowhere(self):
        self.write('clean.yaml', CLEAN)
        (self.folder / 'loop.yaml').symlink_to('loop.yaml')
        self.refused(self.folder, 'loop.yaml', 'too many symbolic links')
        self.refused(self.folder / 'loop.yaml', 'loop.yaml', 'too many symbolic links')
        (self.folder / 'loop.yaml').unlink()
        (self.folder / 'gone.yaml').symlink_to('nowhere')
        self.refused(self.folder, 'gone.yaml', 'no such file')

    def test_what_may_not_be_read(self):
        if os.geteuid() == 0:  # whom nothing keeps from reading
            other = {'user': 65534, 'group': 65534, 'extra_groups': []}
        else:
            other = {}
        path = self.write('secret.yaml', CLEAN)
        path.chmod(0)
        self.refused(path, 'secret.yaml', 'permission denied', **other)
        self.refused(self.folder, 'secret.yaml', 'permission denied', **other)
        path.unlink()
        self.write('clean.yaml', CLEAN)
        (self.folder / 'closed').mkdir(0)
        self.refused(self.folder, 'closed', 'Permission denied', 'make it readable', **other)
        (self.folder / 'closed').chmod(0o755)

    def test_what_is_no_file(self):
        os.mkfifo(self.folder / 'pipe.yaml')
        self.refused(self.folder, 'pipe.yaml', 'no regular file')
        self.refused(self.folder / 'nothing.yaml', 'nothing.yaml', 'no such file')

    def test_an_empty_file_and_garbage_are_findings(self):
        done = run(self.write('empty.yaml', ''))
        self.assertEqual(done.returncode, 1)
        self.assertIn('empty.yaml: warning[empty-file]: ', done.stdout)
        (self.folder / 'garbage.yaml').write_bytes(bytes(range(256)) * 10)
        done = run(self.folder / 'garbage.yaml')
        self.assertEqual(done.returncode, 1)
        self.assertIn('garbage.yaml:1:1: error[not-yaml]: ', done.stdout)

    def test_a_directory_without_policies(self):
        self.refused(self.folder, 'holds no policies')

    def test_a_closed_or_full_output_is_told(self):
        path = self.write('clean.yaml', CLEAN)
        with open('/dev/full', 'w', encoding='ascii') as full:
            done = run(path, stdout=full)
        self.assertEqual(done.returncode, 74, done.stderr)
        done = subprocess.run(['sh', '-c', '"$0" policy lint "$1" >&-', SIGNET, str(path)], check=False,
                              stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, 74, done.stderr)
        self.assertEqual(done.stderr.count('\n'), 1, done.stderr)


if __name__ == '__main__':
    unittest.main(argv=[sys.argv[0], '-v'])
