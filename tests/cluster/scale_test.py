"""A large cluster: 500 cluster policies, 200 namespaces with 10 policies each, 5,000 namespaces. The figures are printed;
a bound of memory holds for the program that is shipped, and one of time only as the end of patience."""
import json
import time

import pytest

import in_cluster
import serving
from life import is_sanitized, memory_of
from world import namespace

CLUSTER_POLICIES, TEAMS, TEAM_POLICIES, NAMESPACES = 500, 200, 10, 5000
READY_S = 30
RSS_BYTES = 96 * 2**20


@pytest.fixture(scope='module')
def filled(plane, world):
    in_cluster.install(plane)
    plane.apply(world.trust_root())
    plane.create_many(lambda thing: '/api/v1/namespaces', [namespace(f'n{n}', team=f't{n}') for n in range(NAMESPACES)])

    def policies(kind, count, where):
        for n in range(count):
            made = world.policy(f'p{n}', images=f'registry-{n}.example/team/**')
            yield made | {'kind': kind, 'metadata': {'name': f'p{n}', **where}}
    root = '/apis/signet.dev/v1alpha1'
    plane.create_many(lambda thing: f'{root}/clustertrustpolicies', list(
        policies('ClusterTrustPolicy', CLUSTER_POLICIES - 2, {})))
    plane.apply(world.policy())
    plane.apply(in_cluster.MARKER)
    plane.create_many(lambda thing: f'{root}/namespaces/{thing["metadata"]["namespace"]}/trustpolicies', [
        thing for n in range(TEAMS) for thing in policies('TrustPolicy', TEAM_POLICIES, {'namespace': f'n{n}'})])


def test_a_large_cluster_is_ready_soon_and_takes_little_memory(plane, world, folder, filled):
    began = time.monotonic()
    served = in_cluster.start(folder / 'signet', plane, world)
    took = time.monotonic() - began
    try:
        rss = memory_of(served.process, 'VmRSS')
        print(f'\nstart to ready {took:.2f} s, RSS {rss / 2**20:.0f} MiB')
        assert took < READY_S
        assert is_sanitized() or rss < RSS_BYTES
        made = serving.pod_of(world.signed)
        made['metadata']['namespace'] = 'n4999'
        answer = served.review('/validate', made)
        assert answer['allowed'], json.dumps(answer)
    finally:
        served.end()
