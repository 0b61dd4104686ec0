"""The manual for operators, as far as no cluster is needed: its YAML, its table of alerts, its links."""
import re

import pytest

import chart
from chart import load, named, objects, render

MANUAL = chart.ROOT / 'deploy' / 'README.md'
TEXT = MANUAL.read_text()
RULES = load((chart.CHART / 'files' / 'rules.yaml').read_text())['groups']
MARKS = {'sh', 'sh cluster', 'yaml', 'yaml values'}


def blocks(mark):
    return re.findall(rf'^```{mark}\n(.*?)^```$', TEXT, re.M | re.S)


def test_every_block_is_marked():
    found = re.findall(r'^```(.*)$', TEXT, re.M)
    assert len(found) % 2 == 0 and set(found[1::2]) == {''} and set(found[::2]) == MARKS


@pytest.mark.parametrize('values', blocks('yaml values'))
def test_the_values_of_each_platform_are_taken_and_change_something(values):
    assert render(load(values)) != render()


def test_the_values_that_are_given_to_tools_are_taken():
    things = [load(text) for text in blocks('yaml')]
    given = [thing['spec'].get('values') or thing['spec']['source']['helm']['valuesObject'] for thing in things]
    assert {thing['kind'] for thing in things} == {'Application', 'HelmRelease'}
    for values in given:
        assert named(objects(values), 'ServiceMonitor')


def test_what_argo_cd_ignores_is_what_signet_writes():
    application = next(thing for thing in map(load, blocks('yaml')) if thing['kind'] == 'Application')
    ignored = {(one['kind'], path) for one in application['spec']['ignoreDifferences'] for path in one['jqPathExpressions']}
    kinds = {thing['kind'] for thing in objects() if thing['kind'].endswith('WebhookConfiguration')}
    assert ignored == {(kind, '.webhooks[].clientConfig.caBundle') for kind in kinds} and len(kinds) == 2


def test_the_chart_that_the_tools_name_is_this_one():
    application = next(thing for thing in map(load, blocks('yaml')) if thing['kind'] == 'Application')
    about = load((chart.CHART / 'Chart.yaml').read_text())
    assert (application['spec']['source']['chart'], application['spec']['source']['targetRevision']) == (
        about['name'], about['version'])


def test_the_table_of_alerts_is_that_of_the_rules():
    rows = re.findall(r'^\| \[(\w+)\]\((\S+)\) \| (\w+) \| (\w+) \| \S.* \|$', TEXT, re.M)
    expected = [(rule['alert'], f'../charts/signet/README.md#{rule["alert"].lower()}', rule.get('for', '0m'),
                 rule['labels']['severity']) for group in RULES for rule in group['rules'] if 'alert' in rule]
    assert rows == expected and len(rows) > 20


def test_it_names_only_alerts_values_and_metrics_that_exist():
    alerts = {rule['alert'] for group in RULES for rule in group['rules'] if 'alert' in rule}
    assert set(re.findall(r'\b(Signet[A-Z]\w+)', TEXT)) <= alerts
    known = {'.'.join(path) for path in chart.values()} | {'.'.join(path[:n]) for path in chart.values() for n in (1, 2)}
    manual = TEXT[:TEXT.index('## How it behaves')] + TEXT[TEXT.index('## Alerts'):]
    named_ = set(re.findall(r'`((?:webhook|mutation|policy|tls|registry|cache|autoscaling|shutdown|networkPolicy|resources)'
                            r'\.[A-Za-z.]+?)(?::[^`]*)?`', manual))
    assert len(named_) > 15 and named_ <= known
    metrics = set(re.findall(r'^\| `(\w+)` \|', TEXT, re.M))
    assert {re.sub(r'\{.*', '', name) for name in re.findall(r'`(signet_[a-z_]+)', manual)} <= metrics


def test_its_links_lead_somewhere():
    headings = {re.sub(r'[^\w -]', '', title.lower()).replace(' ', '-') for title in re.findall(r'^#+ (.*)$', TEXT, re.M)}
    for target in re.findall(r'\]\(([^)#]*)(?:#[\w-]+)?\)', TEXT):
        assert not target or (MANUAL.parent / target).exists(), target
    for anchor in re.findall(r'\]\(#([\w-]+)\)', TEXT):
        assert anchor in headings, anchor
