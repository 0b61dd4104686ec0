#!/usr/bin/env python3
"""The program is linked as security.md SR-64 asks: PIE, full RELRO, no executable stack, stack protector."""
import os
import subprocess
import tempfile
import unittest
from pathlib import Path


def readelf(path):
    done = subprocess.run(['readelf', '--wide', '-h', '-l', '-d', '-s', path], capture_output=True, text=True,
                          check=True)
    return done.stdout


def complaints(path):
    text = readelf(path)
    wanted = {
        'position independent': 'Type:                              DYN' in text,
        'bind now': 'BIND_NOW' in text or ' NOW' in text,
        'relro': 'GNU_RELRO' in text,
        'stack protector': '__stack_chk_fail' in text,
        'no executable stack': any('GNU_STACK' in line and 'RWE' not in line for line in text.splitlines()),
        'no second web server': 'civetweb' not in text,
    }
    return [name for name, kept in wanted.items() if not kept]


class HardeningTest(unittest.TestCase):
    def test_the_program_is_hardened(self):
        self.assertEqual(complaints(os.environ['SIGNET']), [])

    def test_refuses_a_plain_program(self):
        with tempfile.TemporaryDirectory() as folder:
            program = str(Path(folder) / 'plain')
            subprocess.run(['g++', '-no-pie', '-fno-stack-protector', '-Wl,-z,norelro,-z,lazy,-z,execstack', '-x',
                            'c++', '-', '-o', program], input='int main() {}', text=True, check=True,
                           capture_output=True)
            self.assertEqual(complaints(program),
                             ['position independent', 'bind now', 'relro', 'stack protector', 'no executable stack'])


if __name__ == '__main__':
    unittest.main()
