#!/usr/bin/env python3
"""`signet verify --explain` on real images: on terminals of several sizes, in a pipe, with and without colours."""
import re
import unittest

from stage import SIGNET, demo, image, run, trust
from terminal import Terminal

ESCAPE = re.compile(r'\x1b\[[0-9;]*[mK]|\r')
TAGS = ('signed', 'unsigned', 'foreign-ca', 'wrong-identity', 'expired', 'tampered')


class ExplainTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        stage = demo()
        cls.folder = stage.__enter__()
        cls.addClassCleanup(stage.__exit__, None, None, None)

    def words(self, *more, tag='wrong-identity'):
        return ['verify', '--explain', *trust(self.folder), *more, image(tag)]

    def on_terminal(self, *more, tag='wrong-identity', **terminal):
        with Terminal([SIGNET, *self.words(*more, tag=tag)], **terminal) as screen:
            return screen.rest()

    def test_is_plain_in_a_pipe(self):
        done = run(*self.words())
        self.assertEqual((done.returncode, done.stderr), (1, ''))
        self.assertRegex(done.stdout, r'(?s)\Aimage:   \S+:wrong-identity\ndigest:  sha256:.*\nverdict: not trusted by policy '
                                      r'\S+: identity_mismatch\n\n?  policy .*    authority .*      want:     subject .*'
                                      r'      got:      .*        passed: chain\n        failed: identity_mismatch '
                                      r'\(found .*\nfix:     .*\n\Z')
        self.assertNotIn('\x1b', done.stdout)

    def test_tells_trust_with_signer_and_end(self):
        done = run(*self.words(tag='signed'))
        self.assertEqual((done.returncode, done.stderr), (0, ''))
        self.assertRegex(done.stdout, r'verdict: trusted: verified\n')
        self.assertRegex(done.stdout, r'counts: verified, signed by team-a@linuxera.org.*, certificate ends 20')

    def test_is_coloured_on_a_terminal(self):
        text, code = self.on_terminal(columns=1000)
        self.assertEqual(code, 1)
        self.assertIn('\x1b[31mnot trusted\x1b[0m by policy', text)
        self.assertEqual(ESCAPE.sub('', text), run(*self.words()).stdout)

    def test_colours_can_be_refused(self):
        for more, environment in (((), {'NO_COLOR': '1'}), ((), {'TERM': 'dumb'}), (('--color', 'never'), {}),
                                  (('--color=never',), {'TERM': 'xterm-256color'})):
            with self.subTest(more=more, environment=environment):
                self.assertNotIn('\x1b', self.on_terminal(*more, **environment)[0])

    def test_colours_can_be_asked_for(self):
        self.assertIn('\x1b[31mnot trusted', run(*self.words('--color', 'always')).stdout)
        self.assertIn('\x1b[31mnot trusted', self.on_terminal('--color', 'always', NO_COLOR='1')[0])
        self.assertIn('\x1b[31mnot trusted', self.on_terminal(NO_COLOR='')[0])

    def test_fits_every_terminal(self):
        for tag in TAGS:
            for columns, rows in ((100, 40), (80, 24), (50, 24), (40, 12), (20, 5), (120, 3)):
                with self.subTest(tag=tag, columns=columns, rows=rows):
                    text = ESCAPE.sub('', self.on_terminal(tag=tag, columns=columns, rows=rows)[0])
                    lines = text.rstrip('\n').split('\n')
                    self.assertLess(len(lines), rows, text)
                    self.assertLessEqual(max(map(len, lines)), columns, text)

    def test_says_what_it_cut(self):
        text = self.on_terminal(columns=60, rows=8)[0]
        self.assertIn('--verbose shows all', text)
        whole = self.on_terminal('--verbose', columns=60, rows=8)[0]
        self.assertGreater(whole.count('\n'), 8)
        self.assertNotIn('--verbose', whole)

    def test_the_environment_outweighs_the_size_of_a_terminal(self):
        text = ESCAPE.sub('', self.on_terminal(COLUMNS='44', LINES='9')[0])
        self.assertLessEqual(max(map(len, text.split('\n'))), 44)
        self.assertLess(text.count('\n'), 9)

    def test_progress_is_for_people_and_leaves_nothing(self):
        words = ['verify', *trust(self.folder), *(image(tag) for tag in TAGS)]
        self.assertNotIn('images\r', run(*words).stderr)
        with Terminal([SIGNET, *words]) as screen:
            text, code = screen.rest()
        self.assertEqual(code, 1)
        self.assertIn('judged 0 of 6 images\r\x1b[K', text)
        with Terminal([SIGNET, *words, '-o', 'json']) as screen:
            self.assertIn('judged 0 of 6 images\r\x1b[K', screen.rest()[0])
        self.assertEqual(run(*words, '-o', 'json').stderr, '')
        with Terminal([SIGNET, *words[:-5]]) as screen:
            self.assertNotIn('\x1b[K', screen.rest()[0])

    def test_progress_of_a_review_leaves_nothing_either(self):
        pods = self.folder / 'pods.yaml'
        pods.write_text('---\n'.join(
            f'kind: Pod\napiVersion: v1\nmetadata: {{name: {tag}}}\nspec: {{containers: [{{name: c, image: "{image(tag)}"}}]}}\n'
            for tag in TAGS), encoding='utf-8')
        words = ['review', str(pods), *trust(self.folder), '--summary']
        self.assertNotIn('images\r', run(*words).stderr)
        with Terminal([SIGNET, *words]) as screen:
            text, code = screen.rest()
        self.assertEqual(code, 1)
        self.assertIn('judged 0 of 6 images\r\x1b[K', text)


if __name__ == '__main__':
    unittest.main()
