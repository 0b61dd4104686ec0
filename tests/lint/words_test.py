#!/usr/bin/env python3
"""What must not stand in the repository: unfinished work, skipped tests, paths of one machine, stray entries."""
import re
import subprocess
import unittest

import tree

TOP_LEVEL = {'CMakeLists.txt', 'server', 'core', 'deploy', 'charts', 'policies', 'tests', 'Dockerfile', 'README.md',
             'LICENSE'}
DATA = ('tests/conformance/seed/', 'tests/conformance/cosign-cases/', 'tests/fuzz/corpus/', 'tests/vectors/')
TEXT = ('.cpp', '.hpp', '.py', '.sh', '.txt', '.cmake', '.md', '.yaml', '.yml', '.json', 'run', 'Dockerfile')

# Spelt in pieces, so that this file may be judged as well.
WORDS = (
    ('unfinished work', r'\b(?:TO' r'DO|FIX' r'ME|X' r'XX|HA' r'CK)\b|to be ' r'written'),
    ('a skipped test', r'GTEST_' r'SKIP|\bDISABLED' r'_|unittest\.' r'skip|pytest\.' r'skip|self\.skip' r'Test'),
    ('a path of one machine', r'(?<![\w.$}])/(?:wo' r'rk|ro' r'ot|home/\w+)/|/tmp/sig' r'net|py' r'env'),
    ('a sleep in a unit test', None),
)
SLEEP = re.compile(r'sleep_(?:for|until)\s*\(|\busleep\s*\(')


def files():
    try:
        listed = subprocess.run(['git', 'ls-files', '-z'], cwd=tree.ROOT, capture_output=True, text=True, check=True)
        return [p for p in listed.stdout.split('\0') if p and (tree.ROOT / p).is_file()]
    except (OSError, subprocess.CalledProcessError):
        return [p.relative_to(tree.ROOT).as_posix() for p in tree.ROOT.rglob('*')
                if p.is_file() and not re.match(r'build|\.', p.relative_to(tree.ROOT).parts[0])]


def complaints(path, text):
    found = []
    for what, pattern in WORDS:
        expression = SLEEP if pattern is None and path.startswith('tests/core/') else pattern
        if expression is None:
            continue
        for match in re.finditer(expression, text):
            line = text.count('\n', 0, match.start()) + 1
            found.append(f'{path}:{line}: {what}: {match[0]}')
    return found


def stray(names):
    return sorted(n for n in names if n not in TOP_LEVEL and not n.startswith('.'))


class WordsTest(unittest.TestCase):
    def test_no_file_holds_a_bad_word(self):
        paths = [p for p in files() if p.endswith(TEXT) and not p.startswith(DATA)]
        self.assertGreater(len(paths), 50)
        found = [c for path in paths for c in complaints(path, tree.read(path))]
        self.assertFalse(found, '\n' + '\n'.join(found))

    def test_the_top_level_holds_nothing_else(self):
        self.assertEqual(stray({p.split('/')[0] for p in files()}), [])

    def test_refuses_bad_samples(self):
        for text in ('// TO' 'DO: later', '// to be ' 'written', 'GTEST_' 'SKIP();', 'TEST(A, DISABLED' '_B)',
                     'cp /wo' 'rk/main/x .', 'cat /ro' 'ot/x', '/ho' 'me/jane/x', '@unittest.' 'skip'):
            with self.subTest(text=text):
                self.assertEqual(len(complaints('core/x.cpp', text)), 1)
        self.assertEqual(len(complaints('tests/core/x_test.cpp', 'std::this_thread::sleep_for(1s);')), 1)
        self.assertEqual(stray({'core', 'notes.txt', '.ci'}), ['notes.txt'])

    def test_accepts_good_samples(self):
        for text in ('see https://example.org/work/x', 'build/signet demo', 'a todo-list', '${HOME}/x'):
            with self.subTest(text=text):
                self.assertEqual(complaints('core/x.cpp', text), [])


if __name__ == '__main__':
    unittest.main()
