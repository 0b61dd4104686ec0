#!/usr/bin/env python3
"""`signet demo`: six decisions as they must be, a line to try, and nothing left behind. SIGNET names the program."""
import json
import os
import re
import signal
import subprocess
import tempfile
import unittest

SIGNET = os.environ['SIGNET']
DENIED = {'unsigned': 'no_signature', 'foreign-ca': 'chain_untrusted', 'wrong-identity': 'identity_mismatch',
          'expired': 'chain_expired', 'tampered': 'signature_invalid'}


class DemoTest(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory(prefix='signet-e2e-')
        self.addCleanup(place.cleanup)
        self.place = place.name
        self.environment = os.environ | {'TMPDIR': self.place}

    def leaves_nothing(self):
        self.assertEqual(os.listdir(self.place), [])

    def test_admits_one_pod_and_denies_five(self):
        done = subprocess.run([SIGNET, 'demo'], env=self.environment, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, check=False, timeout=60)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        admitted = re.findall(r'^ADMITTED +\S+:(\S+)', done.stdout, re.M)
        denied = re.findall(r'^DENIED +\S+:(\S+).*\n +image .*?: not trusted by policy \S+: (\w+)', done.stdout, re.M)
        self.assertEqual(admitted, ['signed'])
        self.assertEqual(dict(denied), DENIED, done.stdout)
        self.leaves_nothing()

    def test_stays_up_for_the_line_that_it_prints(self):
        process = subprocess.Popen([SIGNET, 'demo', '--keep'], env=self.environment, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.kill)
        with process.stdout as lines:
            line = ''
            for text in lines:
                line += text if line or 'curl' in text else ''
                if line and not text.rstrip().endswith('\\'):
                    break
            tried = subprocess.run(['bash', '-c', line], capture_output=True, text=True, check=False, timeout=60)
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(timeout=60), 0)
        answer = json.loads(tried.stdout)
        self.assertIn('allowed', answer['response'], tried.stderr)
        self.leaves_nothing()


if __name__ == '__main__':
    unittest.main()
