#!/usr/bin/env python3
"""Two instances behind a TCP balancer are replaced one after the other, at 200 reviews a second, while the serving
certificate is rotated every 2 s and the policies every second. SIGNET names the program."""
import tempfile
import threading
import time
import unittest
from pathlib import Path

import life

RATE = 200


class RollingTest(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory(prefix='signet-life-')
        self.addCleanup(place.cleanup)
        self.folder = Path(place.name)
        self.serves = []
        self.addCleanup(lambda: [serve.end() for serve in self.serves])
        self.pairs = []
        for n in range(2):
            (self.folder / f'pair{n}').mkdir()
            self.pairs.append(life.make_pair(self.folder / f'pair{n}', 'webhook'))
        self.ending = threading.Event()

    def start(self):
        folder = self.folder / f'signet{len(self.serves)}'
        serve = life.start(folder)
        self.serves.append(serve)
        # From here on it serves what is rotated, whose authorities the load trusts.
        self.install(serve, 0)
        self.assertTrue(life.wait_for(lambda: life.metric(serve, 'signet_tls_reloads_total{result="ok"') > 0))
        return serve

    def install(self, serve, turn):
        _, certificate, key = self.pairs[turn % 2]
        life.replace(serve.folder / 'webhook.pem', certificate.read_bytes())
        life.replace(serve.folder / 'webhook-key.pem', key.read_bytes())

    def disturb(self, live):
        """Rotates until told to end; how often."""
        turn = 0
        while not self.ending.wait(1):
            turn += 1
            for serve in list(live):
                if turn % 2 == 0:
                    self.install(serve, turn // 2)
                life.replace(serve.folder / 'policy.yaml', life.POLICY % ('good', 'good', 'allow') + '---\n' +
                             life.POLICY % (f'other{turn}', f'other{turn}', 'deny'))

    def test_no_request_fails(self):
        with life.Background() as background:
            balancer = life.Balancer()
            balancer.instances = [self.start(), self.start()]
            background.do(balancer.open())
            self.assertTrue(life.wait_for(lambda: all(getattr(one, 'ready', False) for one in balancer.instances)))
            load = life.Load(balancer.port, life.trusting(*(pair[0] for pair in self.pairs)), RATE)
            disturbing = threading.Thread(target=self.disturb, args=(balancer.instances,))
            disturbing.start()
            begun, running = time.monotonic(), background.start(load.run())
            time.sleep(2)
            reloads = 0
            for _ in range(2):
                old = balancer.instances[0]
                fresh = self.start()
                balancer.instances.append(fresh)
                self.assertTrue(life.wait_for(lambda: getattr(fresh, 'ready', False)))
                reloads += life.metric(old, 'signet_tls_reloads_total{result="ok"')
                self.assertEqual(old.close(), 0)
                balancer.instances.remove(old)
            time.sleep(2)
            load.ending = True
            running.result(30)
            seconds = time.monotonic() - begun
            self.ending.set()
            disturbing.join()
        print(f'{load.answered} reviews in {seconds:.0f} s, {len(load.failures)} failed, {reloads:.0f} reloads')
        self.assertEqual(load.failures, [])
        self.assertGreater(load.answered, 500)
        self.assertGreaterEqual(reloads, 2)
        for serve in balancer.instances:
            hashes = serve.path_of_log().read_text().count('"policies_loaded"')
            self.assertGreaterEqual(hashes, 2, 'policies were reloaded under load')

    def tearDown(self):
        self.ending.set()


if __name__ == '__main__':
    unittest.main()
