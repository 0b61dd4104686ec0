"""A registry that is called registry.example.com, whatever its address is: without a login, behind a proxy that
tunnels to it and to nothing else. With environment() each tool reaches it by name, and nobody else."""
import hashlib
import json
import os
import re
import socket
import socketserver
import ssl
import threading
import urllib.request
from pathlib import Path

from registry import (CONFIG_TYPE, LAYER_TYPE, MANIFEST_TYPE, await_registry, free_port, make_server_certificate,
                      settings, start_registry)

HOST = 'registry.example.com'
CHUNK = 65536


def pour(source, sink):
    """Until one side ends."""
    try:
        while data := source.recv(CHUNK):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


class Tunnel(socketserver.StreamRequestHandler):
    """One CONNECT."""

    def handle(self):
        line = self.rfile.readline().decode('latin-1').split()
        while self.rfile.readline().strip():
            pass
        try:
            registry = socket.create_connection(('127.0.0.1', self.server.registry_port))
        except ConnectionRefusedError:
            return
        with registry:
            if line[:2] != ['CONNECT', f'{HOST}:443']:
                self.wfile.write(b'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
                return
            self.wfile.write(b'HTTP/1.1 200 OK\r\n\r\n')
            back = threading.Thread(target=pour, args=(registry, self.connection), daemon=True)
            back.start()
            pour(self.connection, registry)
            back.join()


class Proxy(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, registry_port):
        super().__init__(('127.0.0.1', 0), Tunnel)
        self.registry_port = registry_port
        threading.Thread(target=self.serve_forever, daemon=True).start()


class NamedRegistry:
    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True)
        self.ca, certificate, key = make_server_certificate(self.folder, 'registry', f'DNS:{HOST}')
        port = free_port()
        self.process = start_registry(self.folder, settings(self.folder, f'127.0.0.1:{port}', certificate, key))
        self.proxy = Proxy(port)
        self.proxy_url = f'http://127.0.0.1:{self.proxy.server_address[1]}'
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({'https': self.proxy_url}),
            urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=self.ca)))
        await_registry(self)

    def close(self):
        self.proxy.shutdown()
        self.proxy.server_close()
        self.process.terminate()
        self.process.wait(timeout=10)

    def environment(self):
        """Everything that leads to this registry, and nothing of the machine that could lead elsewhere."""
        kept = {k: v for k, v in os.environ.items() if not re.match(r'(?i)(https?|all|no)_proxy$|cosign_|docker_', k)}
        return kept | {'HTTPS_PROXY': self.proxy_url, 'SSL_CERT_FILE': str(self.ca), 'HOME': str(self.folder),
                       'DOCKER_CONFIG': str(self.folder / 'docker')}

    # ---- pushing

    def send(self, method, path, body=None, content_type='application/octet-stream'):
        url = path if path.startswith('https:') else f'https://{HOST}{path}'
        request = urllib.request.Request(url, data=body, method=method, headers={'Content-Type': content_type})
        return self.opener.open(request, timeout=30)

    def push_blob(self, repository, content):
        digest = 'sha256:' + hashlib.sha256(content).hexdigest()
        place = self.send('POST', f'/v2/{repository}/blobs/uploads/', b'').headers['Location']
        self.send('PUT', f'{place}{"&" if "?" in place else "?"}digest={digest}', content)
        return {'digest': digest, 'size': len(content)}

    def push_image(self, repository, tag):
        """A made-up image, the same for the same name; its reference by digest."""
        config = json.dumps({'architecture': 'amd64', 'os': 'linux', 'config': {'User': f'{repository}:{tag}'},
                             'rootfs': {'type': 'layers', 'diff_ids': []}}).encode()
        manifest = json.dumps({
            'schemaVersion': 2, 'mediaType': MANIFEST_TYPE,
            'config': {'mediaType': CONFIG_TYPE} | self.push_blob(repository, config),
            'layers': [{'mediaType': LAYER_TYPE} | self.push_blob(repository, bytes(512))],
        }).encode()
        self.send('PUT', f'/v2/{repository}/manifests/{tag}', manifest, MANIFEST_TYPE)
        return f'{HOST}/{repository}@sha256:{hashlib.sha256(manifest).hexdigest()}'
