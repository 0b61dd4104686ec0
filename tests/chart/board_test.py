"""The dashboard as a file: what Grafana and its users rely on. Its queries are asked in tests/cluster/dashboard_test.py."""
import json
import re

import chart

BOARD = json.loads((chart.CHART / 'files' / 'dashboard.json').read_text())
PANELS = BOARD['panels']
EXPRESSIONS = [target['expr'] for panel in PANELS for target in panel.get('targets', [])]


def test_panels_have_ids_and_titles_of_their_own_and_lie_side_by_side():
    assert len({panel['id'] for panel in PANELS}) == len(PANELS) > 50
    assert len({panel['title'] for panel in PANELS}) == len(PANELS)
    taken = set()
    for panel in PANELS:
        place = panel['gridPos']
        assert place['x'] + place['w'] <= 24, panel['title']
        cells = {(x, y) for x in range(place['x'], place['x'] + place['w']) for y in range(place['y'], place['y'] + place['h'])}
        assert not cells & taken, panel['title']
        taken |= cells


def test_it_shows_what_every_row_of_the_design_asks_for():
    rows = [panel['title'] for panel in PANELS if panel['type'] == 'row']
    assert rows == ['Health', 'As the API server sees it', 'Images', 'Caches', 'Registries', 'Trust', 'Program', 'Replicas']


def test_every_query_names_its_source_and_its_replicas():
    variables = [variable['name'] for variable in BOARD['templating']['list']]
    assert variables == ['datasource', 'job', 'namespace']
    for panel in PANELS:
        if panel['type'] != 'row':
            assert panel['targets'] and panel['datasource'] == {'type': 'prometheus', 'uid': '${datasource}'}, panel['title']
    for expression in EXPRESSIONS:
        for name, selector in re.findall(r'\b((?:signet|process|apiserver)_\w+|up)\{([^}]*)\}', expression):
            wanted = r'name=~".*\\.signet\\.dev"' if name.startswith('apiserver') else 'job=~"$job",namespace=~"$namespace"'
            assert selector.startswith(wanted), expression
    assert not re.search(r'\b(?:signet|process)_\w+(?![\w{])', re.sub(r'by \([^)]*\)', '', ' '.join(EXPRESSIONS)))


def test_it_uses_metrics_that_operators_read_about():
    table = set(re.findall(r'^\| `([a-z_]+)` \|', (chart.ROOT / 'deploy' / 'README.md').read_text(), re.M))
    used = {name for expression in EXPRESSIONS for name in re.findall(r'\b(?:signet|process)_[a-z_]+', expression)}
    plain = {re.sub(r'_(bucket|sum|count)$', '', name) for name in used}
    assert len(plain) > 45 and plain - table == set()


def test_the_config_map_holds_it_byte_for_byte():
    things = chart.objects(chart.CHART / 'ci' / 'monitoring-values.yaml')
    found = chart.named(things, 'ConfigMap', 'signet-dashboard')
    assert found['metadata']['labels']['grafana_dashboard'] == '1'
    assert found['metadata']['annotations'] == {'grafana_folder': 'Security'}
    assert found['data'] == {'signet.json': (chart.CHART / 'files' / 'dashboard.json').read_text()}
