"""Signet's own certificate: a CA in a Secret, the caBundle kept right by the leader, rotation under load, and two replicas
of which the leader is killed. The API server calls one replica by its address; there is no kube-proxy."""
import base64
import json
import threading

import pytest

import in_cluster
from live import ready, says, tried
from waiting import wait_for

TAKEOVER_S = 40
ROTATION_S = 60
SECRET = ('secret', 'signet-webhook-ca', '-n', in_cluster.NAMESPACE)


@pytest.fixture(scope='module')
def replicas(folder, plane, world):
    in_cluster.install(plane)
    for thing in (world.trust_root(), world.policy(), in_cluster.MARKER):
        plane.apply(thing)
    in_cluster.register_own(plane)
    started = [in_cluster.start(folder / f'signet-{n}', plane, world, f'signet-{n}', pair=(), **in_cluster.OWN_TLS)
               for n in range(2)]
    in_cluster.register_own(plane, started[0])
    yield started
    for served in started:
        served.end()


def bundle_is_right(plane):
    """Every webhook trusts what the Secret says."""
    return in_cluster.own_bundle(plane) == {plane.get(*SECRET)['data']['ca-bundle.crt']}


def test_the_bundle_of_the_webhooks_is_filled_in(plane, world, replicas):
    assert wait_for(lambda: bundle_is_right(plane))
    assert says(plane, world.signed, 'verified') and tried(plane, world.unsigned).status == 403


def test_a_bundle_reset_by_hand_is_put_right(plane, world, replicas):
    for value in (base64.b64encode(replaced_authority(world)).decode(), ''):
        change = [{'op': 'replace', 'path': '/webhooks/0/clientConfig/caBundle', 'value': value}]
        plane.kubectl('patch', 'validatingwebhookconfiguration', 'signet', '--type=json', '-p', json.dumps(change))
        assert wait_for(lambda: bundle_is_right(plane))
        assert says(plane, world.signed, 'verified', seconds=10)


def replaced_authority(world):
    return world.pki.root.read_bytes()


def test_a_rotation_under_load_fails_no_call(plane, world, replicas):
    """By hand, with a propagation delay of a second: published beside the old one, then in use, then alone."""
    before = plane.get(*SECRET)['data']['ca.crt']
    ended, answers = threading.Event(), []

    def load():
        while not ended.is_set():
            answers.append(tried(plane, world.signed).status)
    asking = threading.Thread(target=load)
    asking.start()
    try:
        plane.kubectl('annotate', *SECRET, 'signet.dev/rotate=now')
        assert wait_for(lambda: plane.get(*SECRET)['data']['ca.crt'] != before, ROTATION_S)
        assert wait_for(lambda: bundle_is_right(plane))
    finally:
        ended.set()
        asking.join()
    assert len(answers) > 10 and set(answers) == {201}


def holder(plane):
    return plane.get('lease', 'signet-leader', '-n', in_cluster.NAMESPACE)['spec'].get('holderIdentity')


def test_another_replica_leads_when_the_leader_is_killed(plane, world, folder, replicas):
    first = wait_for(lambda: holder(plane))
    killed = next(n for n in range(2) if f'signet-{n}' in first)
    replicas[killed].end()
    assert wait_for(lambda: f'signet-{1 - killed}' in (holder(plane) or ''), TAKEOVER_S)
    plane.apply(world.policy('after', images='after.example/**'))
    assert ready(plane, 'ctp', 'after')
    replicas[killed] = in_cluster.start(folder / 'again', plane, world, f'signet-{killed}', pair=(),
                                        **in_cluster.OWN_TLS)
    in_cluster.register_own(plane, replicas[killed])
