#!/usr/bin/env python3
"""Who may include whom: the floors of core/, the rows of server/, and what stays out of core/."""
import re
import unittest

import tree

FLOORS = ('base', 'crypto', 'oci', 'sigstore', 'policy', 'admission')
ROWS = {'runtime': 0, 'net': 1, 'registry': 2, 'kube': 2, 'verify': 3, 'web': 4, 'cli': 4, 'app': 5}
BEAST_SOURCES = 4

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^">]+)[">]', re.M)
COMMENT = re.compile(r'//[^\n]*|/\*.*?\*/', re.S)
LITERAL = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.S)

NOT_IN_CORE = re.compile(
    r'boost/(asio|beast)|spdlog/|prometheus/|CLI/|sys/|netinet/|arpa/|unistd\.h|pthread\.h|'
    r'(fstream|iostream|filesystem|thread|mutex|shared_mutex|condition_variable|future|atomic)$')
CALLS_NOT_IN_CORE = re.compile(
    r'::now\s*\(|\b(?:getenv|secure_getenv|fopen|localtime|gmtime|gettimeofday|clock_gettime)\b|'
    r'\btime\s*\(\s*(?:nullptr|NULL|0)\s*\)')


def includes(code):
    return [(m[1] == '"', m[2]) for m in INCLUDE.finditer(COMMENT.sub('', code))]


def core_complaint(path, target):
    own, other = path.split('/'), target.split('/')
    if other[0] != 'core':
        return 'core includes only core'
    if FLOORS.index(other[1]) > FLOORS.index(own[1]):
        return f'{own[1]} lies below {other[1]}'
    return None


def server_complaint(path, target):
    own, other = path.split('/'), target.split('/')
    if other[0] == 'core':
        return None
    if other[0] != 'server':
        return 'server includes only core and server'
    if len(own) == 2 or own[1] == other[1]:
        return None
    if ROWS[other[1]] >= ROWS[own[1]]:
        return f'{own[1]} does not lie above {other[1]}'
    return None


def openssl_allowed(path):
    return path.startswith(('core/crypto/', 'core/sigstore/', 'server/net/'))


def library_complaint(path, target):
    core, header = path.startswith('core/'), path.endswith('.hpp')
    if core and NOT_IN_CORE.match(target):
        return 'not in core'
    if header and target == 'nlohmann/json.hpp':
        return 'headers include nlohmann/json_fwd.hpp'
    if target.startswith('openssl/') and not openssl_allowed(path):
        return 'OpenSSL stays in core/crypto, core/sigstore and server/net'
    return None


def complaints(path, code):
    """What is wrong with one file of core/ or server/."""
    core = path.startswith('core/')
    found = []
    for ours, target in includes(code):
        if ours:
            why = (core_complaint if core else server_complaint)(path, target)
        else:
            why = library_complaint(path, target)
        if why:
            found.append(f'{path}: {target}: {why}')
    call = CALLS_NOT_IN_CORE.search(LITERAL.sub('', code)) if core else None
    if call:
        found.append(f'{path}: {call[0]}: not in core')
    return found


def beast_sources(files):
    return [path for path, code in files if any(t.startswith('boost/beast') for _, t in includes(code))]


class FloorsTest(unittest.TestCase):
    def test_every_file_includes_downwards_only(self):
        found = [c for path in tree.sources(('core', 'server')) for c in complaints(path, tree.read(path))]
        self.assertFalse(found, '\n' + '\n'.join(found))

    def test_includes_of_our_own_name_a_file(self):
        missing = [f'{path}: {target}' for path in tree.sources() for ours, target in includes(tree.read(path))
                   if ours and not (tree.ROOT / target).is_file()]
        self.assertFalse(missing, '\n' + '\n'.join(missing))

    def test_beast_stays_in_few_files(self):
        files = [(path, tree.read(path)) for path in tree.sources(('core', 'server'))]
        self.assertLessEqual(len(beast_sources(files)), BEAST_SOURCES, beast_sources(files))

    def test_refuses_bad_samples(self):
        bad = (
            ('core/oci/x.cpp', '#include "core/policy/model.hpp"'),
            ('core/base/x.hpp', '#include "server/net/url.hpp"'),
            ('core/base/x.cpp', '#include <boost/asio.hpp>'),
            ('core/base/x.cpp', '#include <fstream>'),
            ('core/base/x.cpp', 'auto t = std::chrono::system_clock::now();'),
            ('core/base/x.cpp', 'auto t = time(nullptr);'),
            ('core/base/x.cpp', 'auto h = std::getenv("HOME");'),
            ('core/base/x.hpp', '#include <nlohmann/json.hpp>'),
            ('core/policy/x.cpp', '#include <openssl/evp.h>'),
            ('server/net/x.cpp', '#include "server/registry/client.hpp"'),
            ('server/registry/x.cpp', '#include "server/kube/client.hpp"'),
            ('server/web/x.cpp', '#include "server/cli/verify.hpp"'),
            ('server/cli/x.cpp', '#include "tests/support/run.hpp"'),
        )
        for path, code in bad:
            with self.subTest(code=code):
                self.assertEqual(len(complaints(path, code)), 1)

    def test_accepts_good_samples(self):
        good = (
            ('core/policy/x.cpp', '#include "core/base/text.hpp"\n#include <nlohmann/json.hpp>'),
            ('core/base/x.cpp', '// now() is the caller\'s; getenv too\nauto s = "getenv";'),
            ('core/crypto/x.cpp', '#include <openssl/evp.h>'),
            ('server/main.cpp', '#include "server/app/app.hpp"'),
            ('server/app/x.cpp', '#include "server/web/router.hpp"'),
        )
        for path, code in good:
            with self.subTest(code=code):
                self.assertEqual(complaints(path, code), [])

    def test_counts_beast(self):
        files = [('a.cpp', '#include <boost/beast/http.hpp>'), ('b.cpp', '#include <boost/asio.hpp>')]
        self.assertEqual(beast_sources(files), ['a.cpp'])


if __name__ == '__main__':
    unittest.main()
