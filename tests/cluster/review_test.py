"""The blast radius before anything is installed: what runs in a cluster, against the policies that the cluster holds.
Nobody is called on admission here."""
import json
import os
import subprocess

import pytest

import in_cluster
from world import namespace, pod

SELECTED = {'matchLabels': {'tier': 'prod'}}


@pytest.fixture(scope='module')
def running(plane, world):
    """Definitions, policies, one root whose CA is in a ConfigMap, and Pods in two namespaces; no Signet."""
    in_cluster.install(plane)
    root = world.trust_root()
    authority = root['spec']['certificateAuthorities'][0]
    plane.apply({'apiVersion': 'v1', 'kind': 'ConfigMap', 'metadata': {'name': 'roots', 'namespace': in_cluster.NAMESPACE},
                 'data': {'root.pem': authority['roots']['pem']}})
    authority['roots'] = {'configMapRef': {'name': 'roots', 'key': 'root.pem'}}
    policy = world.policy()
    policy['spec']['match']['namespaceSelector'] = SELECTED
    for thing in (root, policy, namespace('shop', tier='prod'), namespace('lab')):
        plane.apply(thing)
    for where in ('shop', 'lab'):
        plane.create(pod('signed', world.signed, namespace=where))
        plane.create(pod('unsigned', world.unsigned, namespace=where))
    return plane


def reviewed(plane, world, given, *words, kubeconfig=None):
    done = subprocess.run(
        [os.environ['SIGNET'], 'review', '-', '--kubeconfig', str(kubeconfig or plane.kubeconfig),
         '--kubernetes-namespace', in_cluster.NAMESPACE, '--registry-ca', str(world.registry.ca),
         '--registry-config', str(world.registry.folder / 'docker/config.json'), *words],
        input=given, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout, done.stderr


def test_pods_are_judged_by_the_policies_and_labels_of_their_cluster(running, world):
    pods = running.kubectl('get', 'pods', '-A', '-o', 'yaml')
    code, out, err = reviewed(running, world, pods, '-o', 'json')
    assert code == 1, err
    report = json.loads(out)
    found = {(place['object'], one['reason']) for one in report['images'] for place in one['places']}
    assert found == {('Pod shop/signed', 'verified'), ('Pod shop/unsigned', 'no_signature'),
                     ('Pod lab/signed', 'no_policy_deny'), ('Pod lab/unsigned', 'no_policy_deny')}


def test_the_summary_counts_what_would_be_denied(running, world):
    pods = running.kubectl('get', 'pods', '-n', 'shop', '-o', 'json')
    code, out, err = reviewed(running, world, pods, '-o', 'json', '--summary')
    assert code == 1, err
    summary = json.loads(out)['summary']
    assert summary['all']['denied'] == {'images': 1, 'workloads': 1}
    assert summary['all']['admitted'] == {'images': 1, 'workloads': 1}


def test_a_policy_that_is_invalid_in_the_cluster_is_told_and_denies(running, world):
    running.kubectl('delete', 'configmap', 'roots', '-n', in_cluster.NAMESPACE)
    code, out, err = reviewed(running, world, running.kubectl('get', 'pods', '-n', 'shop', '-o', 'yaml'))
    assert code == 1
    assert 'invalid in the cluster' in err and 'roots' in err
    assert 'policy_invalid' in out + err or 'trust_root_missing' in out + err


def test_a_cluster_that_does_not_answer_is_no_verdict(running, world, tmp_path):
    config = json.loads(running.kubeconfig.read_text())
    config['clusters'][0]['cluster']['server'] = 'https://127.0.0.1:1'
    away = tmp_path / 'away.kubeconfig'
    away.write_text(json.dumps(config))
    code, out, err = reviewed(running, world, running.kubectl('get', 'pods', '-n', 'shop', '-o', 'yaml'), kubeconfig=away)
    assert (code, out) == (2, ''), err
    assert 'the cluster' in err
