#!/usr/bin/env python3
"""Judges the program named by SIGNET with the rows of seed/ and cosign-cases/. See README.md.

The numbers of rows are asserted: a corpus that shrinks, or a filter that skips, fails the test.
"""
import os
import re
import subprocess
import sys
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
SEED_ROWS = 242
CASES = 283
NEEDS = 'bundle,key,cli,oci11,many-images'  # what Signet has; the rest waits for timestamps and logs
CASES_THAT_NEED_NO_MORE = 236


def judge(program, corpus, *options):
    """(exit status, what was said, (passed, failed, skipped)) of one run of cosign_cases.py."""
    command = [sys.executable, str(HERE / 'cosign_cases.py'), 'run', str(HERE / corpus), '--signet', program, *options]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    said = done.stdout + done.stderr
    count = re.search(r'(\d+) passed, (\d+) failed, (\d+) skipped\s*$', said)
    return done.returncode, said, tuple(map(int, count.groups())) if count else None


class SeedTest(unittest.TestCase):
    def test_every_row_is_as_its_table_says(self):
        status, said, count = judge(os.environ['SIGNET'], 'seed')
        self.assertEqual(count, (SEED_ROWS, 0, 0), said)
        self.assertEqual(status, 0, said)


class CosignCasesTest(unittest.TestCase):
    def test_every_case_is_as_expected_and_none_is_wrongly_accepted(self):
        status, said, count = judge(os.environ['SIGNET'], 'cosign-cases', '--needs', NEEDS)
        self.assertNotIn('WRONG ACCEPT', said)
        self.assertEqual(count, (CASES_THAT_NEED_NO_MORE, 0, CASES - CASES_THAT_NEED_NO_MORE), said)
        self.assertEqual(status, 0, said)


class RunnerTest(unittest.TestCase):
    """The judge itself can fail a program."""

    def test_a_program_that_accepts_everything_fails(self):
        status, said, count = judge('/bin/true', 'seed')
        self.assertEqual(status, 1)
        self.assertIn('WRONG ACCEPT', said)
        self.assertEqual(sum(count), SEED_ROWS)

    def test_a_program_that_refuses_everything_fails(self):
        status, said, _ = judge('/bin/false', 'cosign-cases', '--needs', NEEDS)
        self.assertEqual(status, 1)
        self.assertNotIn('WRONG ACCEPT', said)


if __name__ == '__main__':
    unittest.main()
