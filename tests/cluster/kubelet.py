"""What a kubelet and the controllers would do with a Deployment of the chart: its volumes, its variables, its arguments, its
user, and the endpoint of its Service. The process runs in network and mount namespaces that the test makes itself."""
import base64
import ctypes
import os
import shutil
import subprocess
import urllib.request

from relay import Relay

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
        self.process, self.ways = None, []

    def found(self, kind, name):
        return self.plane.get(kind, name, '-n', self.namespace)

    def content(self, source, account):
        """{file: bytes} of a volume, or of one source of a projected one."""
        if 'projected' in source:
            parts = [self.content(part, account) for part in source['projected']['sources']]
            return {file: data for part in parts for file, data in part.items()}
        if 'serviceAccountToken' in source:
            return {source['serviceAccountToken']['path']: self.token(account).encode()}
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

    def token(self, account):
        path = f'/api/v1/namespaces/{self.namespace}/serviceaccounts/{account}/token'
        status, answer = self.plane.request('POST', path, {'apiVersion': 'authentication.k8s.io/v1', 'kind': 'TokenRequest',
                                                           'spec': {'expirationSeconds': 3600}})
        assert status == 201, answer
        return answer['status']['token']

    def fill(self, spec, folder_of):
        """Writes the volumes of a Pod, each mount into the folder that it is given."""
        volumes = {volume['name']: volume for volume in spec['volumes']}
        for place in spec['containers'][0]['volumeMounts']:
            folder = folder_of(place)
            os.makedirs(folder, exist_ok=True)
            for file, data in self.content(volumes[place['name']], spec['serviceAccountName']).items():
                with open(f'{folder}/{file}', 'wb') as out:
                    out.write(data)

    def variables(self):
        return {'KUBERNETES_SERVICE_HOST': '127.0.0.1', 'KUBERNETES_SERVICE_PORT': str(self.plane.port)}

    def start(self, program, folder):
        """As the user and with the rights that the Pod has."""
        self.deployment = self.found('deployment', self.name)
        spec = self.deployment['spec']['template']['spec']
        self.fill(spec, lambda place: place['mountPath'])
        container = spec['containers'][0]
        variables = self.variables() | {'POD_NAME': f'{self.name}-0'}
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

    def serve_service(self, name):
        """What kube-proxy and the name server do with a Service."""
        service = self.found('service', name)['spec']
        container = self.deployment['spec']['template']['spec']['containers'][0]
        targets = {port['name']: port['containerPort'] for port in container['ports']}
        subprocess.run(['ip', 'address', 'add', f'{service["clusterIP"]}/32', 'dev', 'lo'], check=True)
        for port in service['ports']:
            target = targets[port['targetPort']]
            if target != port['port']:  # it listens on every address
                self.ways.append(Relay(target, ADDRESS, (service['clusterIP'], port['port'])))
        with open('/etc/hosts', 'a', encoding='ascii') as hosts:
            hosts.write(f'{service["clusterIP"]} {name}.{self.namespace}.svc\n')

    def run_pod(self, name, folder):
        """Runs a Pod to its end as the user and with the rights and mounts that it has, and tells the API server how it
        ended; (exit code, what it printed)."""
        spec = self.found('pod', name)['spec']
        container = spec['containers'][0]
        self.fill(spec, lambda place: folder / place['name'])
        mounts = [f'mount --bind {folder / place["name"]} {place["mountPath"]}' for place in container['volumeMounts']]
        user = spec['securityContext']['runAsUser']
        drop = f'setpriv --reuid {user} --regid {user} --clear-groups --bounding-set=-all --inh-caps=-all --no-new-privs'
        script = ' && '.join([*mounts, f'exec {drop} {PROGRAM} "$@"'])
        command = ['unshare', '--mount', 'sh', '-c', script, 'sh', *container['args']]
        done = subprocess.run(command, env=self.variables() | {'PATH': os.environ['PATH']}, cwd='/', stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=120)
        phase = 'Failed' if done.returncode else 'Succeeded'
        self.plane.kubectl('patch', 'pod', name, '-n', self.namespace, '--subresource=status', '--type=merge', '-p',
                           f'{{"status":{{"phase":"{phase}"}}}}')
        return done.returncode, done.stdout

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
        for way in self.ways:
            way.end()
        self.ways = []
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
