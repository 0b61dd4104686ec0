#!/usr/bin/env python3
"""What `signet review` prints as JSON is what its schema says, for everything that a review can find."""
import copy
import json
import unittest

from outputs_test import TAGS, checker, objects
from stage import demo, image, run, trust

POD = 'apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec:\n  containers: [{{name: c, image: "{image}"}}]\n---\n'
MANIFESTS = (''.join(POD.format(name=tag, image=image(tag)) for tag in (*TAGS, 'absent')) +
             POD.format(name='empty', image='') +
             'apiVersion: tekton.dev/v1\nkind: TaskRun\nmetadata: {name: run}\n')


class ReviewSchemaTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        stage = demo()
        cls.folder = stage.__enter__()
        cls.addClassCleanup(stage.__exit__, None, None, None)
        (cls.folder / 'pods.yaml').write_text(MANIFESTS, encoding='utf-8')

    def report(self, *words):
        done = run('review', *trust(self.folder), '-o', 'json', *words, str(self.folder / 'pods.yaml'))
        self.assertEqual(done.returncode, 1, done.stderr)
        return json.loads(done.stdout)

    def test_a_review_and_its_summary_are_what_the_schema_says(self):
        check = checker('review')
        for words in ((), ('--summary',), ('--at', '2099-01-01')):
            check.validate(self.report(*words))
        self.assertNotIn('images', self.report('--summary'))

    def test_everything_that_was_found_is_there(self):
        report = self.report()
        self.assertEqual(len(report['images']), len(TAGS) + 1)
        self.assertEqual([one['object'] for one in report['problems']], ['Pod default/empty'])
        self.assertEqual([one['first'] for one in report['skipped']], ['TaskRun default/run'])
        self.assertEqual(report['summary']['all']['unchecked'], {'images': 1, 'workloads': 1})

    def test_the_schema_refuses_what_it_does_not_name(self):
        check, report = checker('review'), self.report()
        for at in range(len(list(objects(report)))):
            changed = copy.deepcopy(report)
            list(objects(changed))[at]['another'] = {}
            self.assertFalse(check.is_valid(changed), list(objects(report))[at])
        for name in report:
            if name != 'images':
                self.assertFalse(check.is_valid({k: v for k, v in report.items() if k != name}), name)


if __name__ == '__main__':
    unittest.main()
