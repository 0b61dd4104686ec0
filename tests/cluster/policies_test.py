"""Policies as objects of the cluster decide, live: what kubectl applies counts within two seconds, with its state in its
status. There are no controllers; Signet writes the status itself."""
import signal
import threading

import pytest

import in_cluster
import pki
import world as worlds
from life import metric
from live import not_ready, ready, says, tried
from waiting import wait_for
from world import ISSUER, namespace

ELSEWHERE = 'quay.io/a/b@sha256:' + '0' * 64
SHOP = 'ClusterTrustPolicy/teams'


@pytest.fixture(scope='module', autouse=True)
def signet(folder, plane, world):
    yield from in_cluster.followed(folder / 'signet', plane, world)


@pytest.fixture
def policy(plane, world):
    """The policy of all tests, as it was before when a test has changed it."""
    yield world.policy()
    plane.apply(world.policy())
    assert says(plane, world.signed, 'verified') and says(plane, world.by_team_b, 'identity_mismatch')


def of_team(policy, name, namespace_):
    return policy | {'kind': 'TrustPolicy', 'metadata': {'name': name, 'namespace': namespace_}}


def test_objects_decide(plane, world):
    assert tried(plane, world.signed).status == 201
    for image, reason in ((world.unsigned, 'no_signature'), (world.by_team_b, 'identity_mismatch')):
        answer = tried(plane, image)
        assert answer.status == 403 and f'not trusted by policy {SHOP}: {reason}' in answer.body['message']
    assert 'no_policy_deny' in tried(plane, ELSEWHERE).body['message']


def test_a_change_counts_within_two_seconds(plane, world, policy):
    for subject, code in (('team-b@linuxera.org', 'verified'), (worlds.SUBJECT, 'identity_mismatch')):
        plane.apply(world.policy(subject=subject))
        assert says(plane, world.by_team_b, code)
    plane.apply(world.policy('second', subject='nobody@linuxera.org'))
    assert says(plane, world.signed, 'identity_mismatch')
    plane.kubectl('delete', 'ctp', 'second')
    assert says(plane, world.signed, 'verified')


def test_a_namespace_tightens_for_itself_alone(plane, world):
    for name in ('strict', 'other'):
        plane.apply(namespace(name))
    plane.apply(of_team(world.policy(subject='nobody@linuxera.org'), 'teams', 'strict'))
    assert says(plane, world.signed, 'identity_mismatch', 'strict')
    assert tried(plane, world.signed, 'other').status == 201
    loose = world.policy()
    loose['spec']['authorities'] = [{'static': {'action': 'allow'}}]
    plane.apply(of_team(loose, 'loose', 'other'))
    assert ready(plane, 'tp', 'loose', '-n', 'other')
    assert tried(plane, world.unsigned, 'other').status == 403


def test_the_status_tells_what_is_ready_and_kubectl_shows_it(plane, world):
    assert ready(plane, 'ctp', 'teams') and ready(plane, 'troot', 'linuxera')
    row = next(line for line in plane.kubectl('get', 'ctp').splitlines() if line.startswith('teams '))
    assert row.split()[1:3] == ['True', 'enforce']


def test_a_missing_root_is_told_and_its_coming_is_noticed(plane, world, policy):
    policy['spec']['authorities'][0]['certificate']['trustRootRef']['name'] = 'later'
    plane.apply(policy)
    assert 'later' in not_ready(plane, 'ctp', 'teams')['message']
    assert tried(plane, world.unsigned).status == 403
    plane.apply(world.trust_root('later'))
    assert ready(plane, 'ctp', 'teams')
    assert says(plane, world.signed, 'verified')


def test_FI19_an_invalid_update_leaves_the_last_good_version(plane, world, policy):
    policy['spec']['authorities'][0]['certificate']['identities'] = [{'subjectRegExp': 'team-(.*', 'issuer': ISSUER}]
    plane.apply(policy)
    assert 'missing )' in not_ready(plane, 'ctp', 'teams')['message']
    assert tried(plane, world.signed).status == 201
    assert tried(plane, world.by_team_b).status == 403


def test_FI19_a_policy_that_was_never_good_denies_what_it_matches(plane, world):
    never = world.policy('never', images='never.example/**')
    never['spec']['authorities'] = [{'key': {'pem': 'no key'}}]
    plane.apply(never)
    assert says(plane, 'never.example/app@sha256:' + '0' * 64, 'policy_invalid')
    assert not_ready(plane, 'ctp', 'never')
    assert tried(plane, world.signed).status == 201
    plane.kubectl('delete', 'ctp', 'never')


def test_FI20_a_policy_deleted_under_a_request_still_decides_it(plane, world, signet, policy):
    """The registry stands still, so that the request is under way for sure."""
    images = f'{world.registry.host}/fi20/**'
    known, fresh = (world.registry.push_image('fi20/app', tag) for tag in ('v1', 'v2'))
    plane.apply(world.policy('fi20', images=images))
    plane.apply(world.policy(images=f'{world.registry.host}/shop/**'))
    assert says(plane, ELSEWHERE, 'no_policy_deny') and 'fi20' in tried(plane, known).body['message']
    answers = []
    asking = threading.Thread(target=lambda: answers.append(tried(plane, fresh)))
    world.registry.process.send_signal(signal.SIGSTOP)
    try:
        asking.start()
        assert wait_for(lambda: metric(signet, 'signet_admission_in_flight_requests') > 0)
        plane.kubectl('delete', 'ctp', 'fi20')
        assert says(plane, known, 'no_policy_deny')
    finally:
        world.registry.process.send_signal(signal.SIGCONT)
        asking.join()
    assert 'not trusted by policy ClusterTrustPolicy/fi20: no_signature' in answers[0].body['message']


def test_FI21_a_root_is_replaced_without_a_false_denial(plane, world, folder):
    later = pki.make_with_cfssl(folder / 'later')
    by_later = world.sign('shop/later', authority=later)
    new, both = world.trust_root(authority=later), world.trust_root()
    both['spec']['certificateAuthorities'] += new['spec']['certificateAuthorities']
    assert tried(plane, world.signed).status == 201 and tried(plane, by_later).status == 403
    plane.apply(both)
    assert says(plane, by_later, 'verified')
    assert tried(plane, world.signed).status == 201
    plane.apply(new)
    assert says(plane, world.signed, 'chain_untrusted')
    assert tried(plane, by_later).status == 201
    plane.apply(world.trust_root())
    assert says(plane, world.signed, 'verified')


@pytest.mark.parametrize('kind', ['configMapRef', 'secretRef'])
def test_trust_material_of_the_release_namespace_is_followed(plane, world, folder, policy, kind):
    def material(authority):
        pem = authority.root.read_text() + authority.intermediate.read_text()
        data = {'stringData' if kind == 'secretRef' else 'data': {'ca.pem': pem}}
        return {'apiVersion': 'v1', 'kind': kind[0].upper() + kind[1:-3],
                'metadata': {'name': f'teams-{kind.lower()}', 'namespace': in_cluster.NAMESPACE}, **data}

    foreign = pki.make_with_cfssl(folder / f'foreign-{kind}')
    plane.apply(material(foreign))
    in_cluster.allow_secret(plane, f'teams-{kind.lower()}')
    plane.apply(world.trust_root() | {'spec': {'certificateAuthorities': [
        {'roots': {kind: {'name': f'teams-{kind.lower()}', 'key': 'ca.pem'}}}]}})
    assert says(plane, world.signed, 'chain_untrusted', seconds=10)
    plane.apply(material(world.pki))
    assert says(plane, world.signed, 'verified')
    plane.apply(world.trust_root())


def test_a_namespace_on_trial_is_warned_only(plane, world):
    plane.apply(namespace('trial', **{'signet.dev/enforce': 'warn'}))

    def warned():
        answer = tried(plane, world.unsigned, 'trial')
        return answer.status == 201 and answer.note('decision') == 'warn'
    assert wait_for(warned)
    assert 'no_signature' in plane.create(worlds.pod('warned', world.unsigned, namespace='trial'))
    plane.apply(namespace('trial', **{'signet.dev/enforce': 'true'}))
    assert says(plane, world.unsigned, 'no_signature', 'trial')
    assert wait_for(lambda: tried(plane, world.unsigned, 'trial').status == 403)


def test_labels_of_a_namespace_choose_a_policy(plane, world):
    chosen = world.policy('prod', subject='nobody@linuxera.org')
    chosen['spec']['match']['namespaceSelector'] = {'matchLabels': {'tier': 'prod'}}
    plane.apply(chosen)
    for name, tier, status in (('fresh-prod', 'prod', 403), ('fresh-test', 'test', 201)):
        plane.apply(namespace(name, tier=tier))
        assert tried(plane, world.signed, name).status == status
    plane.kubectl('label', '--overwrite', 'namespace', 'fresh-test', 'tier=prod')
    assert wait_for(lambda: tried(plane, world.signed, 'fresh-test').status == 403)
    plane.kubectl('delete', 'ctp', 'prod')


def test_a_denial_becomes_an_Event_and_a_dry_run_does_not(plane, world):
    def events(name):
        return [event['reason'] for event in plane.get('events.events.k8s.io', '-n', name)['items']]
    plane.apply(namespace('dry'))
    assert tried(plane, world.unsigned, 'dry').status == 403
    plane.apply(namespace('wet'))
    assert 'no_signature' in worlds.denial(plane, worlds.pod('x', world.unsigned, namespace='wet'))
    assert wait_for(lambda: events('wet') == ['ImageVerificationFailed'])
    assert events('dry') == []
