"""deploy/rbac.yaml gives no more than is needed. There are no controllers: the token's user is asked about."""
import pytest

import in_cluster
from control_plane import KubectlError

USER = f'system:serviceaccount:{in_cluster.NAMESPACE}:{in_cluster.NAME}'


@pytest.fixture(scope='module', autouse=True)
def rights(plane):
    in_cluster.install(plane)


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
