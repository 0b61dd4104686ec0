"""Every reason code is the answer of a case, and following its cure makes the case pass."""
import json
import os
import re
import subprocess
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TRUSTED = {'verified', 'static_allowed', 'skipped_unchanged', 'no_policy_allow'}
# No question and no registry make these: the clock of the machine, and a bug. Who does make them.
ELSEWHERE = {
    'clock': ('tests/service/reload_test.cpp', 'FI23_TheClockJumps'),
    'internal': ('tests/server/web/webhook_test.cpp', 'AThrowingVerificationIsNeverAllowed'),
}


def enumerated():
    text = (ROOT / 'core/base/reason.hpp').read_text()
    body = re.search(r'enum class Reason \{(.*?)\};', text, re.DOTALL)[1]
    return set(re.findall(r'^\s*([a-z_]+),', body, re.MULTILINE))


def run_cases():
    done = subprocess.run([os.environ['SIGNET'], 'policy', 'test', '--output', 'json', HERE], capture_output=True,
                          text=True, check=False)
    assert done.stderr == ''
    return json.loads(done.stdout), done.returncode


def reasons_of(case):
    found = case['found']
    return {image['reason'] for image in found['images']} or {found['reason']}


def test_every_case_is_as_expected():
    answer, status = run_cases()
    assert [(case['name'], case['differences']) for case in answer['cases'] if not case['passed']] == []
    assert status == 0


def test_every_reason_code_is_produced():
    answer, _ = run_cases()
    produced = set().union(*(reasons_of(case) for case in answer['cases']))
    assert produced | set(ELSEWHERE) == enumerated()
    assert produced & set(ELSEWHERE) == set()


def test_what_no_case_can_produce_another_test_does():
    for file, name in ELSEWHERE.values():
        assert re.search(rf'TEST(_F)?\(\w+, {name}\)', (ROOT / file).read_text())


def test_following_the_cure_makes_each_of_them_pass():
    answer, _ = run_cases()
    decisions = {case['name']: case['found']['decision'] for case in answer['cases']}
    to_cure = enumerated() - TRUSTED - set(ELSEWHERE)
    assert {name for name in to_cure if decisions.get(name) != 'deny'} == set()
    assert {name for name in to_cure if decisions.get(f'{name}, cured') != 'allow'} == set()


def test_each_case_says_its_reason():
    cases = yaml.safe_load((HERE / 'reasons.cases.yaml').read_text())['cases']
    for case in cases:
        if ', cured' not in case['name']:
            assert case['expect']['reasons'] == [case['name']]
