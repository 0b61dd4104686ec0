"""Signet as it runs in a cluster: the shipped definitions and rights, a token of its ServiceAccount, and nothing more.
The token comes from the TokenRequest API, as the kubelet would ask for it."""
import os
from pathlib import Path

import serving
import webhooks
import world as worlds
from waiting import wait_for

NAMESPACE, NAME = 'signet-system', 'signet'
OWN_TLS = {'tls': {'selfManaged': True, 'names': ['127.0.0.1', 'localhost'], 'caPropagationDelay': '1s'},
           'kubernetes': {'webhookConfigurations': [NAME]}}  # to be merged into the settings
DEPLOY = Path(__file__).resolve().parents[2] / 'deploy'
MARKER = {'apiVersion': 'signet.dev/v1alpha1', 'kind': 'ClusterTrustPolicy', 'metadata': {'name': 'marker'},
          'spec': {'match': {'images': ['marker.invalid/**']}, 'authorities': [{'static': {'action': 'deny'}}]}}
PLURALS = ('trustroots', 'clustertrustpolicies', 'trustpolicies')


def install(plane):
    plane.apply(worlds.namespace(NAMESPACE))
    plane.kubectl('apply', '-f', DEPLOY / 'crds')
    plane.kubectl('apply', '-f', DEPLOY / 'rbac.yaml')
    for plural in PLURALS:
        plane.kubectl('wait', '--for=condition=Established', f'crd/{plural}.signet.dev', '--timeout=30s')


def kubeconfig(plane, name=NAME, seconds=3600):
    path = f'/api/v1/namespaces/{NAMESPACE}/serviceaccounts/{NAME}/token'
    status, answer = plane.request('POST', path, {'apiVersion': 'authentication.k8s.io/v1', 'kind': 'TokenRequest',
                                                  'spec': {'expirationSeconds': seconds}})
    assert status == 201, answer
    token = plane.folder / f'{name}.token'
    token.write_text(answer['status']['token'])
    return plane.write_kubeconfig(name, {'tokenFile': str(token)}, NAMESPACE)


def settings(plane, world, identity, **more):
    cluster = {'enabled': True, 'kubeconfig': str(kubeconfig(plane, identity)), 'namespace': NAMESPACE,
               'identity': identity}
    return world.settings() | {'kubernetes': cluster | more.pop('kubernetes', {})} | more


def start(folder, plane, world, identity='signet-0', pair=None, flags=(), listen='127.0.0.1:0', **more):
    """Signet without any policy file."""
    served = serving.Serve(os.environ['SIGNET'], folder, None, settings(plane, world, identity, **more), flags,
                           pair=pair, listen=listen)
    assert wait_for(lambda: served.plain('health', '/readyz')[0] == 200), served.path_of_log().read_text()[-4000:]
    return served


def register(plane, served, *kinds):
    worlds.register_serve(plane, served, *(kinds or (webhooks.validating,)))


def followed(folder, plane, world):
    """A fixture: Signet under its definitions and rights, with one root and one policy, registered for Pods."""
    install(plane)
    for thing in (world.trust_root(), world.policy(), MARKER):
        plane.apply(thing)
    served = start(folder, plane, world)
    register(plane, served)
    yield served
    served.end()


def allow_secret(plane, name):
    """What the administrator adds for a Secret that a TrustRoot names, or that holds logins."""
    metadata = {'name': f'signet-{name}', 'namespace': NAMESPACE}
    group = 'rbac.authorization.k8s.io'
    plane.apply({'apiVersion': f'{group}/v1', 'kind': 'Role', 'metadata': metadata, 'rules': [
        {'apiGroups': [''], 'resources': ['secrets'], 'resourceNames': [name], 'verbs': ['get', 'list', 'watch']}]})
    plane.apply({'apiVersion': f'{group}/v1', 'kind': 'RoleBinding', 'metadata': metadata,
                 'roleRef': {'apiGroup': group, 'kind': 'Role', 'name': metadata['name']},
                 'subjects': [{'kind': 'ServiceAccount', 'name': NAME, 'namespace': NAMESPACE}]})


def own_bundle(plane):
    """The caBundle that the webhook configuration has now."""
    found = plane.get('validatingwebhookconfiguration', NAME)
    return {hook['clientConfig'].get('caBundle') for hook in found['webhooks']}


def register_own(plane, served=None):
    """Webhooks without a caBundle, which Signet puts in. They are there before Signet, which is ready only when they
    trust it; only then are they told its address."""
    def reach(path):
        return {'url': f'https://127.0.0.1:{served.ports["address"] if served else 1}{path}'}
    made = webhooks.validating(reach), webhooks.mutating(reach)
    if served:
        worlds.register(plane, *made)
        return
    for configuration in made:
        plane.apply(configuration)
