"""The chart and what helm makes of it."""
import functools
import json
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / 'charts' / 'signet'
CASES = sorted((CHART / 'ci').glob('*-values.yaml'))
NAMESPACE, RELEASE, KUBERNETES = 'signet-system', 'signet', '1.30.0'
HELMS = ('helm3', 'helm4')
sys.path.insert(0, str(ROOT / 'tests' / 'e2e'))

import tools  # noqa: E402


class Refused(Exception):
    """helm ended with an error; the text is what it said."""


def helm(*arguments, given=None, by=HELMS[0]):
    done = subprocess.run([str(tools.path_of(by)), *map(str, arguments)], input=given, capture_output=True, text=True,
                          check=False, timeout=240)
    if done.returncode:
        raise Refused(done.stdout + done.stderr)
    return done.stdout


def render(values=None, *arguments, chart=CHART, namespace=NAMESPACE, release=RELEASE, kubernetes=KUBERNETES, by=HELMS[0]):
    """The text of `helm template`; `values` is a map, or the file of a case."""
    if isinstance(values, Path):
        given, text = ('--values', values), None
    else:
        given, text = ('--values', '-'), json.dumps(values or {})
    return helm('template', release, chart, '--namespace', namespace, '--kube-version', kubernetes, *given, *arguments,
                given=text, by=by)


@functools.lru_cache(maxsize=None)
def render_case(case, **how):
    return render(case, **how)


def objects(values=None, *arguments, **how):
    text = render_case(values, **how) if isinstance(values, Path) else render(values, *arguments, **how)
    return [thing for thing in yaml.load_all(text, Loader) if thing]


def installed(values=None, *arguments, **how):
    """What stays when helm has installed it: not what `helm test` makes."""
    return [thing for thing in objects(values, *arguments, **how)
            if 'helm.sh/hook' not in thing['metadata'].get('annotations', {})]


def named(things, kind, name=RELEASE):
    found = [thing for thing in things if thing['kind'] == kind and thing['metadata']['name'] == name]
    assert len(found) == 1, (kind, name, [(thing['kind'], thing['metadata']['name']) for thing in things])
    return found[0]


def refusal(values, *arguments, **how):
    """What helm says against these values; nothing when it takes them."""
    try:
        render(values, *arguments, **how)
        return None
    except Refused as why:
        return str(why)


Loader = getattr(yaml, 'CSafeLoader', yaml.SafeLoader)


def load(text):
    return yaml.load(text, Loader)


def leaves(value, path=()):
    """(path, value) of every value: a map that has no default entries is one."""
    if isinstance(value, dict) and value:
        for name, below in value.items():
            yield from leaves(below, (*path, name))
    else:
        yield path, value


# Maps of Kubernetes that are passed on as a whole.
WHOLE = {('updateStrategy',), ('resources',), ('podSecurityContext',), ('securityContext',), ('nodeSelector',),
         ('tls', 'certManager', 'privateKey'), ('grafanaDashboard', 'labels')}


def values():
    """Every value of the chart, {path: default}."""
    found = {}
    for path, value in leaves(load((CHART / 'values.yaml').read_text())):
        whole = next((above for above in WHOLE if path[:len(above)] == above), None)
        found[whole or path] = value
    return found


def nested(path, value):
    for name in reversed(path):
        value = {name: value}
    return value
