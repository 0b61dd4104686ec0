#!/usr/bin/env python3
"""What commands print as JSON is what its schema says: real outputs, and that the schemas refuse what is not."""
import copy
import json
import pathlib
import sys
import unittest

import jsonschema

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / 'commands'))
from stage import demo, image, run, trust  # noqa: E402

TAGS = ('signed', 'unsigned', 'foreign-ca', 'wrong-identity', 'expired', 'tampered')


def checker(name):
    schema = json.loads((HERE / f'{name}.schema.json').read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())


def objects(value):
    if isinstance(value, dict):
        yield value
    for below in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from objects(below)


class OutputsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        stage = demo()
        cls.folder = stage.__enter__()
        cls.addClassCleanup(stage.__exit__, None, None, None)

    def printed(self, code, *words):
        done = run(*words, '--output', 'json')
        self.assertEqual(done.returncode, code, done.stderr)
        return json.loads(done.stdout)

    def is_closed(self, schema, report):
        """Whatever is added, left out or of another version is refused."""
        check = checker(schema)
        check.validate(report)
        for at in range(len(list(objects(report)))):
            changed = copy.deepcopy(report)
            list(objects(changed))[at]['another'] = {}  # not even a value that annotations may have
            self.assertFalse(check.is_valid(changed), list(objects(report))[at])
        for version in ('signet.dev/%s/v2' % schema, None):
            self.assertFalse(check.is_valid(report | {'version': version}))
        for name in report:
            self.assertFalse(check.is_valid({k: v for k, v in report.items() if k != name}), name)

    def test_verify_of_what_is_trusted_and_what_is_not(self):
        report = self.printed(1, 'verify', *trust(self.folder), *(image(tag) for tag in TAGS))
        self.is_closed('verify', report)
        self.assertEqual([one['allowed'] for one in report['images']], [True] + [False] * 5)
        self.assertEqual([one['image'] for one in report['images']], [image(tag) for tag in TAGS])

    def test_verify_of_what_could_not_be_checked(self):
        report = self.printed(2, 'verify', *trust(self.folder), image('absent'))
        self.is_closed('verify', report)
        self.assertEqual(report['images'][0]['reason'], 'image_not_found')

    def test_inspect(self):
        for tag in TAGS:
            with self.subTest(tag=tag):
                report = self.printed(1 if tag == 'unsigned' else 0, 'inspect', image(tag), *trust(self.folder)[2:])
                self.is_closed('inspect', report)

    def test_demo(self):
        self.is_closed('demo', self.printed(0, 'demo'))

    def test_every_page_names_the_schema_of_its_form(self):
        for schema in ('verify', 'inspect', 'demo'):
            text = ' '.join(run(schema, '--help').stdout.split())
            self.assertIn(f'signet.dev/{schema}/v1 (tests/schema/{schema}.schema.json)', text)


if __name__ == '__main__':
    unittest.main()
