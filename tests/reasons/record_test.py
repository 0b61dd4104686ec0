"""`signet policy test --record` against a real registry that wants a login."""
import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / 'e2e'))
import registry  # noqa: E402

RECORDED = 'registry.example.com/reasons/good'
TIME = '2026-11-20T12:00:00Z'
USAGE, UNCHECKED = 64, 2


def signet(*arguments, **environment):
    done = subprocess.run([os.environ['SIGNET'], 'policy', 'test', *map(str, arguments)], capture_output=True, text=True,
                          check=False, timeout=60, env=os.environ | environment)
    return done.returncode, done.stdout, done.stderr


class World:
    """The signed image of the recorded evidence in a registry, and an unsigned one; policies for them."""

    def __init__(self, folder):
        self.folder = folder
        self.registry = registry.Registry(folder / 'registry')
        self.image = f'{self.registry.host}/good:cured'
        self.unsigned = f'{self.registry.host}/good:unsigned'
        self.push()
        self.policies = folder / 'policies'
        self.policies.mkdir()
        policy = (HERE / 'policy.yaml').read_text().replace(RECORDED, f'{self.registry.host}/good')
        (self.policies / 'policy.yaml').write_text(policy)
        self.cases = self.policies / 'web.cases.yaml'
        self.evidence = self.policies / 'web.evidence.json'

    def push(self):
        recording = json.loads((HERE / 'reasons.evidence.json').read_text())
        for blob in recording['blobs'].values():
            self.registry.push_blob('good', base64.b64decode(blob))
        for content in (b'good:cured', b'{}'):
            self.registry.push_blob('good', content)
        digest = recording['tags'][f'{RECORDED}:cured']
        for tag in ('cured', digest.replace(':', '-') + '.sig'):
            manifest = recording['manifests'][f'{RECORDED}@{recording["tags"][f"{RECORDED}:{tag}"]}']
            self.registry.send('PUT', f'/v2/good/manifests/{tag}', manifest['body'].encode(), manifest['mediaType'])
        self.registry.push_image('good', 'unsigned')

    def record(self, *images, to=None, **environment):
        flags = [flag for image in images for flag in ('--record', image)]
        return signet(self.policies, *flags, '--at', TIME, '--registry-ca', self.registry.ca, '--output',
                      to or self.cases, **(self.registry.environment() | environment))

    def files(self):
        return sorted(file.name for file in self.policies.iterdir())


@pytest.fixture(name='world', scope='module')
def _world(tmp_path_factory):
    world = World(tmp_path_factory.mktemp('record'))
    yield world
    world.registry.close()


@pytest.fixture(autouse=True)
def _clean(world):
    for file in world.policies.iterdir():
        if file.name != 'policy.yaml':
            file.unlink()


def test_a_recorded_image_is_a_case_that_passes_offline(world):
    status, out, err = world.record(world.image)
    assert (status, err) == (0, '')
    assert f'recorded {world.image}: allow (verified)' in out
    assert world.files() == ['policy.yaml', 'web.cases.yaml', 'web.evidence.json']
    status, out, err = signet(world.policies, HTTPS_PROXY='http://127.0.0.1:1')
    assert (status, err, out.splitlines()[-1]) == (0, '', '1 passed, 0 failed')


def test_what_is_refused_is_recorded_too_behind_the_others(world):
    assert world.record(world.image)[0] == 0
    status, out, _ = world.record(world.unsigned)
    assert status == 0 and 'deny (no_signature)' in out
    assert signet(world.policies)[1].splitlines()[-1] == '2 passed, 0 failed'


def test_several_images_at_once_and_the_evidence_alone(world):
    assert world.record(world.image, world.unsigned)[0] == 0
    assert signet(world.policies)[1].splitlines()[-1] == '2 passed, 0 failed'
    both = json.loads(world.evidence.read_text())
    alone = world.policies / 'alone.evidence.json'
    assert world.record(world.image, world.unsigned, to=alone)[0] == 0
    assert json.loads(alone.read_text()) == both


def test_logins_are_never_recorded(world):
    assert world.record(world.image, world.unsigned)[0] == 0
    written = world.cases.read_text() + world.evidence.read_text()
    for secret in (world.registry.password, world.registry.basic(world.registry.password), 'Authorization', 'Basic ',
                   'Bearer', world.registry.user + ':'):
        assert secret not in written


def test_a_name_that_is_taken_is_refused_and_nothing_changes(world):
    assert world.record(world.image)[0] == 0
    before = world.cases.read_text(), world.evidence.read_text()
    status, out, err = world.record(world.image)
    assert (status, out) == (USAGE, '')
    assert f'has a case of the name "{world.image}"' in err
    assert (world.cases.read_text(), world.evidence.read_text()) == before


def test_what_cannot_be_fetched_is_not_recorded(world):
    status, out, err = world.record(world.image.replace('cured', 'absent'))
    assert (status, out) == (UNCHECKED, '') and 'nothing was recorded: ' in err
    status, out, err = world.record(world.image, DOCKER_CONFIG=str(world.folder / 'nowhere'))
    assert (status, out) == (UNCHECKED, '') and 'nothing was recorded: ' in err
    assert world.files() == ['policy.yaml']


def test_verify_judges_from_the_recorded_evidence(world):
    assert world.record(world.image)[0] == 0
    command = [os.environ['SIGNET'], 'verify', world.image, '--policy', world.policies, '--evidence', world.evidence,
               '--at', TIME]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, timeout=60,
                          env=os.environ | {'HTTPS_PROXY': 'http://127.0.0.1:1'})
    assert (done.returncode, done.stderr) == (0, '')
    command[2] = world.unsigned
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == UNCHECKED and 'is not in the recorded evidence' in done.stderr
