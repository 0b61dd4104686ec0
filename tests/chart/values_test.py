"""Every value of the chart is in the schema and in README.md, and has an effect; nothing else is taken."""
import functools
import json
import re
import shutil

import pytest

import chart

OTHERS = chart.load((chart.ROOT / 'tests' / 'chart' / 'other_values.yaml').read_text())
ALONE = {'nameOverride': 'signet', 'crds.install': False}  # an alias has another name; definitions are large
UMBRELLA = 'umbrella'
DEPRECATED = {'deprecated': True}


def dotted(paths):
    return {'.'.join(path) for path in paths}


def merged(dotted_values):
    found = {}
    for name, value in dotted_values.items():
        *above, last = name.split('.')
        functools.reduce(lambda map_, key: map_.setdefault(key, {}), above, found)[last] = value
    return found


def flips():
    """(value, what is given before, what is given after)"""
    for name, other in OTHERS.items():
        if not (isinstance(other, dict) and set(other) == {'to', 'with'}):
            other = {'to': other, 'with': {}}
        before = ALONE | other['with']
        yield name, before, before | {name: other['to']}


@pytest.fixture(scope='module')
def rendered(tmp_path_factory):
    """What the chart gives for each set of values, all in one run of helm: a chart that contains it under many names."""
    sets = {json.dumps(given): given for _, before, after in flips() for given in (before, after)}
    sets['again'] = ALONE | {'replicaCount': 3}
    aliases = {key: f'f{number}' for number, key in enumerate(sets)}
    folder = tmp_path_factory.mktemp('charts') / UMBRELLA
    shutil.copytree(chart.CHART, folder / 'charts' / 'signet')
    version = chart.load((chart.CHART / 'Chart.yaml').read_text())['version']
    (folder / 'Chart.yaml').write_text(json.dumps({
        'apiVersion': 'v2', 'name': UMBRELLA, 'version': '0.0.0', 'dependencies': [
            {'name': 'signet', 'version': version, 'alias': alias} for alias in aliases.values()]}))
    text = chart.render({aliases[key]: merged(given) for key, given in sets.items()}, chart=folder)
    found = {alias: [] for alias in aliases.values()}
    for document in re.split(r'^---\n', text, flags=re.M):
        source = re.match(rf'# Source: {UMBRELLA}/charts/(f\d+)/', document)
        if source:
            found[source[1]].append(document.replace(f'charts/{source[1]}/', '').replace(f'{source[1]}-', 'signet-'))
    return {key: found[alias] for key, alias in aliases.items()}


def test_every_value_changes_what_is_rendered(rendered):
    assert rendered['again'] == rendered[json.dumps(ALONE)] and len(rendered['again']) > 15  # a name changes nothing
    without_effect = [name for name, before, after in flips()
                      if rendered[json.dumps(before)] == rendered[json.dumps(after)]]
    assert without_effect == []


def test_another_value_is_known_for_every_value():
    assert set(OTHERS) == dotted(chart.values())


def schema_paths(schema, path=()):
    """Every value that the schema lets through, as far as it says."""
    if schema.get('additionalProperties') is False:
        for name, below in schema['properties'].items():
            if below == DEPRECATED:
                continue
            yield from schema_paths(below, (*path, name))
    else:
        yield path


def test_the_schema_knows_every_value_and_no_other():
    schema = json.loads((chart.CHART / 'values.schema.json').read_text())
    known = set()
    for path in schema_paths(schema):
        known.add(next((path[:n] for n in range(len(path), 0, -1) if path[:n] in chart.values()), path))
    assert dotted(known) == dotted(chart.values())


def deprecated(schema, path=()):
    for name, below in schema.get('properties', {}).items():
        if below == DEPRECATED:
            yield (*path, name)
        yield from deprecated(below, (*path, name))


def test_the_schema_leaves_names_of_others_to_the_templates():
    schema = json.loads((chart.CHART / 'values.schema.json').read_text())
    assert dotted(deprecated(schema)) == set(chart.load((chart.CHART / 'files' / 'renamed.yaml').read_text()))


def closed(schema, path=()):
    """The objects of the schema of which we say every key."""
    if 'properties' in schema:
        yield path, schema
        for name, below in schema['properties'].items():
            yield from closed(below, (*path, name))
    if 'items' in schema:
        yield from closed(schema['items'], (*path, '[]'))


def test_the_schema_takes_no_key_that_it_does_not_name():
    schema = json.loads((chart.CHART / 'values.schema.json').read_text())
    objects = dict(closed(schema))
    assert len(objects) > 40
    assert [path for path, one in objects.items() if one.get('additionalProperties') is not False] == []


@pytest.mark.parametrize('values', [
    {'replicaCont': 3}, {'image': {'sha': 'x'}}, {'tls': {'mode': 'helm'}}, {'tls': {'selfmanaged': {}}},
    {'image': {'digest': 'sha256:abc'}}, {'webhook': {'validatePods': {'timeoutSeconds': 31}}},
    {'webhook': {'port': 65536}}, {'webhook': {'url': 'http://signet'}}, {'policy': {'noMatch': 'Deny'}},
    {'policy': {'warnBefore': '30 days'}}, {'policy': {'reverifyUnchanged': False}}, {'service': {'type': 'ExternalName'}},
    {'registry': {'ca': [{'configmap': 'x'}]}}, {'registry': {'pullSecrets': {'names': ['Bad_Name']}}},
    {'networkPolicy': {'ingressCIDRs': ['10.0.0.1']}}, {'replicaCount': 0}, {'replicaCount': '3'},
    {'global': {'imageregistry': 'x'}}, {'policies': {'Bad Name': {}}}, {'networkPolicy': {'egress': {'ports': [1]}}}],
    ids=json.dumps)
def test_the_schema_refuses(values):
    assert 'don\'t meet the specifications of the schema' in (chart.refusal(values) or '')


def test_readme_lists_every_value_with_its_default():
    text = (chart.CHART / 'README.md').read_text()
    rows = re.findall(r'^\| `([A-Za-z.0-9]+)` \| `(.*?)` \| \S', text, re.M)
    assert dict(rows) == {'.'.join(path): shown(value) for path, value in defaults().items()}
    assert len(rows) == len(dict(rows))


def shown(value):
    return value if isinstance(value, str) and value else json.dumps(value)


def defaults():
    whole = chart.load((chart.CHART / 'values.yaml').read_text())
    return {path: functools.reduce(lambda map_, key: map_[key], path, whole) for path in chart.values()}
