"""A real API server asks Signet; people, audit log and stored objects see what it said."""
import json
import re
import ssl
import socket

import pytest

import webhooks
import world as worlds
from asking import PODS, ask, create, patch
from control_plane import KubectlError
from waiting import wait_for
from world import denial, pod

TRIED = 'trial/app'


@pytest.fixture(scope='module', autouse=True)
def signet(folder, plane, world):
    """Two policies: one that enforces, and one on trial for a repository of its own."""
    world.on_trial = world.registry.push_image(TRIED, 'v1')
    trial = world.policy('trial', images=f'{world.registry.host}/{TRIED}', message='ask #team-platform')
    trial['spec']['mode'] = 'warn'
    served = worlds.serve(folder / 'signet', world, world.trust_root(), trial,
                          world.policy(images=f'{world.registry.host}/shop/**'))
    worlds.register_serve(plane, served, webhooks.validating, webhooks.mutating)
    yield served
    served.end()


def tagged(image):
    return image.partition('@')[0] + ':v1'


def test_a_signed_pod_is_created(plane, world):
    plane.create(pod('signed', world.signed))
    assert plane.get('pod', 'signed')['spec']['containers'][0]['image'] == world.signed


def test_a_tag_is_stored_as_its_digest(plane, world):
    plane.create(pod('tagged', tagged(world.signed)))
    stored = plane.get('pod', 'tagged')['spec']['containers'][0]['image']
    assert stored == tagged(world.signed) + '@' + world.signed.partition('@')[2]


DENIAL = '''\
- spec.containers[0].image: {image}
  digest: {digest}
  policy ClusterTrustPolicy/teams: no_signature
    authority teams: no_signature (nothing in {searched})
      want: subject "team-a@linuxera.org", issuer "https://linuxera.org"
      searched: {searched}
    fix: sign this digest with a certificate that the policy accepts, in the same repository or where signatureRepository says
request id '''


def test_kubectl_shows_a_denial_as_it_was_written(plane, world):
    first, rest = denial(plane, pod('unsigned', world.unsigned)).split('\n', 1)
    digest = world.unsigned.partition('@')[2]
    asked = 'Error from server (Forbidden): error when creating "STDIN": admission webhook "pods.validate.signet.dev" denied'
    assert first.startswith(f'{asked} the request: image {world.registry.host}/shop/unsigned@')
    assert ': not trusted by policy ClusterTrustPolicy/teams: no_signature' in first
    searched = f'OCI referrers by fallback tag (no bundles), tag {digest.replace(":", "-")}.sig (none)'
    text, number = rest.rsplit(' ', 1)
    assert text + ' ' == DENIAL.format(image=world.unsigned, digest=digest, searched=searched)
    assert re.fullmatch('[0-9a-f]{16}\n', number)


def test_the_reason_of_each_image_is_a_cause_for_programs(plane, world):
    answer = create(plane, pod('two', world.unsigned, world.by_team_b))
    assert answer.status == 403 and answer.body['reason'] == 'Forbidden'
    causes = {cause['field']: cause['message'] for cause in answer.body['details']['causes']}
    assert 'no_signature' in causes['spec.containers[0].image']
    assert 'identity_mismatch' in causes['spec.containers[1].image']


def test_kubectl_shows_a_warning_as_it_was_written(plane, world):
    shown = plane.create(pod('trial', world.on_trial))
    assert 'pod/trial created' in shown
    warning = next(line for line in shown.splitlines() if line.startswith('Warning: '))
    assert 'trial (warn)' in warning and 'no_signature' in warning


def test_a_dry_run_decides_the_same_and_stores_nothing(plane, world, signet):
    for name, image in (('dry-good', tagged(world.signed)), ('dry-bad', world.unsigned)):
        dry = create(plane, pod(name, image), f'{PODS}?dryRun=All')
        wet = create(plane, pod(name, image))
        assert dry.status == wet.status
        if dry.status == 201:
            assert dry.body['spec']['containers'] == wet.body['spec']['containers']
        else:
            def text(answer):
                return answer.body['message'].partition('request id')[0]
            assert text(dry) == text(wet)
    assert create(plane, pod('dry', world.signed), f'{PODS}?dryRun=All').status == 201
    assert ask(plane, 'GET', f'{PODS}/dry').status == 404


def test_server_side_apply_is_verified_and_its_dry_run_shows_what_would_be(plane, world):
    made = pod('applied', tagged(world.signed))
    dry = json.loads(plane.apply(made, '--server-side', '--dry-run=server', '-o', 'json'))
    wet = json.loads(plane.apply(made, '--server-side', '-o', 'json'))
    assert dry['spec']['containers'] == wet['spec']['containers']
    assert '@sha256:' in wet['spec']['containers'][0]['image']
    with pytest.raises(KubectlError, match='no_signature'):
        plane.apply(pod('applied-bad', world.unsigned), '--server-side')
    with pytest.raises(KubectlError, match='no_signature'):
        plane.apply(pod('applied', world.unsigned), '--server-side', '--force-conflicts')


def test_another_image_by_kubectl_is_verified(plane, world):
    plane.create(pod('changing', world.signed))
    with pytest.raises(KubectlError, match='no_signature'):
        plane.kubectl('set', 'image', 'pod/changing', f'c0={world.unsigned}')
    plane.kubectl('label', 'pod/changing', 'a=b')


def test_an_ephemeral_container_by_kubectl_is_verified(plane, world):
    plane.create(pod('debugged', world.signed))
    debug = ('debug', 'pod/debugged', '--attach=false', '--image')
    with pytest.raises(KubectlError, match='no_signature'):
        plane.kubectl(*debug, world.unsigned)
    plane.kubectl(*debug, world.signed)
    assert plane.get('pod', 'debugged')['spec']['ephemeralContainers'][0]['image'] == world.signed


@pytest.mark.parametrize('kind', ['deployment', 'cronjob', 'job'])
def test_the_template_of_a_workload_is_verified(plane, world, kind):
    more = ['--schedule', '0 0 * * *'] if kind == 'cronjob' else []
    plane.kubectl('create', kind, f'{kind}-good', '--image', tagged(world.signed), *more)
    with pytest.raises(KubectlError, match='no_signature'):
        plane.kubectl('create', kind, f'{kind}-bad', '--image', world.unsigned, *more)


def test_the_audit_log_of_the_api_server_says_what_was_decided(plane, world):
    for name, image, decision, code in (('audited', world.signed, 'allow', 'verified'),
                                        ('refused', world.unsigned, 'deny', 'no_signature'),
                                        ('tried', world.on_trial, 'warn', 'no_signature')):
        answer = create(plane, pod(name, image))
        assert answer.note('decision') == decision
        seen = json.loads(answer.note('images'))
        assert [entry['code'] for entry in seen] == [code]
        assert seen[0]['digest'] == image.partition('@')[2]
        assert answer.note('request-id')


def test_HTTP_2_is_never_chosen_although_the_api_server_offers_it_on_loopback(signet):
    context = ssl.create_default_context(cafile=signet.ca)
    context.set_alpn_protocols(['h2', 'http/1.1'])
    with socket.create_connection(('127.0.0.1', signet.ports['address'])) as raw, \
            context.wrap_socket(raw, server_hostname='localhost') as channel:
        assert channel.selected_alpn_protocol() == 'http/1.1'


def test_two_configurations_that_match_are_both_answered(plane, world, signet):
    def reach(path):
        return webhooks.client(signet.ports['address'], path, signet.ca)
    second = webhooks.validating(reach, 'second')
    second['webhooks'] = [second['webhooks'][0] | {'name': 'second.validate.signet.dev'}]
    plane.apply(second)
    try:
        assert wait_for(lambda: create(plane, pod('both', world.signed), f'{PODS}?dryRun=All').reached('second.validate'))
        answer = create(plane, pod('both', world.signed))
        assert answer.status == 201 and answer.reached() and answer.reached('second.validate')
    finally:
        plane.kubectl('delete', 'validatingwebhookconfigurations', 'second')

