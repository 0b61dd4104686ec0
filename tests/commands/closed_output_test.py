#!/usr/bin/env python3
"""Standard output that nobody reads, that is full or closed: a sentence and 74, never a crash nor a 0 with half of it."""
import os
import signal
import subprocess
import unittest

from stage import SIGNET, demo, image, run, trust

LONG = ['verify', '--help']  # a command of which something is printed
SENTENCE = 'signet: standard output could not be written ('


class ClosedOutputTest(unittest.TestCase):
    def says_so(self, code, err):
        self.assertEqual(code, 74, err)
        self.assertTrue(err.startswith(SENTENCE), err)
        self.assertEqual(err.count('\n'), 1, err)

    def closed(self, words, redirection='>&-', **more):
        done = subprocess.run(['bash', '-c', f'exec "$@" {redirection}', 'bash', SIGNET, *words], text=True,
                              stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False, timeout=60, **more)
        return done.returncode, done.stderr

    def test_a_pipe_whose_reader_is_gone(self):
        reader, writer = os.pipe()
        os.close(reader)
        process = subprocess.Popen([SIGNET, *LONG], stdout=writer, stderr=subprocess.PIPE, text=True,
                                   preexec_fn=lambda: signal.signal(signal.SIGPIPE, signal.SIG_DFL))
        os.close(writer)
        _, err = process.communicate(timeout=60)
        self.says_so(process.returncode, err)

    def test_a_descriptor_that_was_closed(self):
        self.says_so(*self.closed(LONG))

    def test_a_full_disk(self):
        self.says_so(*self.closed(LONG, '>/dev/full'))

    def test_every_command_that_prints(self):
        for words in (['--help'], ['--version'], ['completion', 'bash'], ['policy', '--help'], ['demo']):
            with self.subTest(words=words):
                self.says_so(*self.closed(words, '>/dev/full'))

    def test_a_verdict_that_could_not_be_told_is_none(self):
        with demo() as folder:
            verify = ['verify', *trust(folder), image('signed')]
            self.assertEqual(run(*verify).returncode, 0)
            for redirection in ('>&-', '>/dev/full'):
                self.says_so(*self.closed(verify, redirection))
                self.says_so(*self.closed([*verify, '-o', 'json'], redirection))
            # Nothing is lost of an answer that standard error has.
            code, err = self.closed(['verify', *trust(folder), image('unsigned')])
            self.assertEqual(code, 1)
            self.assertIn('no_signature', err)

    def test_nothing_takes_the_place_of_a_closed_descriptor(self):
        with demo() as folder:
            done = run('verify', *trust(folder), image('signed'), preexec_fn=lambda: os.close(0))
            self.assertEqual(done.returncode, 0, done.stderr)
            code, err = self.closed(['verify', *trust(folder), image('signed')], '<&- >&- 2>&-')
            self.assertEqual((code, err), (74, ''))


if __name__ == '__main__':
    unittest.main()
