"""What a kubelet and the controllers would do with a Deployment of the chart: its volumes, its variables, its arguments, its
user, and the endpoint of its Service. The process runs in network and mount namespaces that the test makes itself."""
import base64
import ctypes
import os
import shutil
import subprocess
import urllib.request

ADDRESS = '10.77.0.1'
PROGRAM = '/run/signet'
CLONE_NEWNS, CLONE_NEWNET = 0x20000, 0x40000000


def enter_own_namespaces(folder):
    """From here on this process and its children have a network and mounts of their own: an empty /run, an /etc to write."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS | CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), 'unshare: ' + os.strerror(ctypes.get_errno()))
    folder.mkdir()
    for command in ('ip link set lo up', f'ip address add {ADDRESS}/32 dev lo', 'mount --make-rprivate /',
                    'mount -t tmpfs tmpfs /run', f'mount -t tmpfs tmpfs {folder}', f'mkdir {folder}/upper {folder}/work',
                    f'mount -t overlay overlay -o lowerdir=/etc,upperdir={folder}/upper,workdir={folder}/work /etc'):
        subprocess.run(command.split(), check=True)


class Kubelet:
    def __init__(self, plane, namespace, name):
        self.plane, self.namespace, self.name = plane, namespace, name
        self.process = None

    def found(self, kind, name):
        return self.plane.get(kind, name, '-n', self.namespace)

    def content(self, source):
        """{file: bytes} of a volume, or of one source of a projected one."""
        if 'projected' in source:
            parts = [self.content(part) for part in source['projected']['sources']]
            return {file: data for part in parts for file, data in part.items()}
        if 'serviceAccountToken' in source:
            return {source['serviceAccountToken']['path']: self.token().encode()}
        if 'downwardAPI' in source:
            return {item['path']: self.namespace.encode() for item in source['downwardAPI']['items']}
        if 'configMap' in source:
            data = {key: text.encode() for key, text in self.config_map(source['configMap']['name']).items()}
            return self.chosen(source['configMap'], data)
        secret = source['secret']
        data = self.found('secret', secret.get('secretName') or secret['name'])['data']
        return self.chosen(secret, {key: base64.b64decode(text) for key, text in data.items()})

    @staticmethod
    def chosen(source, data):
        return {item['path']: data[item['key']] for item in source['items']} if 'items' in source else data

    def config_map(self, name):
        if name == 'kube-root-ca.crt':  # a controller makes it
            return {'ca.crt': self.plane.ca.read_text()}
        return self.found('configmap', name)['data']

    def token(self):
        account = self.deployment['spec']['template']['spec']['serviceAccountName']
        path = f'/api/v1/namespaces/{self.namespace}/serviceaccounts/{account}/token'
        status, answer = self.plane.request('POST', path, {'apiVersion': 'authentication.k8s.io/v1', 'kind': 'TokenRequest',
                                                           'spec': {'expirationSeconds': 3600}})
        assert status == 201, answer
        return answer['status']['token']

    def mount(self):
        spec = self.deployment['spec']['template']['spec']
        volumes = {volume['name']: volume for volume in spec['volumes']}
        for place in spec['containers'][0]['volumeMounts']:
            os.makedirs(place['mountPath'], exist_ok=True)
            for file, data in self.content(volumes[place['name']]).items():
                with open(f'{place["mountPath"]}/{file}', 'wb') as out:
                    out.write(data)

    def start(self, program, folder):
        """As the user and with the rights that the Pod has."""
        self.deployment = self.found('deployment', self.name)
        self.mount()
        spec = self.deployment['spec']['template']['spec']
        container = spec['containers'][0]
        variables = {'POD_NAME': f'{self.name}-0', 'KUBERNETES_SERVICE_HOST': '127.0.0.1',
                     'KUBERNETES_SERVICE_PORT': str(self.plane.port)}
        arguments = [argument.replace('$(POD_NAME)', variables['POD_NAME']) for argument in container['args']]
        user = spec['securityContext']['runAsUser']
        self.log = folder / 'signet.log'
        shutil.copy(program, PROGRAM)  # where every user may read it
        with self.log.open('wb') as log:
            self.process = subprocess.Popen([PROGRAM, *arguments], env=variables, cwd='/', stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, user=user, group=user, extra_groups=[])
        self.publish()

    def publish(self):
        """The endpoint of the Service; a controller would."""
        port = self.deployment['spec']['template']['spec']['containers'][0]['ports'][0]
        self.plane.apply({'apiVersion': 'discovery.k8s.io/v1', 'kind': 'EndpointSlice', 'addressType': 'IPv4',
                          'metadata': {'name': self.name, 'namespace': self.namespace,
                                       'labels': {'kubernetes.io/service-name': self.name}},
                          'endpoints': [{'addresses': [ADDRESS], 'conditions': {'ready': True}}],
                          'ports': [{'name': port['name'], 'port': port['containerPort'], 'protocol': 'TCP'}]})

    def is_ready(self):
        """As the probe of the Deployment asks."""
        container = self.deployment['spec']['template']['spec']['containers'][0]
        probe = container['readinessProbe']['httpGet']
        port = next(port['containerPort'] for port in container['ports'] if port['name'] == probe['port'])
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            return opener.open(f'http://{ADDRESS}:{port}{probe["path"]}', timeout=5).status == 200
        except OSError:
            return False

    def end(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
