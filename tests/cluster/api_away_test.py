"""The API server goes away, its definitions too, or the rights: reviews go on with the last good set, and all recovers
without a restart. While it is away, the test asks Signet itself."""
import os
import time

import pytest

import in_cluster
import serving
from life import metric
from live import says, tried
from waiting import wait_for

CERTAIN_S = 60  # retries of lists are 30 s apart
AWAY_S = float(os.environ.get('AWAY_S', 2))  # how long the API server stays away; 600 was tried


@pytest.fixture(scope='module', autouse=True)
def signet(folder, plane, world):
    yield from in_cluster.followed(folder / 'signet', plane, world)


def decides(served, world):
    """As before, asked without the API server."""
    def allowed(image):
        return served.review('/validate', serving.pod_of(image) | {'metadata': {'name': 'web', 'namespace': 'default'}})
    assert allowed(world.signed)['allowed']
    assert 'no_signature' in allowed(world.unsigned)['status']['message']


def follows(plane, world, seconds=CERTAIN_S):
    """Whether changes count again."""
    plane.apply(world.policy(subject='nobody@linuxera.org'))
    assert says(plane, world.signed, 'identity_mismatch', seconds=seconds)
    plane.apply(world.policy())
    assert says(plane, world.signed, 'verified', seconds=seconds)


def test_the_api_server_stops_and_starts(plane, world, signet):
    before = last_sync(signet)
    assert before > 0
    plane.stop_apiserver()
    try:
        assert wait_for(lambda: metric(signet, 'signet_kube_watch_connected') == 0)
        assert wait_for(lambda: time.time() - last_sync(signet) > AWAY_S, AWAY_S + CERTAIN_S)
        decides(signet, world)
        assert signet.plain('health', '/readyz')[0] == 200
        assert 'what it said last goes on' in signet.path_of_log().read_text()
    finally:
        plane.start_apiserver()
    follows(plane, world)
    assert last_sync(signet) > before


def last_sync(served):
    return metric(served, 'signet_policy_last_sync_timestamp_seconds{resource="clustertrustpolicies"}')


def test_a_definition_is_deleted_and_comes_back(plane, world, signet):
    """The API server deletes the objects first, and tells so: nothing is allowed then. Whatever comes anew counts."""
    plane.kubectl('delete', 'crd', 'clustertrustpolicies.signet.dev')
    assert wait_for(lambda: 'no_policy_deny' in tried(plane, world.signed).body.get('message', ''))
    in_cluster.install(plane)
    plane.apply(in_cluster.MARKER)
    plane.apply(world.policy())
    assert says(plane, world.signed, 'verified', seconds=CERTAIN_S)
    follows(plane, world)


def test_a_right_is_taken_away_and_given_back(plane, world, signet):
    role = plane.get('clusterrole', in_cluster.NAME)
    less = role | {'rules': [rule for rule in role['rules'] if rule['apiGroups'] != ['signet.dev']]}
    plane.kubectl('replace', '-f', '-', given=strip(less))
    plane.stop_apiserver()  # a watch that is open stays open
    plane.start_apiserver()
    assert wait_for(lambda: forbidden(signet), CERTAIN_S)
    decides(signet, world)
    plane.kubectl('replace', '-f', '-', given=strip(role))
    follows(plane, world)


def forbidden(served):
    text = served.plain('metrics', '/metrics')[1]
    return any('signet_kube_client_requests_total' in line and 'code="403"' in line for line in text.splitlines())


def strip(thing):
    thing['metadata'] = {'name': thing['metadata']['name']}
    return thing
