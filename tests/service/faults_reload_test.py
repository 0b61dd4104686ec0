#!/usr/bin/env python3
"""What the real program reads anew, and whom it lets in. SIGNET names it."""
import signal
import socket
import time
import unittest

import life
from life_case import ProcessTest
import pki


class ClientCertificateTest(ProcessTest):
    """The API server shows who it is (webhook.md A.11)."""

    def authority(self, name):
        pki.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj',
                 f'/CN={name}', '-days', 30, '-keyout', f'{name}-key.pem', '-out', f'{name}.pem'], self.folder)
        return self.folder / f'{name}.pem'

    def client(self, authority, common_name, names='DNS:nobody'):
        name = f'client{len(list(self.folder.iterdir()))}'
        (self.folder / f'{name}.cnf').write_text(f'subjectAltName={names}\nextendedKeyUsage=clientAuth\n')
        pki.run(['openssl', 'req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj',
                 f'/CN={common_name}', '-keyout', f'{name}-key.pem', '-out', f'{name}.csr'], self.folder)
        pki.run(['openssl', 'x509', '-req', '-in', f'{name}.csr', '-CA', authority, '-CAkey',
                 str(authority).replace('.pem', '-key.pem'), '-CAcreateserial', '-days', 30, '-extfile',
                 f'{name}.cnf', '-out', f'{name}.pem'], self.folder)
        return self.folder / f'{name}.pem', self.folder / f'{name}-key.pem'

    def admitted(self, serve, pair):
        context = life.trusting(serve.ca)
        if pair:
            context.load_cert_chain(*pair)
        try:
            return life.verdict_of(self.background.do(
                life.exchange(serve.ports['address'], context, life.post(life.review()))))
        except (OSError, EOFError):
            return None

    def test_only_the_right_certificate_is_served(self):
        known, stranger = self.authority('known'), self.authority('stranger')
        live = self.folder / 'live.pem'
        live.write_bytes(known.read_bytes())
        serve = self.serve(flags=('--tls-client-ca', live, '--tls-client-name', 'kube-apiserver'))
        right = self.client(known, 'kube-apiserver')
        elsewhere = self.client(stranger, 'kube-apiserver')
        self.assertIs(self.admitted(serve, right), True)
        self.assertIs(self.admitted(serve, self.client(known, 'other', 'DNS:kube-apiserver')), True)
        self.assertIsNone(self.admitted(serve, self.client(known, 'kube-apiserver2')))
        self.assertIsNone(self.admitted(serve, elsewhere))
        self.assertIsNone(self.admitted(serve, None))
        self.assertEqual(serve.plain('health', '/livez')[0], 200, 'probes need none')
        self.assertGreaterEqual(life.metric(serve, 'signet_tls_handshakes_total{result="bad_certificate"'), 3)
        life.replace(live, stranger.read_bytes())
        self.assertTrue(life.wait_for(lambda: self.admitted(serve, elsewhere) is True), 'the authorities are reloaded')
        self.assertIsNone(self.admitted(serve, right))


class PoliciesTest(ProcessTest):
    def allowed(self, serve, name):
        return life.verdict_of(self.ask(serve, life.post(life.review(f'{name}.example/app@{life.DIGEST}'))))

    def successful(self, serve):
        return life.metric(serve, 'signet_config_last_reload_successful{what="policies"')

    def test_FI19_a_change_of_a_policy_is_bad(self):
        serve = self.serve()
        file = serve.folder / 'policy.yaml'
        self.assertIs(self.allowed(serve, 'good'), True)
        bad = {'syntax': 'kind: [', 'value': life.POLICY % ('good', 'good', 'perhaps'), 'empty': ''}
        for what, text in list(bad.items())[:2]:
            life.replace(file, text)
            self.assertTrue(life.wait_for(lambda: self.successful(serve) == 0), what)
            self.assertIs(self.allowed(serve, 'good'), True, 'the last good version decides')
        life.replace(file, life.POLICY % ('good', 'good', 'deny'))
        self.assertTrue(life.wait_for(lambda: self.allowed(serve, 'good') is False), 'a good change does change it')
        self.assertEqual(self.successful(serve), 1)

    def test_FI19_a_policy_that_was_never_good_denies(self):
        folder = self.folder / 'policies'
        folder.mkdir()
        (folder / 'new.yaml').write_text(life.POLICY % ('new', 'new', 'allow'))
        serve = self.serve(flags=('--policy', folder), settings=life.QUICK | {'noMatch': 'allow'})
        self.assertIs(self.allowed(serve, 'other'), True)
        (folder / 'bad.yaml').write_text(life.POLICY % ('bad', 'other', 'perhaps'))
        self.assertTrue(life.wait_for(lambda: self.allowed(serve, 'other') is False))
        self.assertIs(self.allowed(serve, 'new'), True, 'its scope and no more')
        (folder / 'bad.yaml').unlink()
        self.assertTrue(life.wait_for(lambda: self.allowed(serve, 'other') is True), 'taken away, it is forgotten')

    def test_no_event_empties_the_policies_of_a_mounted_directory(self):
        folder = self.folder / 'mounted'
        for turn in (0, 1):
            (folder / f'..{turn}').mkdir(parents=True)
            (folder / f'..{turn}' / 'a.yaml').write_text(life.POLICY % ('a', 'a', 'allow') + f'# {turn}\n')
        (folder / '..data').symlink_to('..0')
        (folder / 'a.yaml').symlink_to('..data/a.yaml')
        serve = self.serve(flags=('--policy', folder))
        load = life.Load(serve.ports['address'], self.trust(serve), 50, workers=4)
        load.octets = life.post(life.review('a.example/app@' + life.DIGEST))
        running = self.background.start(load.run())
        for turn in range(1, 4):
            part = folder / '..part'
            part.symlink_to(f'..{turn % 2}')
            part.replace(folder / '..data')
            time.sleep(1.2)
        (folder / '..data').rename(folder / '..away')  # an empty directory for an instant
        self.assertTrue(life.wait_for(lambda: self.successful(serve) == 0), 'the fault was met')
        (folder / '..away').rename(folder / '..data')
        self.assertTrue(life.wait_for(lambda: self.successful(serve) == 1))
        load.ending = True
        running.result(30)
        self.assertEqual(load.failures, [])
        self.assertGreaterEqual(serve.path_of_log().read_text().count('"policies_loaded"'), 3)

    def test_a_hangup_loads_anew(self):
        serve = self.serve()
        self.assertEqual(serve.path_of_log().read_text().count('"policies_loaded"'), 1)
        serve.process.send_signal(signal.SIGHUP)
        self.assertTrue(life.wait_for(lambda: serve.path_of_log().read_text().count('"policies_loaded"') == 2))
        self.assertIs(self.allowed(serve, 'good'), True)

    def test_a_user_signal_logs_everything_and_another_one_no_longer(self):
        serve = self.serve()
        refused = 'signet_tls_handshakes_total{result="protocol",version="none"}'

        def lines(word):
            return serve.path_of_log().read_text().count(f'"{word}"')

        def knock(times):
            with socket.create_connection(('127.0.0.1', serve.ports['address'])) as connection:
                connection.sendall(b'no handshake at all\r\n\r\n')
                connection.recv(100)
            self.assertTrue(life.wait_for(lambda: life.metric(serve, refused) == times))

        knock(1)
        self.assertEqual(lines('handshake_failed'), 0)
        serve.process.send_signal(signal.SIGUSR1)
        self.assertTrue(life.wait_for(lambda: lines('debug_toggled') == 1))
        knock(2)
        self.assertTrue(life.wait_for(lambda: lines('handshake_failed') == 1))
        serve.process.send_signal(signal.SIGUSR1)
        self.assertTrue(life.wait_for(lambda: lines('debug_toggled') == 2))
        knock(3)
        serve.process.send_signal(signal.SIGHUP)  # its line is behind whatever the knock wrote
        self.assertTrue(life.wait_for(lambda: lines('reload_asked') == 1))
        self.assertEqual(lines('handshake_failed'), 1)


if __name__ == '__main__':
    unittest.main()
