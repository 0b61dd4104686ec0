"""A real Prometheus that scrapes what it is told to, and servers that stand in for what no cluster is complete without."""
import collections
import contextlib
import http.server
import json
import math
import subprocess
import threading
import urllib.error
import urllib.parse
import urllib.request

from registry import free_port
from waiting import wait_for

START_S = 60
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class QueryError(Exception):
    """Prometheus refused a query; the text is what it said."""


class Prometheus:
    """`jobs` are scrape_configs; everything happens once a second."""

    def __init__(self, folder, jobs, rules=()):
        folder.mkdir(parents=True)
        self.port = free_port()
        self.url = f'http://127.0.0.1:{self.port}'
        config = folder / 'prometheus.json'
        config.write_text(json.dumps({
            'global': {'scrape_interval': '1s', 'scrape_timeout': '1s', 'evaluation_interval': '1s'},
            'rule_files': [str(file) for file in rules], 'scrape_configs': jobs}))
        self.log = folder / 'log'
        with self.log.open('wb') as log:
            self.process = subprocess.Popen(
                ['prometheus', f'--config.file={config}', f'--storage.tsdb.path={folder / "data"}',
                 f'--web.listen-address=127.0.0.1:{self.port}', '--log.level=warn'],
                cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        if not wait_for(self.is_ready, START_S):
            self.close()
            raise RuntimeError('prometheus did not start:\n' + self.log.read_text()[-4000:])

    def is_ready(self):
        with contextlib.suppress(OSError):
            return OPENER.open(f'{self.url}/-/ready', timeout=5).status == 200
        return False

    def get(self, path, **parameters):
        """The `data` of an answer."""
        try:
            url = f'{self.url}/api/v1/{path}?{urllib.parse.urlencode(parameters)}'
            return json.load(OPENER.open(url, timeout=60))['data']
        except urllib.error.HTTPError as refused:
            raise QueryError(json.load(refused)['error']) from None

    def values(self, expression):
        """The values that the expression has now, of which a NaN is none."""
        found = self.get('query', query=expression)
        assert found['resultType'] == 'vector', expression
        return [value for value in (float(one['value'][1]) for one in found['result']) if not math.isnan(value)]

    def scraped(self):
        """How many targets of each job give metrics."""
        return collections.Counter(target['labels']['job'] for target in self.get('targets')['activeTargets']
                                   if target['health'] == 'up')

    def close(self):
        self.process.kill()
        self.process.wait()


class Answering:
    """An HTTP server on loopback that gives one answer to everything."""

    def __init__(self, status, text='', **headers):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):  # pylint: disable=invalid-name
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name.replace('_', '-'), value)
                self.send_header('Content-Length', str(len(text)))
                self.end_headers()
                self.wfile.write(text.encode())

            do_HEAD = do_GET

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
