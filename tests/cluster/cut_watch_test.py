"""Every connection to the API server is cut each second: policies are followed all the same, and a cut is no reason to
list everything anew."""
import threading

import pytest

import in_cluster
from life import metric
from live import says
from relay import Relay
from waiting import wait_for

CUTS = 12
FOLLOWED_S = 10  # of a change that may fall between two connections


@pytest.fixture(scope='module')
def relay(plane):
    made = Relay(plane.port)
    yield made
    made.end()


@pytest.fixture(scope='module')
def signet(folder, plane, world, relay):
    direct, plane.url = plane.url, f'https://127.0.0.1:{relay.port}'
    follower = in_cluster.followed(folder / 'signet', plane, world)
    served = next(follower)
    plane.url = direct
    yield served
    next(follower, None)


def test_changes_are_followed_while_the_watch_is_cut_each_second(plane, world, signet, relay):
    lists = listed(signet)
    over = threading.Event()
    relay.cut_each(1, over)
    try:
        taken = relay.taken
        for round_ in range(CUTS):
            subject, code = (('nobody@linuxera.org', 'identity_mismatch'), (None, 'verified'))[round_ % 2]
            plane.apply(world.policy(subject=subject) if subject else world.policy())
            assert says(plane, world.signed, code, seconds=FOLLOWED_S)
            assert wait_for(lambda: relay.taken > taken)
            taken = relay.taken
    finally:
        over.set()
    assert wait_for(lambda: metric(signet, 'signet_kube_watch_connected') == 1)
    # A watch that fails for a minute is followed by a list.
    assert all(count - lists[resource] <= 1 for resource, count in listed(signet).items())


def listed(served):
    """How many lists of each resource were answered so far."""
    text = served.plain('metrics', '/metrics')[1]
    rows = [line for line in text.splitlines()
            if line.startswith('signet_kube_client_requests_total') and 'verb="list"' in line and 'code="2' in line]
    assert rows
    return {line.split('resource="')[1].split('"')[0]: float(line.split()[-1]) for line in rows}
