"""What the chart renders: the same twice, with the rights of deploy/rbac.yaml, webhooks that cannot lock the cluster, Pods
that a namespace under `restricted` takes (webhook.md E, F, H, K-H01 to K-H15)."""
import re

import pytest

import chart
from chart import named, objects, render

CASE = pytest.mark.parametrize('case', chart.CASES, ids=lambda file: file.name.removesuffix('-values.yaml'))


@pytest.fixture(scope='module')
def defaults():
    return objects()


@CASE
def test_each_case_passes_the_strict_lint_and_renders_the_same_twice(case):
    chart.helm('lint', '--strict', '--quiet', chart.CHART, '--kube-version', chart.KUBERNETES, '--values', case)
    assert render(case) == render(case)


def test_the_definitions_of_the_chart_are_those_of_deploy():
    ours, theirs = ({file.name: file.read_bytes() for file in folder.iterdir()}
                    for folder in (chart.CHART / 'files' / 'crds', chart.ROOT / 'deploy' / 'crds'))
    assert ours == theirs and len(ours) == 3
    for source in theirs.values():
        crd = chart.load(source)
        rendered = named(objects(), 'CustomResourceDefinition', crd['metadata']['name'])
        assert rendered['metadata'].pop('annotations') == {'helm.sh/resource-policy': 'keep'}
        assert rendered == crd
        assert 'annotations' not in named(objects({'crds': {'keep': False}}), 'CustomResourceDefinition',
                                          crd['metadata']['name'])['metadata']


def test_the_rights_are_those_of_deploy(defaults):
    expected = [thing for thing in chart.yaml.safe_load_all((chart.ROOT / 'deploy' / 'rbac.yaml').read_text())]
    assert len(expected) == 5
    for thing in expected:
        ours = named(defaults, thing['kind'])
        for rendered in (thing, ours):
            del rendered['metadata']['labels']
        assert ours == thing


def settings(things):
    return chart.load(named(things, 'ConfigMap')['data']['config.yaml'])


def test_every_setting_that_is_rendered_is_one_of_the_program():
    table = ''.join((chart.ROOT / 'server' / 'runtime' / name).read_text()
                    for name in ('settings.cpp', 'settings_cluster.cpp'))
    known = set(re.findall(r'\{"([a-zA-Z.]+)",\s*"--', table))
    assert len(known) > 50
    for case in chart.CASES:
        for path, _ in chart.leaves(settings(objects(case))):
            assert '.'.join(path) in known, (case.name, path)
