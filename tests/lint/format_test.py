#!/usr/bin/env python3
"""Every source is as clang-format 14 leaves it."""
import subprocess
import unittest

import tree

PROGRAM = 'clang-format-14'


def check(arguments, text=None):
    return subprocess.run([PROGRAM, '--dry-run', '-Werror', '--style=file', *arguments], input=text, cwd=tree.ROOT,
                          capture_output=True, text=True, check=False)


class FormatTest(unittest.TestCase):
    def test_every_source_is_formatted(self):
        done = check(tree.sources())
        self.assertEqual(done.returncode, 0, done.stderr[-4000:])

    def test_refuses_a_bad_sample(self):
        self.assertNotEqual(check(['--assume-filename=core/x.cpp'], 'int  f( ){return 1 ;}\n').returncode, 0)

    def test_accepts_a_good_sample(self):
        self.assertEqual(check(['--assume-filename=core/x.cpp'], 'int f() {\n  return 1;\n}\n').returncode, 0)


if __name__ == '__main__':
    unittest.main()
