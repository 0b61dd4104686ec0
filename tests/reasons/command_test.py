"""`signet policy test` as a process: its forms of output, coverage, and every bad input."""
import json
import os
import re
import shutil
import subprocess
import xml.etree.ElementTree
from pathlib import Path

import jsonschema
import pytest

HERE = Path(__file__).resolve().parent
SCHEMA = json.loads((HERE.parent / 'schema' / 'policy-test.schema.json').read_text())
USAGE = 64
HEAD = 'apiVersion: signet.dev/v1alpha1\nkind: PolicyCases\npolicies: [policy.yaml]\n' \
       'evidence: [reasons.evidence.json]\ntime: 2026-11-20T12:00:00Z\ncases:\n'
SIGNED = 'registry.example.com/reasons/good:cured'


def signet(*arguments):
    done = subprocess.run([os.environ['SIGNET'], 'policy', 'test', *map(str, arguments)], capture_output=True, text=True,
                          check=False, timeout=60)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture(name='place')
def _place(tmp_path):
    for name in ('policy.yaml', 'reasons.evidence.json'):
        shutil.copyfile(HERE / name, tmp_path / name)
    return tmp_path


def write(place, *cases, head=HEAD, name='a.cases.yaml'):
    (place / name).write_text(head + ''.join(f'- {case}\n' for case in cases))
    return place / name


def case(name, decision='allow', image=SIGNED, more='', reasons='verified'):
    return f'{{name: "{name}", images: ["{image}"], {more} expect: {{decision: {decision}, reasons: [{reasons}]}}}}'


def test_passing_cases_end_with_0(place):
    write(place, case('one'), case('two'))
    status, out, err = signet(place)
    assert (status, err) == (0, '')
    assert out.splitlines()[-1] == '2 passed, 0 failed'
    assert out.startswith(f'ok      {place}/a.cases.yaml:7  one\n')


def test_a_failing_case_is_told_and_ends_with_1(place):
    write(place, case('fine'), case('wrong', 'deny', reasons='no_signature'))
    status, out, err = signet(place)
    assert (status, err) == (1, '')
    assert 'FAILED  ' in out and 'expected deny' in out and 'expected no_signature' in out
    assert 'found    verified  (registry.example.com/reasons/good:cured@sha256:' in out
    assert out.splitlines()[-1] == '1 passed, 1 failed'


def test_run_takes_those_whose_name_it_finds(place):
    file = write(place, case('team A'), case('team B'))
    assert signet('--run', 'B$', file)[1].splitlines()[-1] == '1 passed, 0 failed'
    status, out, err = signet('--run', 'C$', file)
    assert (status, out) == (USAGE, '') and 'finds no case' in err
    assert signet('--run', '(', file)[0] == USAGE


def test_patches_and_warnings_are_those_of_the_hooks(place):
    pinned = SIGNED + '@' + json.loads((place / 'reasons.evidence.json').read_text())['tags'][SIGNED]
    patch = f'{{name: p, images: ["{SIGNED}"], expect: {{decision: allow, warnings: none, patches: ' \
            f'[{{path: /spec/containers/0/image, value: "{pinned}"}}]}}}}'
    none = f'{{name: n, images: ["{pinned}"], expect: {{decision: allow, patches: none}}}}'
    warned = f'{{name: w, mutate: false, settings: {{unpinned: warn}}, images: ["{SIGNED}"], ' \
             'expect: {decision: allow, warnings: [names a tag]}}'
    assert signet(write(place, patch, none, warned))[:1] == (0,)


def test_json_is_of_its_schema(place):
    write(place, case('fine'), case('wrong', 'deny'), case('other', 'deny', 'other.example.com/x:1', reasons='no_policy_deny'))
    status, out, err = signet('--output', 'json', '--coverage', place)
    answer = json.loads(out)
    jsonschema.Draft202012Validator(SCHEMA).validate(answer)
    assert (status, err, answer['passed'], answer['failed']) == (1, '', 2, 1)


def test_junit_is_xml_that_says_the_same(place):
    write(place, case('<fine> & \\"quoted\\" \\u00e9'), case('wrong', 'deny'))
    report = place / 'report.xml'
    assert signet('--junit', report, place)[0] == 1
    suite, = xml.etree.ElementTree.parse(report).getroot().findall('testsuite')
    assert (suite.get('tests'), suite.get('failures')) == ('2', '1')
    names = [one.get('name') for one in suite.findall('testcase')]
    assert names == ['<fine> & "quoted" \\xc3\\xa9', 'wrong']
    failure, = suite.findall('testcase/failure')
    assert 'expected deny' in failure.text


def test_coverage_names_what_no_case_tries(place):
    file = write(place, case('one'))
    _, out, _ = signet('--coverage', file)
    assert re.search(r'/policy\.yaml:\d+:3: ClusterTrustPolicy/good: no case is refused by it\n', out)
    assert 'coverage: 2 of 3 parts' in out
    write(place, case('one'), case('two', 'deny', SIGNED.replace('cured', 'team-b'), reasons='identity_mismatch'))
    assert 'coverage: 3 of 3 parts' in signet('--coverage', file)[1]
    write(place, case('two', 'deny', SIGNED.replace('cured', 'team-b'), reasons='identity_mismatch'))
    _, out, _ = signet('--coverage', file)
    assert 'authority team-a: no case passes by it' in out
    assert 'identity subject "team-a@example.org"' in out and 'no case has a signature of it that counts' in out


def test_evidence_that_holds_too_little_fails_the_case(place):
    (place / 'reasons.evidence.json').write_text('{"version": 1}')
    status, out, _ = signet(write(place, case('one', 'deny', reasons='config_not_ready')))
    assert status == 1
    assert 'evidence' in out and SIGNED in out


def test_no_registry_is_ever_asked(place):
    """The address of the image would refuse every connection at once; nothing is said of that."""
    (place / 'reasons.evidence.json').write_text('{"version": 1}')
    _, out, _ = signet(write(place, case('one', image='127.0.0.1:1/reasons/good:cured')))
    assert 'no_policy_deny' in out and 'refused' not in out


# ---- bad input: one sentence, 64, nothing on standard output

def refused(*arguments):
    status, out, err = signet(*arguments)
    assert (status, out) == (USAGE, ''), (out, err)
    assert err.startswith('signet policy test: ')
    return err


def test_a_case_for_a_policy_that_does_not_exist(place):
    file = write(place, case('one'), case('two', more='policies: [absent.yaml],'))
    err = refused(file)
    assert f'{file}:8:' in err and 'absent.yaml: no such file or directory' in err


def test_evidence_that_does_not_hash_to_its_name(place):
    file = place / 'reasons.evidence.json'
    recording = json.loads(file.read_text())
    name = next(iter(recording['blobs']))
    recording['blobs'][name] = 'Y2hhbmdlZA=='
    file.write_text(json.dumps(recording))
    err = refused(write(place, case('one')))
    assert f'blobs "{name}"' in err and 'changed after it was recorded' in err and 'a.cases.yaml:4:' in err


def test_evidence_that_is_not_there(place):
    (place / 'reasons.evidence.json').unlink()
    assert 'reasons.evidence.json' in refused(write(place, case('one')))


def test_policies_with_errors(place):
    policy = place / 'policy.yaml'
    policy.write_text(policy.read_text().replace('authorities:', 'authorites:'))
    err = refused(write(place, case('one')))
    assert 'policies with errors decide nothing' in err and 'policy.yaml:' in err and 'authorities' in err


def test_a_field_that_does_not_exist(place):
    err = refused(write(place, case('one', more='namespac: shop,')))
    assert 'cases[0].namespac' in err and 'namespace' in err


def test_a_path_without_cases(place):
    assert 'holds no cases' in refused(place)
    assert 'no such file or directory' in refused(place / 'absent')


def test_binary_garbage_and_an_empty_file(place):
    (place / 'a.cases.yaml').write_bytes(bytes(range(256)) * 10)
    assert 'a.cases.yaml' in refused(place)
    (place / 'a.cases.yaml').write_text('')
    assert 'is empty' in refused(place)


def test_a_loop_of_links(place):
    write(place, case('one'))
    (place / 'loop').symlink_to(place)
    assert signet(place)[1].splitlines()[-1] == '1 passed, 0 failed'


def test_a_report_that_cannot_be_written(place):
    assert 'cannot be written' in refused('--junit', place / 'absent' / 'report.xml', write(place, case('one')))


def test_flags_that_do_not_go_together(place):
    assert '--record needs --output' in refused('--record', SIGNED, place)
    assert 'neither text nor json' in refused('--output', 'xml', place)
