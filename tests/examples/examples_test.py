#!/usr/bin/env python3
"""The examples of policies/ are whole, clean, free of keys, and each stands for itself. SIGNET names the program.

What they decide is in their cases, which `signet policy test` runs. They are judged as of the day of those: a break-glass
and a CRL of an example end.
"""
import os
import re
import subprocess
import unittest
from pathlib import Path

SIGNET = os.environ['SIGNET']
POLICIES = Path(__file__).resolve().parents[2] / 'policies'
DAY = '2026-11-20T12:00:00Z'
EXAMPLES = sorted(place.parent for place in POLICIES.glob('*/example.cases.yaml'))


def run(*arguments):
    return subprocess.run([SIGNET, *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          check=False, timeout=60)


class ExamplesTest(unittest.TestCase):
    def test_every_directory_of_the_readme_is_one(self):
        table = re.search(r'## Examples\n(.*?)\n## ', (POLICIES / 'README.md').read_text(), re.S)[1]
        named = {name for name in re.findall(r'\]\(([^)]+)\)', table) if (POLICIES / name).is_dir()} - {'migration'}
        self.assertEqual(named, {example.name for example in EXAMPLES})
        self.assertGreater(len(EXAMPLES), 10)

    def test_lint_finds_nothing_in_all_of_them(self):
        done = run('policy', 'lint', '--at', DAY, POLICIES)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_lint_finds_nothing_in_each_alone(self):
        for example in EXAMPLES:
            with self.subTest(example=example.name):
                done = run('policy', 'lint', '--at', DAY, example)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_cases_decide_as_they_say_in_each_alone(self):
        for example in EXAMPLES:
            with self.subTest(example=example.name):
                done = run('policy', 'test', example)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_every_recorded_image_has_a_case(self):
        for example in EXAMPLES:
            evidence = (example / 'example.evidence.json').read_text()
            tags = set(re.findall(r'"(registry\.example\.com/[\w/-]+:(?!sha256-)[\w-]+)":', evidence))
            asked = set(re.findall(r'registry\.example\.com/[\w/-]+:[\w-]+', (example / 'example.cases.yaml').read_text()))
            with self.subTest(example=example.name):
                self.assertEqual(tags, asked)

    def test_the_layout_of_the_air_gap_stands_in_for_the_registry(self):
        place = POLICIES / 'air-gap'
        image = re.search(r'registry\.example\.com/air-gap/web@sha256:\w+', (place / 'policy.yaml').read_text())[0]
        prefix = 'registry.example.com/air-gap'
        question = ('verify', image, '--policy', place, '--at', DAY, '--layout')
        layout = f'{prefix}={place / "layout"}'
        self.assertEqual(run(*question, layout).returncode, 0)
        another = image[:-1] + ('0' if image[-1] != '0' else '1')
        self.assertEqual(run('verify', another, *question[2:], layout).returncode, 1)

    def test_no_key_lies_about(self):
        for file in filter(Path.is_file, POLICIES.rglob('*')):
            self.assertNotIn(b'PRIVATE KEY', file.read_bytes(), file)


if __name__ == '__main__':
    unittest.main()
