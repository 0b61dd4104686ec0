"""`signet serve` as a process on loopback, and AdmissionReviews posted to it over TLS."""
import http.client
import json
import queue
import ssl
import subprocess
import threading
import time
import uuid

from registry import make_server_certificate

START_S = 30


def listening_ports(entry):
    """The ports of a `listening` line, by the name of the listener."""
    return {name: int(entry[name].rpartition(':')[2]) for name in ('address', 'health', 'metrics')}


class Serve:
    """Runs until closed. `settings` is the content of the --config file; `pair` is who vouches for the serving
    certificate, that and its key, or empty where Signet makes its own."""

    def __init__(self, signet, folder, policy, settings, flags=(), on_start=lambda: None, preexec_fn=None,
                 listen='127.0.0.1:0', pair=None):
        folder.mkdir(parents=True)
        self.folder, self.lines = folder, queue.Queue()
        self.pause_log = threading.Event()  # set: nobody reads the log
        (folder / 'config.yaml').write_text(json.dumps(settings))
        command = [signet, 'serve', '--config', folder / 'config.yaml', '--listen', listen, '--health-listen',
                   '127.0.0.1:0', '--metrics-listen', '127.0.0.1:0', *flags]
        if policy:
            (folder / 'policy.yaml').write_text(policy)
            command += ['--policy', folder / 'policy.yaml']
        if pair is None:
            pair = make_server_certificate(folder, 'webhook')
        if pair:
            self.ca, certificate, key = pair
            command += ['--tls-cert', certificate, '--tls-key', key]
        on_start()
        self.process = subprocess.Popen([str(part) for part in command], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, preexec_fn=preexec_fn)
        threading.Thread(target=self.read_log, daemon=True).start()
        self.ports = self.wait_until_listening()

    def read_log(self):
        with self.process.stdout as lines, self.path_of_log().open('wb', buffering=0) as log:
            for line in lines:
                log.write(line)
                self.lines.put(line)
                while self.pause_log.is_set():
                    time.sleep(0.01)
        self.lines.put(None)

    def path_of_log(self):
        return self.folder / 'log'

    def wait_until_listening(self):
        while True:
            try:
                line = self.lines.get(timeout=START_S)
            except queue.Empty:
                line = None
            if line is None:
                self.process.kill()
                raise RuntimeError('signet serve did not start:\n' + self.path_of_log().read_text())
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            if entry.get('msg') == 'listening':
                return listening_ports(entry)

    def request(self, method, path, body=None):
        """(status, text) of one exchange on the webhook's own port."""
        context = ssl.create_default_context(cafile=self.ca)
        connection = http.client.HTTPSConnection('localhost', self.ports['address'], context=context, timeout=30)
        try:
            connection.request(method, path, body, {'Content-Type': 'application/json'})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def plain(self, listener, path):
        connection = http.client.HTTPConnection('127.0.0.1', self.ports[listener], timeout=30)
        try:
            connection.request('GET', path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def review(self, path, pod):
        """The `response` of an AdmissionReview."""
        review = review_of(pod)
        status, text = self.request('POST', f'{path}?timeout=10s', json.dumps(review))
        answer = json.loads(text)
        if status != 200 or answer['response']['uid'] != review['request']['uid']:
            raise AssertionError(f'{status}: {text}')
        return answer['response']

    def end(self):
        """Ends it whatever it is doing."""
        self.process.kill()
        self.process.wait()

    def close(self):
        """Ends it as Kubernetes does; its exit status."""
        self.process.terminate()
        return self.process.wait(timeout=60)


def pod_of(*images):
    return {'apiVersion': 'v1', 'kind': 'Pod', 'metadata': {'name': 'web', 'namespace': 'shop'},
            'spec': {'containers': [{'name': f'c{n}', 'image': image} for n, image in enumerate(images)]}}


def review_of(pod):
    return {
        'apiVersion': 'admission.k8s.io/v1', 'kind': 'AdmissionReview',
        'request': {
            'uid': str(uuid.uuid4()), 'kind': {'group': '', 'version': 'v1', 'kind': 'Pod'},
            'resource': {'group': '', 'version': 'v1', 'resource': 'pods'},
            'requestKind': {'group': '', 'version': 'v1', 'kind': 'Pod'},
            'requestResource': {'group': '', 'version': 'v1', 'resource': 'pods'},
            'name': 'web', 'namespace': 'shop', 'operation': 'CREATE', 'dryRun': False,
            'userInfo': {'username': 'jane', 'groups': ['system:authenticated']},
            'object': pod, 'oldObject': None, 'options': {'apiVersion': 'meta.k8s.io/v1', 'kind': 'CreateOptions'},
        },
    }
