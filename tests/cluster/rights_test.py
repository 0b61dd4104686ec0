"""deploy/rbac.yaml is what Signet needs and no more: whatever it asks of the API server is allowed, and whatever is listed
is used. The audit log of the API server is the witness."""
import base64
import json

import pytest
import yaml

import in_cluster
import serving
from asking import create
from control_plane import KubectlError
from live import ready, tried
from waiting import wait_for
from world import pod

USER = f'system:serviceaccount:{in_cluster.NAMESPACE}:{in_cluster.NAME}'
WAIT_S = 120


@pytest.fixture(scope='module', autouse=True)
def signet(folder, plane, world):
    """With everything on that asks the API server."""
    in_cluster.install(plane)
    trial = world.policy('trial', subject='nobody@linuxera.org')
    trial['spec']['mode'] = 'warn'
    material = {'apiVersion': 'v1', 'kind': 'ConfigMap', 'data': {'ca.pem': world.pki.root.read_text()},
                'metadata': {'name': 'roots', 'namespace': in_cluster.NAMESPACE}}
    named = world.trust_root('named') | {'spec': {'certificateAuthorities': [
        {'roots': {'configMapRef': {'name': 'roots', 'key': 'ca.pem'}}}]}}
    of_team = trial | {'kind': 'TrustPolicy', 'metadata': {'name': 'trial', 'namespace': 'default'}}
    for thing in (material, world.trust_root(), named, world.policy(), trial, of_team, in_cluster.MARKER):
        plane.apply(thing)
    in_cluster.register_own(plane)
    served = in_cluster.start(folder / 'signet', plane, world, pair=(), **in_cluster.OWN_TLS)
    in_cluster.register_own(plane, served)
    yield served
    served.end()


def asked(plane):
    return plane.audited(lambda event: event['user']['username'] == USER)


def rules():
    """(scope, group, resource, verb) of every right that is given."""
    found = set()
    for thing in yaml.safe_load_all((in_cluster.DEPLOY / 'rbac.yaml').read_text()):
        for rule in thing.get('rules', []):
            found |= {(thing['kind'], group, resource, verb) for group in rule['apiGroups']
                      for resource in rule['resources'] for verb in rule['verbs']}
    return found


def used(plane):
    found = set()
    for event in asked(plane):
        about = event['objectRef']
        resource = about['resource'] + ('/' + about['subresource'] if 'subresource' in about else '')
        scope = 'Role' if about.get('namespace') == in_cluster.NAMESPACE else 'ClusterRole'
        for kind in (scope, 'ClusterRole'):
            found.add((kind, about.get('apiGroup', ''), resource, event['verb']))
    return found


def review_of_an_unknown_namespace(plane, folder, served):
    """As a review that is faster than the watch of namespaces."""
    bundle = plane.get('secret', 'signet-webhook-ca', '-n', in_cluster.NAMESPACE)['data']['ca-bundle.crt']
    served.ca = folder / 'own-ca.pem'
    served.ca.write_bytes(base64.b64decode(bundle))
    made = serving.pod_of('marker.invalid/x')
    made['metadata']['namespace'] = 'unheard-of'
    review = serving.review_of(made)
    review['request']['namespace'] = 'unheard-of'
    assert served.request('POST', '/validate?timeout=10s', json.dumps(review))[0] == 200


def test_every_right_is_used_and_every_call_is_allowed(plane, world, folder, signet):
    assert ready(plane, 'ctp', 'teams')
    assert wait_for(lambda: tried(plane, world.signed).status == 201)
    assert tried(plane, world.unsigned).status == 403
    plane.kubectl('annotate', '-n', in_cluster.NAMESPACE, 'secret/signet-webhook-ca', 'signet.dev/rotate=now')
    review_of_an_unknown_namespace(plane, folder, signet)

    def everything_is_used():
        """Denials that repeat become a series of Events."""
        create(plane, pod('denied', world.unsigned))
        return rules() <= used(plane)
    assert wait_for(everything_is_used, WAIT_S), sorted(rules() - used(plane))
    refused = [(event['verb'], event['requestURI']) for event in asked(plane)
               if event['annotations'].get('authorization.k8s.io/decision') != 'allow']
    assert not refused


def may(plane, verb, what, *where):
    try:
        return plane.kubectl('auth', 'can-i', verb, what, '--as', USER, *where).strip() == 'yes'
    except KubectlError as no:
        assert str(no).strip().startswith('no'), no
        return False


@pytest.mark.parametrize('verb, what', [
    ('get', 'secrets'), ('list', 'secrets'), ('get', 'pods'), ('create', 'pods'), ('get', 'configmaps'),
    ('get', 'serviceaccounts'), ('update', 'ctp'), ('delete', 'ctp'), ('create', 'tp'), ('get', 'nodes'),
    ('update', 'validatingwebhookconfigurations/another'), ('delete', 'validatingwebhookconfigurations/signet'),
    ('create', 'validatingwebhookconfigurations'), ('impersonate', 'users')])
def test_what_is_not_needed_is_not_given(plane, verb, what):
    assert not may(plane, verb, what, '-n', 'default')


def test_in_its_own_namespace_only_its_own_secret_can_be_read(plane):
    own = ('-n', in_cluster.NAMESPACE)
    assert may(plane, 'get', 'secrets/signet-webhook-ca', *own)
    assert not may(plane, 'get', 'secrets/another', *own) and not may(plane, 'list', 'secrets', *own)
