#!/usr/bin/env python3
"""`signet check` against a real `signet serve`, and against all that only looks like one. SIGNET names the program."""
import http.server
import json
import os
import re
import socket
import ssl
import subprocess
import tempfile
import threading
import unittest
from pathlib import Path

import serving
from registry import make_server_certificate, run

SIGNET = os.environ['SIGNET']
POLICY = '''apiVersion: signet.dev/v1alpha1
kind: ClusterTrustPolicy
metadata: {name: none}
spec:
  match: {images: ["registry.example/**"]}
  authorities: [{name: none, static: {action: deny}}]
'''
SERVICE = 'signet.signet-system.svc'


def answer_to(review, **response):
    return json.dumps({'apiVersion': 'admission.k8s.io/v1', 'kind': 'AdmissionReview',
                       'response': {'uid': review['request']['uid'], 'allowed': False} | response})


class Impostor:
    """An HTTPS server that answers what `say` gives for a review: a status and a text."""

    def __init__(self, pair, say, status=200):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = say(json.loads(self.rfile.read(int(self.headers['Content-Length'])))).encode()
                self.send_response(status)
                self.send_header('Content-Length', str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *ignored):
                pass
        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *ignored: None  # a client that refuses us
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pair[1], pair[2])
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f'https://127.0.0.1:{self.server.server_address[1]}'

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class CheckTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        place = tempfile.TemporaryDirectory(prefix='signet-e2e-')
        cls.addClassCleanup(place.cleanup)
        cls.folder = Path(place.name)
        cls.pair = make_server_certificate(cls.folder, 'webhook', f'DNS:localhost,DNS:{SERVICE},IP:127.0.0.1')
        cls.other = make_server_certificate(cls.folder, 'other')
        cls.serve = serving.Serve(SIGNET, cls.folder / 'signet', POLICY, {}, pair=cls.pair)
        cls.addClassCleanup(cls.serve.end)
        cls.url = f'https://127.0.0.1:{cls.serve.ports["address"]}'

    def check(self, *arguments):
        """(exit code, what it printed)"""
        done = subprocess.run([SIGNET, 'check', *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, check=False, timeout=60)
        return done.returncode, done.stdout + done.stderr

    def trusting(self, url, *more):
        return self.check(url, '--ca', self.pair[0], *more)

    def says(self, code, *texts, of):
        self.assertEqual(of[0], code, of[1])
        for text in texts:
            self.assertIn(text, of[1])

    def plain(self, listener):
        return f'http://127.0.0.1:{self.serve.ports[listener]}'

    def metric(self, name):
        text = self.serve.plain('metrics', '/metrics')[1]
        return sum(float(value) for value in re.findall(rf'^{name}{{[^}}]*}} (\S+)', text, re.M))

    def test_all_is_well(self):
        found = self.trusting(self.url, '--readyz', self.plain('health'), '--metrics', self.plain('metrics'))
        self.says(0, 'signed by the given authority', 'denies a Pod whose image is none', 'ready', ' metrics', of=found)
        self.assertEqual([line[:6] for line in found[1].splitlines()], ['ok    '] * 4)

    def test_each_hook_answers(self):
        for path in ('/validate', '/mutate', '/validate-policy'):
            self.says(0, f'{path}: ', of=self.trusting(self.url + path))

    def test_the_server_name_is_what_the_certificate_must_be_for(self):
        self.says(0, f'for {SERVICE} and signed', of=self.trusting(self.url, '--server-name', SERVICE))
        wrong = self.trusting(self.url, '--server-name', 'other.example')
        self.says(1, 'for other names than other.example', f'it is for localhost, {SERVICE}, 127.0.0.1', of=wrong)

    def test_it_is_counted_as_a_dry_run_and_nothing_else(self):
        dry = self.metric('signet_admission_dry_run_requests_total')
        others = ('signet_admission_requests_total', 'signet_image_verifications_total',
                  'signet_admission_request_body_bytes_count', 'signet_admission_images_per_request_count')
        before = [self.metric(name) for name in others]
        for path in ('/validate', '/mutate'):
            self.says(0, of=self.trusting(self.url + path))
        self.assertEqual(self.metric('signet_admission_dry_run_requests_total'), dry + 2)
        self.assertEqual([self.metric(name) for name in others], before)
        self.assertNotIn('signet-check-', self.serve.path_of_log().read_text())

    def test_another_authority(self):
        self.says(1, 'not signed by the given authority', of=self.check(self.url, '--ca', self.other[0]))
        self.says(1, 'not signed by the given authority', of=self.check(self.url))  # the system's

    def test_a_certificate_that_has_ended(self):
        run(['openssl', 'x509', '-req', '-in', 'webhook.csr', '-CA', 'webhook-ca.pem', '-CAkey', 'webhook-ca-key.pem',
             '-days', -1, '-extfile', 'webhook.cnf', '-out', 'ended.pem'], self.folder)
        server = Impostor((None, self.folder / 'ended.pem', self.pair[2]), answer_to)
        self.addCleanup(server.close)
        self.says(1, 'has expired: it was valid until 20', of=self.trusting(server.url))

    def test_nobody_listens(self):
        with socket.socket() as free:
            free.bind(('127.0.0.1', 0))
            self.says(2, 'nobody listens there', of=self.trusting(f'https://127.0.0.1:{free.getsockname()[1]}'))

    def test_silence_ends_with_the_time(self):
        with socket.create_server(('127.0.0.1', 0)) as silent:
            url = f'https://127.0.0.1:{silent.getsockname()[1]}'
            self.says(2, 'no answer in time, 1 s', of=self.trusting(url, '--timeout', 1))
        over = threading.Event()
        self.addCleanup(over.set)
        mute = Impostor(self.pair, lambda review: over.wait(60) and '')
        self.says(2, 'signed by the given', 'no answer in time, 1 s', of=self.trusting(mute.url, '--timeout', 1))

    def test_what_is_no_signet(self):
        cases = {
            'is this Signet?': lambda review: '<html>hello</html>',
            'another uid': lambda review: answer_to(review, uid='x'),
            'lets a Pod in whose image is none': lambda review: answer_to(review, allowed=True),
            'does not say "allowed"': lambda review: answer_to(review, allowed=None)}
        for text, say in cases.items():
            server = Impostor(self.pair, say)
            self.says(1, text, of=self.trusting(server.url))
            server.close()
        server = Impostor(self.pair, lambda review: 'no such page', status=404)
        self.addCleanup(server.close)
        self.says(1, 'status 404: no such page', of=self.trusting(server.url))
        self.says(0, of=self.trusting(server.url, '--tls-only'))

    def test_what_speaks_no_tls(self):
        url = self.plain('health').replace('http:', 'https:')
        self.says(1, 'it does not speak TLS\n', of=self.trusting(url))

    def test_addresses_beside_it_that_are_wrong(self):
        swapped = self.trusting(self.url, '--readyz', self.plain('metrics'), '--metrics', self.plain('health'))
        self.says(1, 'not ready, status 404', 'no metrics, status 404', of=swapped)
        self.says(1, 'no metrics: line 1', of=self.trusting(self.url, '--metrics', self.plain('health') + '/livez'))

    def test_what_is_wrong_outweighs_what_is_silent(self):
        both = self.check(self.url, '--ca', self.other[0], '--readyz', 'http://127.0.0.1:1')
        self.says(1, 'not signed', 'nobody listens', of=both)

    def test_a_command_line_that_cannot_be_meant(self):
        for arguments in ((), (self.url, '--webhook', 'signet'), (self.url.replace('https', 'http'),), ('localhost',),
                          ('--webhook', 'signet', '--ca', 'x'), (self.url, '--kubeconfig', 'x'),
                          (self.url, '--ca', self.folder / 'absent'), (self.url, '--ca', self.pair[2]),
                          (self.url, '--timeout', 0), ('--webhook', 'signet')):
            code, text = self.check(*arguments)
            self.assertEqual((code, text.count('\n')), (64, 1), text)


if __name__ == '__main__':
    unittest.main()
