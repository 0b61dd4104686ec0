"""What tests of the life of `signet serve` need: processes, a steady load, a TCP balancer between them."""
import asyncio
import json
import os
import resource
import ssl
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / 'e2e'))

import registry  # noqa: E402
import serving  # noqa: E402

SIGNET = os.environ['SIGNET']
DIGEST = 'sha256:' + '0' * 64
POLICY = '''apiVersion: signet.dev/v1alpha1
kind: ClusterTrustPolicy
metadata: {name: %s}
spec:
  match: {images: ["%s.example/**"]}
  authorities: [{name: fixed, static: {action: %s}}]
'''
QUICK = {'server': {'shutdownDelay': '1s', 'drainTimeout': '10s'}}


def raise_descriptors():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def is_sanitized():
    with open(SIGNET, 'rb') as program:
        return b'__asan_init' in program.read()


def start(folder, settings=None, flags=(), policy=None, **how):
    """A running `signet serve` whose policies need no registry."""
    return serving.Serve(SIGNET, folder, policy or POLICY % ('good', 'good', 'allow'), settings or QUICK, flags, **how)


def review(image='good.example/app@' + DIGEST, size=0):
    """The bytes of a review of one Pod, of at least `size` bytes."""
    pod = serving.pod_of(image)
    if size:
        pod['metadata']['annotations'] = {'pad': 'x' * size}
    return json.dumps(serving.review_of(pod)).encode()


def post(body, path='/validate?timeout=10s', more=''):
    return (f'POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{more}'
            f'Content-Length: {len(body)}\r\n\r\n').encode() + body


def trusting(*authorities):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for file in authorities:
        context.load_verify_locations(file)
    return context


async def read_answer(reader):
    """(status, head, body) of one answer."""
    head = await reader.readuntil(b'\r\n\r\n')
    length = next(int(line.split(b':')[1]) for line in head.split(b'\r\n') if line.lower().startswith(b'content-length'))
    body = await reader.readexactly(length)
    return int(head.split(b' ')[1]), head, body


def verdict_of(answer):
    status, _, body = answer
    return json.loads(body)['response']['allowed'] if status == 200 else None


async def connect(port, context, source=None):
    return await asyncio.open_connection('127.0.0.1', port, ssl=context, server_hostname='localhost',
                                         local_addr=(source, 0) if source else None, limit=2**22)


async def exchange(port, context, octets, source=None):
    reader, writer = await connect(port, context, source)
    try:
        writer.write(octets)
        return await read_answer(reader)
    finally:
        writer.close()


class Load:
    """Reviews at a given rate over kept connections; every one that is not answered `allowed` is a failure."""

    def __init__(self, port, context, rate, workers=8):
        self.port, self.context, self.gap, self.workers = port, context, workers / rate, workers
        self.answered, self.failures, self.ending = 0, [], False
        self.octets = post(review())

    async def run(self):
        await asyncio.gather(*(self.work(n) for n in range(self.workers)))

    async def work(self, number):
        due = time.monotonic() + self.gap * number / self.workers
        writer = reader = None
        while not self.ending:
            await asyncio.sleep(max(0, due - time.monotonic()))
            due += self.gap
            try:
                if writer is None:
                    reader, writer = await connect(self.port, self.context)
                writer.write(self.octets)
                answer = await asyncio.wait_for(read_answer(reader), 10)
                if verdict_of(answer) is not True:
                    raise ValueError(answer)
                self.answered += 1
                if b'Connection: close' in answer[1]:
                    writer.close()
                    writer = None
            except (OSError, ValueError, EOFError, asyncio.TimeoutError) as why:
                self.failures.append((time.monotonic(), repr(why)))
                if writer:
                    writer.close()
                writer = None
        if writer:
            writer.close()


class Background:
    """An event loop on a thread of its own."""

    def __enter__(self):
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        return self

    def start(self, work):
        return asyncio.run_coroutine_threadsafe(work, self.loop)

    def do(self, work, timeout=120):
        return self.start(work).result(timeout)

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()


class Balancer:
    """Sends each new connection to the next instance that says it is ready; what is under way stays."""

    def __init__(self):
        self.instances, self.turn, self.server, self.port = [], 0, None, None

    async def open(self):
        self.server = await asyncio.start_server(self.serve, '127.0.0.1', 0)
        self.port = self.server.sockets[0].getsockname()[1]
        asyncio.ensure_future(self.watch())

    async def is_ready(self, instance):
        try:
            reader, writer = await asyncio.open_connection('127.0.0.1', instance.ports['health'])
            writer.write(b'GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
            line = await asyncio.wait_for(reader.readline(), 2)
            writer.close()
            return b' 200 ' in line
        except (OSError, asyncio.TimeoutError):
            return False

    async def watch(self):
        while True:
            for instance in list(self.instances):
                instance.ready = await self.is_ready(instance)
            await asyncio.sleep(0.05)

    async def serve(self, reader, writer):
        ready = [one for one in self.instances if getattr(one, 'ready', False)]
        if not ready:
            writer.close()
            return
        self.turn += 1
        try:
            far = await asyncio.open_connection('127.0.0.1', ready[self.turn % len(ready)].ports['address'])
        except OSError:
            writer.close()
            return
        await asyncio.gather(self.pass_on(reader, far[1]), self.pass_on(far[0], writer))

    @staticmethod
    async def pass_on(reader, writer):
        try:
            while octets := await reader.read(65536):
                writer.write(octets)
                await writer.drain()
        except OSError:
            pass
        writer.close()


def replace(file, content):
    """As an atomic write does it."""
    part = Path(f'{file}.part')
    part.write_bytes(content if isinstance(content, bytes) else content.encode())
    part.replace(file)


def memory_of(process, field):
    """VmRSS or VmHWM, in bytes."""
    for line in Path(f'/proc/{process.pid}/status').read_text().splitlines():
        if line.startswith(field + ':'):
            return int(line.split()[1]) * 1024
    raise ValueError(field)


def metric(serve, name):
    """The sum of a metric's series that begin with `name`."""
    text = serve.plain('metrics', '/metrics')[1]
    return sum(float(line.rpartition(' ')[2]) for line in text.splitlines() if line.startswith(name))


def wait_for(fact, seconds=15):
    """Whether `fact` comes true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if fact():
            return True
        time.sleep(0.05)
    return False


make_pair = registry.make_server_certificate
