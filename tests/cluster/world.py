"""What the tests of the cluster look at: a PKI, a registry with signed and unsigned images, Signet as a process."""
import os

import pki
import registry
import serving
import signing
import webhooks
from control_plane import KubectlError
from waiting import wait_for

SUBJECT, ISSUER = 'team-a@linuxera.org', pki.ISSUER
MARKER = 'marker.invalid/denied@sha256:' + '0' * 64


class World:
    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True)
        self.pki = pki.make_with_cfssl(folder / 'pki')
        self.registry = registry.Registry(folder / 'registry')
        self.signed = self.sign('shop/signed')
        self.by_team_b = self.sign('shop/team-b', team='team-b')
        self.unsigned = self.registry.push_image('shop/unsigned', 'v1')

    def sign(self, repository, team='team-a', authority=None):
        image = self.registry.push_image(repository, 'v1')
        signing.sign(signing.SIGNERS['cosign3-bundle'], authority or self.pki, team, image,
                     self.registry.environment())
        return image

    def settings(self):
        access = {'config': str(self.registry.folder / 'docker/config.json'), 'ca': [str(self.registry.ca)],
                  'allowPrivate': [{'host': 'localhost', 'cidrs': ['127.0.0.0/8', '::1/128']}]}
        return {'registry': access, 'server': {'shutdownDelay': '0s'}}

    def trust_root(self, name='linuxera', authority=None):
        authority = authority or self.pki
        return {'apiVersion': 'signet.dev/v1alpha1', 'kind': 'TrustRoot', 'metadata': {'name': name},
                'spec': {'certificateAuthorities': [{'roots': {'pem': authority.root.read_text()},
                                                     'intermediates': {'pem': authority.intermediate.read_text()}}]}}

    def policy(self, name='teams', subject=SUBJECT, images=None, **more):
        return {'apiVersion': 'signet.dev/v1alpha1', 'kind': 'ClusterTrustPolicy', 'metadata': {'name': name},
                'spec': {'match': {'images': [images or f'{self.registry.host}/**']},
                         'authorities': [{'name': 'teams', 'certificate': {
                             'trustRootRef': {'name': 'linuxera'},
                             'identities': [{'subject': subject, 'issuer': ISSUER}]}}], **more}}

    def close(self):
        self.registry.close()


def documents(*things):
    """Documents of a policy file; JSON is YAML."""
    return '\n---\n'.join(serving.json.dumps(thing) for thing in things)


def serve(folder, world, *things, **how):
    """`signet serve` with these policies as a file."""
    return serving.Serve(os.environ['SIGNET'], folder, documents(*things), world.settings(), **how)


def pod(name, *images, namespace='default', **spec):
    return {'apiVersion': 'v1', 'kind': 'Pod', 'metadata': {'name': name, 'namespace': namespace},
            'spec': {'containers': [{'name': f'c{n}', 'image': image} for n, image in enumerate(images)], **spec}}


def namespace(name, **labels):
    return {'apiVersion': 'v1', 'kind': 'Namespace', 'metadata': {'name': name, 'labels': labels}}


def denial(plane, thing, *arguments, **how):
    """What kubectl shows when it is refused; nothing when it is created."""
    try:
        plane.create(thing, *arguments, **how)
        return None
    except KubectlError as refused:
        return str(refused)


def register(plane, *configurations):
    """Applies them and waits until the API server obeys: it learns of them with a delay."""
    for configuration in configurations:
        plane.apply(configuration)
    asked = pod('marker', MARKER)
    if not wait_for(lambda: 'denied the request' in (denial(plane, asked, '--dry-run=server') or '')):
        raise RuntimeError('the API server does not call Signet')


def register_serve(plane, serve_, *kinds, **more):
    def reach(path):
        return webhooks.client(serve_.ports['address'], path, serve_.ca)
    register(plane, *(kind(reach, **more) for kind in kinds or (webhooks.validating,)))
