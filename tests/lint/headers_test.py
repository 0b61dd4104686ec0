#!/usr/bin/env python3
"""Every header compiles alone: it includes what it uses.

SIGNET_CXX names the compiler, SIGNET_COMMANDS the build's compile_commands.json (include paths and definitions).
"""
import json
import os
import re
import shlex
import subprocess
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import tree

COMPILER = os.environ.get('SIGNET_CXX', 'g++')


def flags_of_the_build():
    flags = ['-std=c++20', f'-I{tree.ROOT}']
    commands = Path(os.environ.get('SIGNET_COMMANDS', ''))
    if commands.is_file():
        text = ' '.join(entry['command'] for entry in json.loads(commands.read_text(encoding='utf-8')))
        for flag in shlex.split(text):
            if re.match(r'-[ID].', flag) and flag not in flags:
                flags.append(flag)
        systems = re.findall(r'-isystem (\S+)', text)
        flags += [f'-isystem{folder}' for folder in dict.fromkeys(systems)]
    return flags


def compile_alone(header, flags):
    command = [COMPILER, *flags, '-Wall', '-Wextra', '-Werror', '-fsyntax-only', '-x', 'c++', '-']
    done = subprocess.run(command, input=f'#include "{header}"\n', capture_output=True, text=True, check=False)
    return '' if done.returncode == 0 else f'{header}:\n{done.stderr[:1500]}'


class HeadersTest(unittest.TestCase):
    def setUp(self):
        self.flags = flags_of_the_build()

    def test_every_header_compiles_alone(self):
        headers = tree.sources(suffixes=('.hpp',))
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            failed = [said for said in pool.map(lambda h: compile_alone(h, self.flags), headers) if said]
        self.assertEqual(failed, [], '\n'.join(failed))

    def test_refuses_a_header_that_leans_on_others(self):
        with tempfile.TemporaryDirectory() as folder:
            header = Path(folder) / 'bad.hpp'
            header.write_text('#pragma once\nstd::string f();\n', encoding='utf-8')
            self.assertIn('bad.hpp', compile_alone(str(header), self.flags))
            header.write_text('#pragma once\n#include <string>\nstd::string f();\n', encoding='utf-8')
            self.assertEqual(compile_alone(str(header), self.flags), '')


if __name__ == '__main__':
    unittest.main()
