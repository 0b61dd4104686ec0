"""How a real API server takes odd answers, tries again, and adds up its time: the facts that Signet's own answers are
built upon (webhook.md A.4, A.7; K-E01, K-E04, K-E05, K-E13, K-E14). What is odd is said by a server in front of Signet."""
import base64
import json
import time

import pytest

import between
import webhooks
import world as worlds
from asking import create
from world import pod

SLOW_S = 9   # less than the validating hook's own time, more than the mutating one's
CAP_S = 34  # what the API server gives a request in all
BIG = 12_000  # variables; about 1.2 MiB without managedFields


@pytest.fixture(scope='module')
def serve(folder, world):
    made = worlds.serve(folder / 'signet', world, world.trust_root(), world.policy())
    yield made
    made.end()


@pytest.fixture(scope='module')
def front(folder, plane, serve):
    made = between.Between(folder, serve)
    worlds.register(plane, webhooks.validating(lambda path: webhooks.client(made.port, path, made.ca)),
                    webhooks.mutating(lambda path: webhooks.client(made.port, path, made.ca)))
    yield made
    made.end()


def review(**changes):
    """An answer that would allow but for these changes; the uid is filled in."""
    def work(handler, body):
        uid = json.loads(body)['request']['uid']
        whole = {'apiVersion': 'admission.k8s.io/v1', 'kind': 'AdmissionReview',
                 'response': {'uid': uid, 'allowed': True}}
        for name, value in changes.items():
            (whole if name in whole else whole['response'])[name] = value
        handler.answer(200, json.dumps(whole).encode())
    return work


def response(value):
    return review(response=value)


PATCH = base64.b64encode(b'[]').decode()
NO_PATCH = base64.b64encode(b'{}').decode()
MISFIT = base64.b64encode(b'[{"op":"remove","path":"/none"}]').decode()
ODD = {
    'a 500': between.says(500, b'broken', Content_Type='text/plain'),
    'a 101': between.raw(b'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'),
    'nothing': between.says(200),
    'no response': response(None),
    'an empty object': between.says(200, b'{}'),
    'another uid': review(uid='00000000-0000-0000-0000-000000000000'),
    'another version': review(apiVersion='admission.k8s.io/v2'),
    'another kind': review(kind='Pod'),
    'a patch of a validating hook': review(patch=PATCH, patchType='JSONPatch'),
    'text': between.says(200, b'allowed'),
    'garbage of HTTP': between.raw(b'\x16\x03\x01garbage\r\n\r\n'),
    'the end of the connection': between.breaks,
    'a broken media type': between.says(200, b'{}', Content_Type='; ;'),
    'a redirect to nowhere': between.says(302, Location='https://127.0.0.1:1/'),
}
ODD_PATCHES = {
    'a patch without its type': review(patch=PATCH),
    'a type without a patch': review(patchType='JSONPatch'),
    'another type': review(patch=PATCH, patchType='MergePatch'),
    'a patch that is no patch': review(patch=NO_PATCH, patchType='JSONPatch'),
}


@pytest.mark.parametrize('what', ODD)
def test_KE01_an_odd_answer_of_a_validating_hook_lets_nothing_in(plane, world, front, what):
    front.script = [between.pass_on, ODD[what]]  # the mutating hook comes first
    answer = create(plane, pod('odd', world.signed), '/api/v1/namespaces/default/pods?dryRun=All')
    front.script = []
    assert answer.status == 500
    assert 'failed calling webhook "pods.validate.signet.dev"' in answer.body['message']


@pytest.mark.parametrize('what', ODD_PATCHES)
def test_KE01_an_odd_patch_is_as_good_as_none_and_validation_decides(plane, world, front, what):
    front.script = [ODD_PATCHES[what]]
    answer = create(plane, pod('odd', world.unsigned), '/api/v1/namespaces/default/pods?dryRun=All')
    front.script = []
    assert answer.status == 403 and 'no_signature' in answer.body['message']


def test_KE01_a_patch_that_does_not_fit_ends_the_request_whatever_the_failure_policy(plane, world, front):
    front.script = [review(patch=MISFIT, patchType='JSONPatch')]
    answer = create(plane, pod('odd', world.signed), '/api/v1/namespaces/default/pods?dryRun=All')
    front.script = []
    assert answer.status == 500


def test_KE04_overload_with_retry_after_is_tried_again(plane, world, front):
    busy = between.says(503, Retry_After='1')
    front.script, front.calls = [between.pass_on, busy, busy], 0
    answer = create(plane, pod('busy', world.signed), '/api/v1/namespaces/default/pods?dryRun=All')
    assert answer.status == 201
    assert front.calls == 4


def test_KE05_an_answer_that_breaks_off_is_not_asked_for_again(plane, world, front):
    front.script, front.calls = [between.pass_on, between.breaks], 0
    answer = create(plane, pod('broken', world.signed), '/api/v1/namespaces/default/pods?dryRun=All')
    assert answer.status == 500
    assert front.calls == 2


def test_KE13_the_time_of_all_hooks_is_added_up_and_the_answer_is_explicit(plane, world, front):
    """The mutating hook is given up after its own time; the validating one is slow, and still says why it refuses."""
    front.script = [between.after(SLOW_S, between.pass_on), between.after(SLOW_S, between.pass_on)]
    begun = time.monotonic()
    answer = create(plane, pod('slow', world.unsigned), '/api/v1/namespaces/default/pods?dryRun=All')
    assert time.monotonic() - begun < CAP_S
    assert answer.status == 403
    assert 'no_signature' in answer.body['message']


def test_KE14_a_pod_near_the_limit_of_etcd_is_asked_about_twice_and_decided_alike(plane, world, front):
    """Its managedFields make it too large to be stored; the API server begins again without them."""
    big = pod('big', world.signed)
    big['spec']['containers'][0]['env'] = [{'name': f'VARIABLE_{n:06}', 'value': 'x' * 60} for n in range(BIG)]
    front.calls = 0
    answer = create(plane, big)
    assert answer.status == 201, answer.body['message']
    assert 'managedFields' not in answer.body['metadata']
    assert front.calls == 3  # mutation once, validation twice
    big['spec']['containers'][0]['image'] = world.unsigned
    big['metadata']['name'] = 'big-unsigned'
    assert create(plane, big).status == 403
