"""The program reads the configuration file of every way of installing, and of every other value of the chart."""
import os
import subprocess

import pytest
import yaml

import chart
from refusals_test import CA
from values_test import OTHERS, merged

USAGE, CONFIGURATION = 64, 78  # the file is read before the flags


def read_by_program(folder, things):
    (folder / 'config.yaml').write_text(chart.named(things, 'ConfigMap')['data']['config.yaml'])
    command = [os.environ['SIGNET'], 'serve', '--config', folder / 'config.yaml', '--listen', 'nowhere']
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, '--listen' in done.stderr) == (USAGE, True), done.stderr


@pytest.mark.parametrize('case', chart.CASES, ids=lambda file: file.name.removesuffix('-values.yaml'))
def test_the_program_reads_the_settings_of(case, tmp_path):
    read_by_program(tmp_path, chart.objects(case))


def test_the_program_reads_every_other_setting(tmp_path):
    of_the_file = ('policy.', 'cache.', 'server.', 'logging.', 'events.', 'mutation.', 'registry.', 'webhook.extraResources',
                   'webhook.validatePods.failurePolicy', 'webhook.port', 'webhook.healthPort', 'metrics.port', 'shutdown.',
                   'tls.minVersion', 'tls.selfManaged.')
    values = {name: other for name, other in OTHERS.items() if name.startswith(of_the_file)}
    values |= {'registry.pullSecrets.names': ['one'], 'registry.pullSecrets.namespaces': ['one'],
               'registry.ca': [{'configMap': 'a'}, {'secret': 'b', 'host': 'registry.corp'}]}
    read_by_program(tmp_path, chart.objects(merged(values)))


def test_a_setting_that_is_unknown_would_be_seen(tmp_path):
    (tmp_path / 'config.yaml').write_text('nomatch: deny\n')
    done = subprocess.run([os.environ['SIGNET'], 'serve', '--config', tmp_path / 'config.yaml', '--listen', 'nowhere'],
                          capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == CONFIGURATION and 'unknown setting' in done.stderr


@pytest.mark.parametrize('url', ('', 'https://signet.corp.example:8443'))
def test_a_certificate_in_a_file_must_name_the_service_that_is_called(url):
    tls = {'mode': 'existingSecret', 'existingSecret': 'tls', 'caBundle': CA}
    things = chart.objects({'tls': tls, 'webhook': {'url': url} if url else {}})
    settings = yaml.safe_load(chart.named(things, 'ConfigMap')['data']['config.yaml'])['tls']
    client = chart.named(things, 'ValidatingWebhookConfiguration')['webhooks'][0]['clientConfig']
    assert settings.get('service') == client.get('service', {}).get('name')
    assert ('service' in settings) == (not url)
