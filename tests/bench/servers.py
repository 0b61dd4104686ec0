"""The servers that are measured, each a process of its own on one core, all with one certificate."""
import http.client
import json
import os
import shutil
import signal
import ssl
import subprocess
import time
from pathlib import Path

SERVER_CORE = '0'
LOAD_CORE = str((os.cpu_count() or 1) - 1)
TICKS = os.sysconf('SC_CLK_TCK')


def pinned(core, command):
    return ['taskset', '-c', core, *[str(part) for part in command]]


class Stage:
    """bench_stage: a registry with signed images, policies and certificates in a folder."""

    def __init__(self, build, folder, policies, images, delay_ms=0):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True)
        program = Path(build) / 'tests/bench/bench_stage'
        self.process = subprocess.Popen(pinned(LOAD_CORE, [program, self.folder, policies, images, delay_ms]),
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.images = json.loads(self.process.stdout.readline())['images']

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=30)


class Server:
    """A process that serves HTTPS on `port`; `instructions()` where it runs under callgrind."""

    def __init__(self, name, command, folder, counted):
        self.name, self.counts = name, Path(folder) / f'{name}.callgrind'
        self.counted = counted
        if counted:
            loop = '--toggle-collect=boost::asio::detail::scheduler::do_run_one*'
            command = ['valgrind', '--tool=callgrind', f'--callgrind-out-file={self.counts}', loop, '-q', *command]
        self.process = subprocess.Popen(pinned(SERVER_CORE, command), stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def cpu_seconds(self):
        fields = Path(f'/proc/{self.process.pid}/stat').read_text(encoding='utf-8').rpartition(')')[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def resident_mib(self):
        for line in Path(f'/proc/{self.process.pid}/status').read_text(encoding='utf-8').splitlines():
            if line.startswith('VmRSS:'):
                return int(line.split()[1]) / 1024
        return 0

    def post(self, path, body):
        """The answer to one review, on a connection of its own."""
        context = ssl._create_unverified_context()  # noqa: SLF001: it is our own, on loopback
        connection = http.client.HTTPSConnection('127.0.0.1', self.port, context=context, timeout=120)
        try:
            connection.request('POST', path, body, {'Content-Type': 'application/json'})
            return connection.getresponse().read().decode()
        finally:
            connection.close()

    def post_many(self, path, bodies):
        """Posts all over one connection; the answers."""
        context = ssl._create_unverified_context()  # noqa: SLF001
        connection = http.client.HTTPSConnection('127.0.0.1', self.port, context=context, timeout=120)
        answers = []
        for body in bodies:
            connection.request('POST', path, body, {'Content-Type': 'application/json'})
            answers.append(connection.getresponse().read().decode())
        connection.close()
        return answers

    def close(self):
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()

    def instructions(self):
        """What the process ran in all; after close()."""
        for line in self.counts.read_text(encoding='utf-8').splitlines():
            if line.startswith(('summary:', 'totals:')):
                return int(line.split()[1])
        raise RuntimeError(f'{self.counts} has no sum')


class Empty(Server):
    def __init__(self, build, stage, folder, answer, counted=False):
        (Path(folder) / 'answer.json').write_text(answer, encoding='utf-8')
        super().__init__('empty', [Path(build) / 'tests/bench/empty_server', stage.folder / 'tls.crt',
                                   stage.folder / 'tls.key', Path(folder) / 'answer.json'], folder, counted)
        self.port = int(self.process.stdout.readline())

    def close(self):
        # It has no orderly end; callgrind writes its sums when it is told to.
        if self.counted:
            subprocess.run(['callgrind_control', '-d', str(self.process.pid)], check=False, capture_output=True)
            dumps = sorted(self.counts.parent.glob(f'{self.counts.name}.*'))
            if dumps:
                shutil.copy(dumps[-1], self.counts)
        self.process.kill()
        self.process.communicate()


class Signet(Server):
    def __init__(self, build, stage, folder, counted=False):
        loopback = '127.0.0.1:0'
        super().__init__('signet', [
            Path(build) / 'signet', 'serve', '--policy', stage.folder / 'policies', '--listen', loopback,
            '--health-listen', loopback, '--metrics-listen', loopback, '--tls-cert', stage.folder / 'tls.crt',
            '--tls-key', stage.folder / 'tls.key', '--registry-ca', stage.folder / 'registry-ca.pem',
            '--registry-allow-private', '127.0.0.1=127.0.0.0/8'], folder, counted)
        self.port = self.wait_until_listening()

    def wait_until_listening(self):
        for line in self.process.stdout:
            if b'"listening"' in line:
                self.drain_log()
                return int(json.loads(line)['address'].rpartition(':')[2])
        raise RuntimeError('signet serve did not start')

    def drain_log(self):
        subprocess.Popen(['cat'], stdin=self.process.stdout, stdout=subprocess.DEVNULL)


class Nginx(Server):
    """`return 200` with the same certificate: what a server costs that looks at nothing."""

    def __init__(self, stage, folder, port):
        self.port = port
        place = Path(folder) / 'nginx'
        place.mkdir()
        (place / 'nginx.conf').write_text(f'''
daemon off; master_process off; worker_processes 1; pid {place}/pid; error_log {place}/error.log crit;
events {{ worker_connections 1024; }}
http {{
  access_log off; keepalive_requests 100000000; client_body_temp_path {place}/body; client_max_body_size 8m;
  client_body_buffer_size 64k; proxy_temp_path {place}/p; fastcgi_temp_path {place}/f; uwsgi_temp_path {place}/u;
  scgi_temp_path {place}/s;
  server {{
    listen 127.0.0.1:{port} ssl; ssl_certificate {stage.folder}/tls.crt; ssl_certificate_key {stage.folder}/tls.key;
    ssl_protocols TLSv1.3; location / {{ return 200 "ok"; }}
  }}
}}
''', encoding='utf-8')
        super().__init__('nginx', ['nginx', '-c', place / 'nginx.conf'], folder, counted=False)
        time.sleep(0.5)

    def close(self):
        self.process.terminate()
        self.process.communicate(timeout=30)
