"""Debian's docker-registry on loopback, with TLS and a password file, and a small image to push there."""
import base64
import hashlib
import json
import secrets
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from pki import run

CONFIG_TYPE = 'application/vnd.oci.image.config.v1+json'
MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json'
LAYER_TYPE = 'application/vnd.oci.image.layer.v1.tar'


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


def make_server_certificate(folder, name, hosts='DNS:localhost,IP:127.0.0.1'):
    """NAME-ca.pem, NAME.pem and NAME-key.pem."""
    key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
    (folder / f'{name}.cnf').write_text(f'subjectAltName={hosts}\nextendedKeyUsage=serverAuth\n')
    run(['openssl', 'req', '-x509', *key, '-subj', f'/CN={name} CA', '-days', 30, '-keyout', f'{name}-ca-key.pem',
         '-out', f'{name}-ca.pem'], folder)
    run(['openssl', 'req', '-new', *key, '-subj', '/CN=localhost', '-keyout', f'{name}-key.pem', '-out',
         f'{name}.csr'], folder)
    run(['openssl', 'x509', '-req', '-in', f'{name}.csr', '-CA', f'{name}-ca.pem', '-CAkey', f'{name}-ca-key.pem',
         '-CAcreateserial', '-days', 30, '-extfile', f'{name}.cnf', '-out', f'{name}.pem'], folder)
    return folder / f'{name}-ca.pem', folder / f'{name}.pem', folder / f'{name}-key.pem'


def settings(folder, address, certificate, key):
    """Of a registry with TLS that lets everybody in."""
    return {'version': '0.1', 'log': {'level': 'error'},
            'storage': {'filesystem': {'rootdirectory': str(folder / 'store')}},
            'http': {'addr': address, 'secret': secrets.token_hex(8),
                     'tls': {'certificate': str(certificate), 'key': str(key)}}}


def start_registry(folder, its_settings):
    (folder / 'registry.yaml').write_text(json.dumps(its_settings))
    with (folder / 'registry.log').open('wb') as log:
        return subprocess.Popen(['docker-registry', 'serve', 'registry.yaml'], cwd=folder, stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=log)


def await_registry(registry):
    """Until it answers; its log where it does not."""
    for _ in range(200):
        try:
            if registry.send('GET', '/v2/').status == 200:
                return
        except (urllib.error.URLError, OSError):
            pass
        if registry.process.poll() is not None:
            break
        time.sleep(0.05)
    raise RuntimeError((registry.folder / 'registry.log').read_text())


class Registry:
    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True)
        self.host = f'localhost:{free_port()}'
        self.user, self.password = 'jane', secrets.token_hex(8)
        self.ca, certificate, key = make_server_certificate(self.folder, 'registry')
        self.process = start_registry(self.folder, self.settings(certificate, key))
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=self.ca)))
        await_registry(self)

    def settings(self, certificate, key):
        line = run(['htpasswd', '-nbB', self.user, self.password], self.folder)
        (self.folder / 'htpasswd').write_text(line)
        (self.folder / 'docker').mkdir()
        (self.folder / 'docker' / 'config.json').write_text(
            json.dumps({'auths': {self.host: {'auth': self.basic(self.password)}}}))
        (self.folder / 'wrong.json').write_text(
            json.dumps({'auths': {self.host: {'auth': self.basic('not-' + self.password)}}}))
        logins = {'htpasswd': {'realm': 'e2e', 'path': str(self.folder / 'htpasswd')}}
        return settings(self.folder, self.host.replace('localhost', '127.0.0.1'), certificate, key) | {'auth': logins}

    def basic(self, password):
        return base64.b64encode(f'{self.user}:{password}'.encode()).decode()

    def close(self):
        self.process.terminate()
        self.process.wait(timeout=10)

    def environment(self):
        """For cosign: where its credentials lie and whom to trust."""
        return {'DOCKER_CONFIG': str(self.folder / 'docker'), 'SSL_CERT_FILE': str(self.ca)}

    # ---- pushing

    def send(self, method, path, body=None, content_type='application/octet-stream'):
        url = path if path.startswith('https:') else f'https://{self.host}{path}'
        request = urllib.request.Request(url, data=body, method=method)
        request.add_header('Authorization', 'Basic ' + self.basic(self.password))
        request.add_header('Content-Type', content_type)
        return self.opener.open(request, timeout=30)

    def push_blob(self, repository, content):
        digest = 'sha256:' + hashlib.sha256(content).hexdigest()
        place = self.send('POST', f'/v2/{repository}/blobs/uploads/', b'').headers['Location']
        self.send('PUT', f'{place}{"&" if "?" in place else "?"}digest={digest}', content)
        return {'digest': digest, 'size': len(content)}

    def push_image(self, repository, tag):
        """A made-up image, different at each call; its reference by digest."""
        config = json.dumps({'architecture': 'amd64', 'os': 'linux', 'config': {'User': secrets.token_hex(4)},
                             'rootfs': {'type': 'layers', 'diff_ids': []}}).encode()
        manifest = json.dumps({
            'schemaVersion': 2, 'mediaType': MANIFEST_TYPE,
            'config': {'mediaType': CONFIG_TYPE} | self.push_blob(repository, config),
            'layers': [{'mediaType': LAYER_TYPE} | self.push_blob(repository, secrets.token_bytes(1024))],
        }).encode()
        self.send('PUT', f'/v2/{repository}/manifests/{tag}', manifest, MANIFEST_TYPE)
        return f'{self.host}/{repository}@sha256:{hashlib.sha256(manifest).hexdigest()}'
