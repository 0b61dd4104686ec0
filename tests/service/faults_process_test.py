#!/usr/bin/env python3
"""Faults of the process and its surroundings, injected into the real program (security.md 4.4). SIGNET names it."""
import asyncio
import os
import random
import resource
import signal
import socket
import subprocess
import threading
import time
import unittest
from pathlib import Path

import life
from life_case import ProcessTest

MIB = 2**20


class SurroundingsTest(ProcessTest):
    def test_FI17_nothing_can_be_written_anywhere(self):
        def no_files():
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

        environment = os.environ | {'TMPDIR': '/nonexistent', 'HOME': '/nonexistent'}
        faulty = subprocess.run([life.SIGNET, 'demo'], env=os.environ | {'TMPDIR': str(self.folder)},
                                preexec_fn=no_files, capture_output=True, check=False, timeout=60)
        self.assertNotEqual(faulty.returncode, 0, 'a command that writes shows that the fault is there')
        before = dict(os.environ)
        os.environ.update(environment)
        self.addCleanup(os.environ.update, before)
        serve = self.serve()
        resource.prlimit(serve.process.pid, resource.RLIMIT_FSIZE, (0, 0))
        self.assertIs(self.admits(serve), True)
        denied = self.ask(serve, life.post(life.review('stranger.example/app@' + life.DIGEST)))
        self.assertIs(life.verdict_of(denied), False)
        self.assertEqual(serve.close(), 0)

    def test_FI22_descriptors_run_out(self):
        def few():
            resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))

        serve = self.serve(preexec_fn=few)
        context = self.trust(serve)
        self.background.do(self.exhaust(serve, context))
        self.assertTrue(life.wait_for(lambda: self.recovers(serve)), 'without a restart')
        self.assertIn('"accept_failed"', serve.path_of_log().read_text(), 'the fault was met')
        self.assertGreater(life.metric(serve, 'signet_http_connections_closed_total{listener="health",reason="refused"'), 0)

    def recovers(self, serve):
        try:
            return self.admits(serve)
        except OSError:
            return False

    async def exhaust(self, serve, context):
        reader, writer = await life.connect(serve.ports['address'], context)
        idle = [await asyncio.open_connection('127.0.0.1', serve.ports['health']) for _ in range(80)]
        spent = cpu_of(serve)
        for _ in range(10):
            writer.write(life.post(life.review()))
            self.assertIs(life.verdict_of(await life.read_answer(reader)), True, 'what is connected is served')
            await asyncio.sleep(0.1)
        self.assertLess(cpu_of(serve) - spent, 0.7, 'no busy loop')
        for _, held in idle + [(None, writer)]:
            held.close()

    def test_FI36_nobody_reads_the_log(self):
        serve = self.serve(flags=('--log-level', 'debug'))
        serve.pause_log.set()
        load = life.Load(serve.ports['address'], self.trust(serve), 1000, workers=8)
        running = self.background.start(load.run())
        blocked = life.wait_for(lambda: life.metric(serve, 'signet_log_dropped_total ') > 0, 60)
        answered = load.answered
        self.assertTrue(life.wait_for(lambda: load.answered > answered + 50), 'answers go on')
        load.ending = True
        running.result(30)
        serve.pause_log.clear()
        self.assertTrue(blocked, 'lines were dropped, so the fault was met')
        self.assertEqual(load.failures, [])
        self.assertEqual(serve.close(), 0)

    def test_FI40_a_tenth_of_a_processor(self):
        serve = self.serve()
        stops, ending = [0], threading.Event()

        def throttle():
            while not ending.is_set():
                serve.process.send_signal(signal.SIGSTOP)
                stops[0] += 1
                time.sleep(0.09)
                serve.process.send_signal(signal.SIGCONT)
                time.sleep(0.01)

        starving = threading.Thread(target=throttle)
        load = life.Load(serve.ports['address'], self.trust(serve), 20, workers=4)
        starving.start()
        spent = cpu_of(serve)
        running = self.background.start(load.run())
        time.sleep(4)
        load.ending = True
        running.result(30)
        alive = serve.plain('health', '/livez')[0]
        ending.set()
        starving.join()
        serve.process.send_signal(signal.SIGCONT)
        self.assertEqual(load.failures, [], 'each was answered in its time')
        self.assertGreater(load.answered, 10)
        self.assertEqual(alive, 200)
        self.assertGreater(stops[0], 20)
        self.assertLess(cpu_of(serve) - spent, 2, 'the fault was there')


class PressureTest(ProcessTest):
    def test_FI26_a_flood_of_large_reviews(self):
        scale = 4 if life.is_sanitized() else 1
        limit = 256 * MIB * scale
        serve = self.serve(flags=('--server-memory-limit', str(limit)))
        self.assertEqual(life.metric(serve, 'signet_memory_limit_bytes'), limit)
        body = life.review(size=3 * MIB)
        self.assertIs(life.verdict_of(self.ask(serve, life.post(body))), True, 'alone it is answered')
        statuses = self.background.do(self.flood(serve, life.post(body), 500), 300)
        self.assertIsNone(serve.process.poll())
        self.assertLess(life.memory_of(serve.process, 'VmHWM'), limit // 5 * 4)
        ended = life.metric(serve, 'signet_http_connections_closed_total{listener="admission",reason="timeout"')
        self.assertGreater(life.metric(serve, 'signet_admission_shed_total') + ended, 0, 'the fault was there')
        self.assertEqual(set(statuses) - {200, 503, None}, set())
        self.assertTrue(life.wait_for(lambda: life.memory_of(serve.process, 'VmRSS') < 64 * MIB * scale, 40),
                        life.memory_of(serve.process, 'VmRSS'))
        print('FI-26:', {status: statuses.count(status) for status in set(statuses)}, 'peak',
              life.memory_of(serve.process, 'VmHWM') // MIB, 'MiB, then', life.memory_of(serve.process, 'VmRSS') // MIB)
        self.assertIs(self.admits(serve), True)

    async def flood(self, serve, octets, count):
        context = self.trust(serve)

        async def one():
            try:
                reader, writer = await life.connect(serve.ports['address'], context)
            except OSError:
                return None
            try:
                writer.write(octets)
                return (await asyncio.wait_for(life.read_answer(reader), 30))[0]
            except (OSError, EOFError, asyncio.TimeoutError):
                return None
            finally:
                writer.transport.abort()

        return await asyncio.gather(*(one() for _ in range(count)))

    def test_FI26_memory_short_sheds_by_itself(self):
        # More budget for bodies than memory: only the look at memory stands between.
        scale = 4 if life.is_sanitized() else 1
        limit = 128 * MIB * scale
        flags = ('--server-memory-limit', str(limit), '--server-body-bytes', str(2**32))
        serve = self.serve(flags=flags)
        statuses = self.background.do(self.flood(serve, life.post(life.review(size=3 * MIB)), 120 * scale), 300)
        self.assertIsNone(serve.process.poll())
        self.assertLess(life.memory_of(serve.process, 'VmHWM'), limit)
        self.assertGreater(life.metric(serve, 'signet_admission_shed_total{reason="memory"') +
                           life.metric(serve, 'signet_http_connections_closed_total{listener="admission",reason="refused"'),
                           0, statuses)
        self.assertTrue(life.wait_for(lambda: self.recovers(serve), 40))

    recovers = SurroundingsTest.recovers

    def test_FI33_five_thousand_idle_connections_of_one_source(self):
        life.raise_descriptors()
        serve = self.serve()
        context = self.trust(serve)
        load = life.Load(serve.ports['address'], context, 20, workers=4)
        running = self.background.start(load.run())
        self.background.do(self.hold_idle(serve, context, 5000), 300)
        load.ending = True
        running.result(30)
        self.assertEqual(load.failures, [])
        refused = life.metric(serve, 'signet_http_connections_closed_total{listener="admission",reason="refused"')
        self.assertGreater(refused, 1000, 'the fault was there, and bounded')
        self.assertIs(self.admits(serve), True)

    async def hold_idle(self, serve, context, count):
        held = []
        for _ in range(count // 100):
            held += await asyncio.gather(*(asyncio.open_connection('127.0.0.1', serve.ports['address'],
                                                                   local_addr=('127.0.0.2', 0)) for _ in range(100)))
        reader, writer = await life.connect(serve.ports['address'], context)
        writer.write(life.post(life.review()))
        self.assertIs(life.verdict_of(await life.read_answer(reader)), True, 'another source is served')
        for _, one in held + [(None, writer)]:
            one.transport.abort()

    def test_FI34_garbage_on_every_port_under_load(self):
        serve = self.serve()
        context = self.trust(serve)
        load = life.Load(serve.ports['address'], context, 50, workers=4)
        running = self.background.start(load.run())
        sent = self.background.do(self.throw_garbage(serve, context))
        load.ending = True
        running.result(30)
        self.assertEqual(load.failures, [])
        self.assertIsNone(serve.process.poll())
        self.assertGreater(life.metric(serve, 'signet_tls_handshakes_total{result="protocol"'), 0, 'it arrived')
        self.assertGreater(life.metric(serve, 'signet_http_responses_total{code="400"'), 0, 'it arrived')
        self.assertGreater(sent, 200)

    async def throw_garbage(self, serve, context):
        dice, sent = random.Random(34), 0
        for _ in range(75):
            rubbish = dice.randbytes(dice.randrange(1, 3000))
            torn = life.post(life.review())[:dice.randrange(1, 900)]
            plans = [(serve.ports['address'], None, rubbish), (serve.ports['health'], None, rubbish),
                     (serve.ports['metrics'], None, b'GET ' + rubbish), (serve.ports['address'], context, torn),
                     (serve.ports['address'], context, b'POST /validate HTTP/1.1\r\n' + rubbish + b'\r\n\r\n')]
            for port, tls, octets in plans:
                try:
                    _, writer = await asyncio.open_connection('127.0.0.1', port, ssl=tls,
                                                              server_hostname='localhost' if tls else None)
                    writer.write(octets)
                    await writer.drain()
                    writer.close()
                    sent += 1
                except OSError:
                    pass
        return sent

    def test_FI35_scrapes_that_hang(self):
        serve = self.serve()
        load = life.Load(serve.ports['address'], self.trust(serve), 50, workers=4)
        running = self.background.start(load.run())
        scrape = b'GET /metrics HTTP/1.1\r\nHost: x\r\n'
        hanging = []
        for _ in range(10):
            held = socket.create_connection(('127.0.0.1', serve.ports['metrics']))
            held.sendall((scrape + b'\r\n') * 100)  # and never reads
            hanging.append(held)
        self.background.do(self.scrape_with(serve, scrape + b'Accept: ' + b'a/b;q=0.1,' * 3000 + b'\r\n\r\n'))
        refused = self.background.do(self.scrape_with(serve, scrape + b'Accept: ' + b'a' * 40000 + b'\r\n\r\n'))
        self.assertEqual(refused, 431)
        time.sleep(1)
        load.ending = True
        running.result(30)
        for held in hanging:
            held.close()
        self.assertEqual(load.failures, [])
        self.assertGreater(load.answered, 20)
        self.assertTrue(life.wait_for(lambda: serve.plain('metrics', '/metrics')[0] == 200))

    async def scrape_with(self, serve, octets):
        reader, writer = await asyncio.open_connection('127.0.0.1', serve.ports['metrics'], limit=2**22)
        writer.write(octets)
        status = (await asyncio.wait_for(life.read_answer(reader), 20))[0]
        writer.close()
        return status


class EndTest(ProcessTest):
    def test_FI24_a_signal_with_two_hundred_in_flight(self):
        serve = self.serve()
        answers = self.background.do(self.end_in_flight(serve, 200))
        self.assertEqual([life.verdict_of(answer) for answer in answers], [True] * 200)
        self.assertTrue(all(b'Connection: close' in head for _, head, _ in answers))
        self.assertEqual(serve.process.wait(30), 0)

    async def end_in_flight(self, serve, count):
        context, octets = self.trust(serve), life.post(life.review())
        pairs = [await life.connect(serve.ports['address'], context) for _ in range(count)]
        for _, writer in pairs:
            writer.write(octets[:-10])
        serve.process.terminate()
        log = serve.path_of_log()
        while '"draining"' not in log.read_text():
            await asyncio.sleep(0.01)
        status = await asyncio.get_running_loop().run_in_executor(None, lambda: serve.plain('health', '/readyz')[0])
        self.assertEqual(status, 503)
        for _, writer in pairs:
            writer.write(octets[-10:])
        return [await asyncio.wait_for(life.read_answer(reader), 20) for reader, _ in pairs]

    def test_FI24_a_second_signal_ends_at_once(self):
        serve = self.serve(settings={'server': {'shutdownDelay': '60s', 'drainTimeout': '60s'}})
        serve.process.terminate()
        self.assertTrue(life.wait_for(lambda: '"draining"' in serve.path_of_log().read_text()))
        self.assertIsNone(serve.process.poll(), 'one signal alone waits')
        serve.process.terminate()
        self.assertEqual(serve.process.wait(10), 1)

    def test_FI25_one_of_two_is_killed_under_load(self):
        serves = [self.serve('one'), self.serve('two')]
        balancer = life.Balancer()
        balancer.instances = list(serves)
        self.background.do(balancer.open())
        self.assertTrue(life.wait_for(lambda: all(getattr(one, 'ready', False) for one in serves)))
        load = life.Load(balancer.port, self.trust(*serves), 100, workers=8)
        running = self.background.start(load.run())
        time.sleep(1.5)
        serves[0].end()
        killed = time.monotonic()
        balancer.instances.remove(serves[0])
        time.sleep(2)
        load.ending = True
        running.result(30)
        self.assertLessEqual(len(load.failures), load.workers, 'only what was in flight there')
        self.assertEqual([why for at, why in load.failures if at > killed + 1.5], [])
        self.assertGreater(load.answered, 100)

    def test_FI30_the_certificate_is_rotated_under_load(self):
        serve = self.serve()
        (self.folder / 'next').mkdir()
        pair = life.make_pair(self.folder / 'next', 'webhook')
        old = [serve.ca.read_bytes(), *(self.pair_of(serve)[n].read_bytes() for n in (0, 1))]
        first_ca = self.folder / 'first-ca.pem'
        first_ca.write_bytes(old[0])
        context = life.trusting(first_ca, pair[0])
        failures = []
        ending = threading.Event()

        def shake_hands():
            while not ending.is_set():
                try:
                    self.background.do(life.exchange(serve.ports['address'], context, life.post(life.review())))
                except Exception as why:  # noqa: BLE001
                    failures.append(repr(why))

        shaking = threading.Thread(target=shake_hands)
        shaking.start()
        for turn in range(3):
            self.install(serve, (pair[1], pair[2]) if turn % 2 == 0 else None, old)
            self.assertTrue(life.wait_for(lambda: self.reloads(serve, 'ok') == turn + 1))  # noqa: B023
        life.replace(self.pair_of(serve)[1], old[2])  # the key of another certificate
        self.assertTrue(life.wait_for(lambda: self.reloads(serve, 'failed') > 0), 'the alarm')
        ending.set()
        shaking.join()
        self.assertEqual(failures, [])
        self.assertIs(life.verdict_of(self.background.do(
            life.exchange(serve.ports['address'], life.trusting(pair[0]), life.post(life.review())))), True)

    @staticmethod
    def pair_of(serve):
        return serve.folder / 'webhook.pem', serve.folder / 'webhook-key.pem'

    def install(self, serve, files, old):
        contents = [file.read_bytes() for file in files] if files else old[1:]
        for file, content in zip(self.pair_of(serve), contents):
            life.replace(file, content)

    @staticmethod
    def reloads(serve, result):
        return life.metric(serve, f'signet_tls_reloads_total{{result="{result}",usage="serving"')


def cpu_of(serve):
    """Seconds of processor time it has used."""
    fields = Path(f'/proc/{serve.process.pid}/stat').read_text().rpartition(')')[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


if __name__ == '__main__':
    unittest.main()
