"""A Kubernetes API server with its etcd on loopback, as processes of the test.

There are no controllers, no scheduler and no kubelet: Deployments make no Pods, no Pod ever runs, deleted namespaces
stay, and nobody makes ServiceAccounts. What those would do, a test does itself.
"""
import concurrent.futures
import contextlib
import http.client
import json
import os
import ssl
import subprocess
import urllib.request
from pathlib import Path

import assets
from pki import run
from registry import free_port, make_server_certificate
from waiting import wait_for

READY_S = 90
CONNECTIONS = 4
CURVE = ('-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes')
AUDIT = {'apiVersion': 'audit.k8s.io/v1', 'kind': 'Policy', 'omitStages': ['RequestReceived'],
         'rules': [{'level': 'Metadata'}]}


class KubectlError(Exception):
    """kubectl ended with an error; the text is what it showed."""


class Identities:
    """An authority of clients, and the key pair of ServiceAccount tokens."""

    def __init__(self, folder):
        self.folder = folder
        run(['openssl', 'req', '-x509', *CURVE, '-subj', '/CN=clients', '-days', 30, '-keyout', 'clients-key.pem',
             '-out', 'clients.pem'], folder)
        run(['openssl', 'genrsa', '-out', 'accounts-key.pem', '2048'], folder)

    def client_certificate(self, name, group):
        run(['openssl', 'req', '-new', *CURVE, '-subj', f'/O={group}/CN={name}', '-keyout', f'{name}-key.pem', '-out',
             f'{name}.csr'], self.folder)
        run(['openssl', 'x509', '-req', '-in', f'{name}.csr', '-CA', 'clients.pem', '-CAkey', 'clients-key.pem',
             '-CAcreateserial', '-days', 30, '-out', f'{name}.pem'], self.folder)


def exchange(connection, method, path, body, headers):
    connection.request(method, path, None if body is None else json.dumps(body), headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    return answer.status, json.loads(text) if text.startswith('{') else text


class ControlPlane:
    def __init__(self, folder, flags=()):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True)
        self.flags = flags
        self.etcd_port, self.port = free_port(), free_port()
        self.url = f'https://127.0.0.1:{self.port}'
        self.ca, self.certificate, self.key = make_server_certificate(self.folder, 'apiserver')
        Identities(self.folder).client_certificate('admin', 'system:masters')
        self.audit_log = self.folder / 'audit.log'
        (self.folder / 'audit.yaml').write_text(json.dumps(AUDIT))
        self.kubeconfig = self.write_kubeconfig('admin', {'client-certificate': str(self.folder / 'admin.pem'),
                                                          'client-key': str(self.folder / 'admin-key.pem')})
        self.etcd = self.apiserver = None
        self.start_etcd()
        self.start_apiserver()

    def write_kubeconfig(self, name, user, namespace='default'):
        file = self.folder / f'{name}.kubeconfig'
        file.write_text(json.dumps({
            'apiVersion': 'v1', 'kind': 'Config', 'current-context': 'test',
            'clusters': [{'name': 'test', 'cluster': {'server': self.url, 'certificate-authority': str(self.ca)}}],
            'contexts': [{'name': 'test', 'context': {'cluster': 'test', 'user': name, 'namespace': namespace}}],
            'users': [{'name': name, 'user': user}],
        }))
        return file

    # ---- processes

    def start(self, program, *arguments):
        log = (self.folder / f'{program}.log').open('ab')
        return subprocess.Popen([str(assets.path_of(program)), *map(str, arguments)], cwd=self.folder,
                                stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def start_etcd(self):
        here = f'http://127.0.0.1:{self.etcd_port}'
        peers = f'http://127.0.0.1:{free_port()}'
        self.etcd = self.start('etcd', '--data-dir', self.folder / 'etcd', '--listen-client-urls', here,
                               '--advertise-client-urls', here, '--listen-peer-urls', peers,
                               '--initial-advertise-peer-urls', peers, '--initial-cluster', f'default={peers}',
                               '--unsafe-no-fsync=true')
        self.await_ready('etcd', self.etcd, lambda: self.etcd_is_healthy(here))

    @staticmethod
    def etcd_is_healthy(here):
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        return b'true' in opener.open(f'{here}/health', timeout=5).read()

    def start_apiserver(self):
        account_key = self.folder / 'accounts-key.pem'
        self.apiserver = self.start(
            'kube-apiserver', f'--etcd-servers=http://127.0.0.1:{self.etcd_port}', '--bind-address=127.0.0.1',
            f'--secure-port={self.port}', '--advertise-address=127.0.0.1', '--endpoint-reconciler-type=none',
            f'--tls-cert-file={self.certificate}', f'--tls-private-key-file={self.key}',
            f'--cert-dir={self.folder}/certs', f'--client-ca-file={self.folder}/clients.pem',
            '--authorization-mode=RBAC', '--service-cluster-ip-range=10.0.0.0/24', '--allow-privileged=true',
            '--disable-admission-plugins=ServiceAccount', f'--service-account-issuer={self.url}/',
            f'--service-account-key-file={account_key}', f'--service-account-signing-key-file={account_key}',
            f'--audit-log-path={self.audit_log}', f'--audit-policy-file={self.folder}/audit.yaml', *self.flags)
        self.await_ready('kube-apiserver', self.apiserver, lambda: self.request('GET', '/readyz')[0] == 200)

    def await_ready(self, program, process, is_ready):
        def fact():
            if process.poll() is not None:
                raise RuntimeError(f'{program} ended:\n' + (self.folder / f'{program}.log').read_text()[-4000:])
            try:
                return is_ready()
            except (OSError, http.client.HTTPException):
                return False
        if not wait_for(fact, READY_S):
            raise RuntimeError(f'{program} is not ready:\n' + (self.folder / f'{program}.log').read_text()[-4000:])

    def stop_apiserver(self):
        self.apiserver.kill()
        self.apiserver.wait()

    def close(self):
        for process in (self.apiserver, self.etcd):
            if process and process.poll() is None:
                process.kill()
                process.wait()

    # ---- asking it

    def connect(self):
        context = ssl.create_default_context(cafile=self.ca)
        context.load_cert_chain(self.folder / 'admin.pem', self.folder / 'admin-key.pem')
        return contextlib.closing(http.client.HTTPSConnection('127.0.0.1', self.port, context=context, timeout=60))

    def request(self, method, path, body=None, content_type='application/json', headers=None):
        """(status, object) of one exchange as the administrator."""
        with self.connect() as connection:
            return exchange(connection, method, path, body, {'Content-Type': content_type} | (headers or {}))

    def create_many(self, path, things):
        """Over few connections, for kubectl sends fifty a second."""
        def work(share):
            with self.connect() as connection:
                for thing in share:
                    status, answer = exchange(connection, 'POST', path(thing), thing,
                                              {'Content-Type': 'application/json'})
                    if status != 201:
                        raise RuntimeError(answer)
        with concurrent.futures.ThreadPoolExecutor(CONNECTIONS) as pool:
            list(pool.map(work, [things[n::CONNECTIONS] for n in range(CONNECTIONS)]))

    def kubectl(self, *arguments, given=None, kubeconfig=None):
        """What kubectl shows; an object given goes to its standard input."""
        environment = os.environ | {'KUBECACHEDIR': str(self.folder / 'cache'), 'HOME': str(self.folder)}
        text = given if given is None or isinstance(given, str) else json.dumps(given)
        done = subprocess.run(
            [str(assets.path_of('kubectl')), '--kubeconfig', str(kubeconfig or self.kubeconfig), *map(str, arguments)],
            input=text, stdin=subprocess.DEVNULL if text is None else None, capture_output=True, text=True,
            check=False, env=environment, cwd=self.folder, timeout=120)
        if done.returncode:
            raise KubectlError(done.stdout + done.stderr)
        return done.stdout + done.stderr

    def create(self, thing, *arguments, **how):
        return self.kubectl('create', '-f', '-', *arguments, given=thing, **how)

    def apply(self, thing, *arguments, **how):
        return self.kubectl('apply', '-f', '-', *arguments, given=thing, **how)

    def get(self, *arguments):
        return json.loads(self.kubectl('get', *arguments, '-o', 'json'))

    def audited(self, is_wanted):
        """The audit events for which `is_wanted` holds; a line that is still being written is left out."""
        lines = self.audit_log.read_text().split('\n')[:-1] if self.audit_log.exists() else []
        return [event for event in map(json.loads, lines) if is_wanted(event)]
