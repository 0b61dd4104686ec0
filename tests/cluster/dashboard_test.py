"""Every query of the dashboard and of every rule, asked of a real Prometheus that scrapes two replicas of Signet and the
API server that calls them, under mixed load: none is an error, none empty. What needs a kube-state-metrics finds a server
that stands in for it."""
import base64
import contextlib
import http.client
import json
import os
import re
import ssl
import threading

import pytest

import chart
import dashboard_page
import in_cluster
import serving
import webhooks
import world as worlds
from asking import PODS
from control_plane import KubectlError
from monitoring import Answering, Prometheus
from registry import free_port
from waiting import wait_for
from world import namespace, pod

BOARD = json.loads((chart.CHART / 'files' / 'dashboard.json').read_text())
RULES = chart.CHART / 'files' / 'rules.yaml'
DATA_S = 300
PAUSE_S = 0.2
PICTURE_TURNS, PICTURE_S, PICTURE_HEIGHT = 250, 300, 1332
VARIABLES = {'$job': 'signet', '$namespace': '.*', '$__rate_interval': '1m'}
OF_KUBE_STATE = 'kube_deployment_status_replicas_available{namespace="signet-system",deployment="signet"} 2\n'
# What must never happen, and hence has no series here.
NEVER = {'signet_image_verifications_total{code="internal"}'}


def queries():
    """(panel, expression) of each query."""
    return [(panel['title'], filled(target['expr'])) for panel in BOARD['panels'] for target in panel.get('targets', [])]


def filled(expression):
    for name, value in VARIABLES.items():
        expression = expression.replace(name, value)
    return expression


def broken_webhooks():
    """Other webhooks under our names that do not answer, or whose condition fails: they are called in the namespace `away` only."""
    nowhere = {'url': f'https://127.0.0.1:{free_port()}/'}
    scope = [{'key': 'kubernetes.io/metadata.name', 'operator': 'In', 'values': ['away']}]
    condition = {'name': 'broken', 'expression': "object.metadata.annotations['absent'] == 'x'"}
    return {'apiVersion': 'admissionregistration.k8s.io/v1', 'kind': 'ValidatingWebhookConfiguration',
            'metadata': {'name': 'away'}, 'webhooks': [
                webhooks.webhook('closed', nowhere, webhooks.POD_RULES, scope=scope),
                webhooks.webhook('open', nowhere, webhooks.POD_RULES, failure='Ignore', scope=scope),
                webhooks.webhook('condition', nowhere, webhooks.POD_RULES, [condition], 'Ignore', scope=scope)]}


@pytest.fixture(scope='module')
def registries():
    """One that limits its clients, and the address of one that is away."""
    limiting = Answering(429, Retry_After='1')
    yield f'localhost:{limiting.port}', f'localhost:{free_port()}'
    limiting.close()


@pytest.fixture(scope='module')
def replicas(folder, plane, world, registries):
    in_cluster.install(plane)
    trial = world.policy('trial', subject='nobody@linuxera.org')
    trial['spec']['mode'] = 'warn'
    others = [world.policy(name, images=f'{host}/**') for name, host in zip(('limited', 'away'), registries)]
    for thing in (namespace('away'), world.trust_root(), world.policy(), trial, *others, in_cluster.MARKER):
        plane.apply(thing)
    in_cluster.register_own(plane)
    own = [f'localhost:{world.registry.host.rpartition(":")[2]}', *registries, 'localhost']
    access = world.settings()['registry'] | {
        'plainHttp': list(registries), 'allowPrivate': [{'host': host, 'cidrs': ['127.0.0.0/8', '::1/128']} for host in own]}
    more = in_cluster.OWN_TLS | {'registry': access, 'server': {'shutdownDelay': '0s', 'memoryLimit': 2**30}}
    started = []
    for n in range(2):
        started.append(in_cluster.start(folder / f'signet-{n}', plane, world, f'signet-{n}', pair=(), **more))
    in_cluster.register_own(plane, started[0])
    plane.apply(broken_webhooks())
    bundle = plane.get('secret', 'signet-webhook-ca', '-n', in_cluster.NAMESPACE)['data']['ca-bundle.crt']
    started[1].ca = folder / 'own-ca.pem'
    started[1].ca.write_bytes(base64.b64decode(bundle))
    yield started
    for one in started:
        one.end()


@pytest.fixture(scope='module')
def prometheus(folder, plane, replicas):
    state = Answering(200, OF_KUBE_STATE, Content_Type='text/plain; version=0.0.4')
    here = '127.0.0.1:'
    made = Prometheus(folder / 'prometheus', [
        {'job_name': 'signet', 'static_configs': [
            {'targets': [f'{here}{one.ports["metrics"]}' for one in replicas],
             'labels': {'namespace': in_cluster.NAMESPACE}}]},
        {'job_name': 'apiserver', 'scheme': 'https', 'scrape_interval': '5s', 'scrape_timeout': '5s',
         'static_configs': [{'targets': [f'{here}{plane.port}']}],
         'tls_config': {'ca_file': str(plane.ca), 'cert_file': str(plane.folder / 'admin.pem'),
                        'key_file': str(plane.folder / 'admin-key.pem')}},
        {'job_name': 'kube-state-metrics', 'honor_labels': True, 'static_configs': [{'targets': [f'{here}{state.port}']}]}],
        rules=[RULES])
    yield made
    made.close()
    state.close()


def a_client_that_does_not_trust(port):
    with contextlib.suppress(OSError, http.client.HTTPException):
        connection = http.client.HTTPSConnection('localhost', port, context=ssl.create_default_context(), timeout=10)
        connection.request('GET', '/')


class Load:
    """Until its end, in turns: what is admitted, denied, warned of, pinned; beside it what cannot be checked, which takes the
    time that a review may take."""

    def __init__(self, plane, world, replicas, registries):
        self.plane, self.world, self.replicas = plane, world, replicas
        tag = world.signed.partition('@')[0] + ':v1'
        self.pods = [pod('tried', *images) for images in (
            [world.signed], [tag], [world.signed, tag], [world.unsigned], [world.by_team_b])]
        self.unchecked = [pod('tried', f'{host}/shop/x@sha256:' + '1' * 64) for host in registries]
        self.turns, self.ending = 0, threading.Event()
        self.threads = [threading.Thread(target=work) for work in (self.decide, self.fail)]
        for thread in self.threads:
            thread.start()

    def ask(self, pods):
        for thing in pods:
            self.plane.request('POST', f'{PODS}?dryRun=All', thing)
            self.replicas[1].review('/validate', thing)

    def decide(self):
        while not self.ending.wait(PAUSE_S):
            self.ask(self.pods)
            self.plane.request('POST', PODS, pod(f'denied-{self.turns}', self.world.unsigned))
            self.plane.request('POST', '/api/v1/namespaces/away/pods', pod('x', self.world.signed, namespace='away'))
            self.replicas[1].request('POST', '/validate', '{}')
            a_client_that_does_not_trust(self.replicas[0].ports['address'])
            if self.turns % 20 == 0:
                with contextlib.suppress(KubectlError):
                    self.plane.apply(self.world.policy('changing', images=f'changing.example/{self.turns}/**'))
            self.turns += 1

    def fail(self):
        while not self.ending.is_set():
            self.ask(self.unchecked)

    def close(self):
        self.ending.set()
        for thread in self.threads:
            thread.join()


@pytest.fixture(scope='module', autouse=True)
def load(plane, world, replicas, registries, prometheus):
    made = Load(plane, world, replicas, registries)
    yield made
    made.close()


def is_answered(prometheus, expression):
    return bool(prometheus.values(expression))


def empty(prometheus, expressions):
    return [one for one in expressions if not is_answered(prometheus, one)]


def without_data(prometheus, expressions):
    """Those that have no data, after they had time to get some."""
    wait_for(lambda: not empty(prometheus, expressions), DATA_S)
    return empty(prometheus, expressions)


def test_everything_is_scraped(prometheus):
    expected = {'signet': 2, 'apiserver': 1, 'kube-state-metrics': 1}
    assert wait_for(lambda: prometheus.scraped() == expected), prometheus.get('targets')['activeTargets']


def test_no_query_of_the_dashboard_is_empty(prometheus):
    assert len(queries()) > 60
    assert without_data(prometheus, [expression for _, expression in queries()]) == []


def test_the_changes_that_it_marks_are_seen(prometheus):
    marks = [filled(one['expr']) for one in BOARD['annotations']['list']]
    assert marks and without_data(prometheus, marks) == []


def test_its_variables_have_values(prometheus):
    for variable in BOARD['templating']['list']:
        if variable['type'] == 'query':
            selector, label = re.fullmatch(r'label_values\((.+), (\w+)\)', variable['definition']).groups()
            found = prometheus.get(f'label/{label}/values', **{'match[]': filled(selector)})
            assert found == [{'job': 'signet', 'namespace': in_cluster.NAMESPACE}[label]]


def rules():
    return [rule for group in chart.load(RULES.read_text())['groups'] for rule in group['rules']]


def selectors():
    found = set()
    for rule in rules():
        found |= set(re.findall(r'(?<![:\w])(?:up|(?:signet|process|kube|apiserver)_\w+)(?:\{[^}]*\})?(?![:\w({])',
                                rule['expr']))
    return found


def test_every_rule_is_evaluated_and_finds_its_series(prometheus):
    expected = {rule.get('alert', rule.get('record')) for rule in rules()}
    assert wait_for(lambda: all(rule['health'] == 'ok' for group in prometheus.get('rules')['groups'] for rule in group['rules']))
    told = [rule for group in prometheus.get('rules')['groups'] for rule in group['rules']]
    assert {rule['name'] for rule in told} == expected and not [rule for rule in told if rule.get('lastError')]
    assert len(selectors()) > 25 and NEVER <= selectors()
    recorded = [rule['record'] for rule in rules() if 'record' in rule]
    assert without_data(prometheus, [*sorted(selectors() - NEVER), *recorded]) == []


def test_a_browser_draws_every_panel(prometheus, folder, load):
    """With SIGNET_PICTURE=FILE the load goes on for longer, and the picture is kept."""
    picture = os.environ.get('SIGNET_PICTURE')
    assert wait_for(lambda: load.turns > (PICTURE_TURNS if picture else 1), PICTURE_S)
    drawn = dashboard_page.look(folder / 'page', BOARD, prometheus.url, seconds=60)
    assert drawn == {panel['title']: 'drawn' for panel in BOARD['panels'] if panel['type'] != 'row'}
    if picture:
        dashboard_page.main(prometheus.url, 110, picture, PICTURE_HEIGHT)
