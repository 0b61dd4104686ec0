"""The blocks of deploy/README.md, in their order, as an administrator types them: on a real API server, without nodes."""
import os
import re
import shutil
import subprocess

import pytest

import assets
import chart
import tools
from registry import make_server_certificate

TEXT = (chart.ROOT / 'deploy' / 'README.md').read_text()
BLOCKS = re.findall(r'^```sh\n(.*?)^```$', TEXT, re.M | re.S)
TYPED = [block for block in BLOCKS if not block.startswith('signet serve')]
POLICY = '''apiVersion: signet.dev/v1alpha1
kind: ClusterTrustPolicy
metadata: {name: good}
spec: {match: {images: ["good.example/**"]}, authorities: [{static: {action: allow}}]}
'''


@pytest.fixture(scope='module')
def shell(plane, folder):
    """Runs a block at the root of the project, with the tools of the administrator."""
    programs = folder / 'bin'
    programs.mkdir()
    for name, program in (('kubectl', assets.path_of('kubectl')), ('helm', tools.path_of(chart.HELMS[0]))):
        (programs / name).symlink_to(program)
    environment = os.environ | {'PATH': f'{programs}:/usr/bin:/bin', 'KUBECONFIG': str(plane.kubeconfig),
                                'HOME': str(folder)}

    def run(block):
        done = subprocess.run(['bash', '-euo', 'pipefail', '-c', block], cwd=chart.ROOT, env=environment,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=120)
        assert done.returncode == 0, f'{block}\n{done.stdout}{done.stderr}'
        return done.stdout
    return run


def webhooks_of(plane):
    return [thing['metadata']['name'] for kind in ('validatingwebhookconfigurations', 'mutatingwebhookconfigurations')
            for thing in plane.get(kind)['items']]


def left(plane):
    names = plane.kubectl('get', 'crd,clusterrole,validatingwebhookconfiguration,validatingadmissionpolicy', '-o', 'name').split()
    names += plane.kubectl('get', 'all,secret,configmap,lease,role', '-n', 'signet-system', '-o', 'name').split()
    return [name for name in names if 'signet' in name]


def test_from_install_to_uninstall(plane, shell):
    seen = {}
    for block in TYPED:
        shell(block)
        for word in ('helm install', 'delete validatingwebhookconfiguration', '--reset-values', 'helm uninstall',
                     'delete crd', 'apply -k'):
            if word in block:
                seen[word] = (webhooks_of(plane), left(plane))
        if '--set policy.warnBefore=1440h' in block:
            text = plane.get('configmap', 'signet', '-n', 'signet-system')['data']['config.yaml']
            assert 'warnBefore: 1440h' in text
        if 'signet.dev/enforce=true' in block:
            assert plane.get('namespace', 'shop')['metadata']['labels']['signet.dev/enforce'] == 'true'
        if 'failurePolicy=Ignore' in block:
            assert 'signet.dev/enforce' not in plane.get('namespace', 'shop')['metadata']['labels']
    assert seen['helm install'][0] == ['signet', 'signet']
    assert seen['delete validatingwebhookconfiguration'][0] == []
    assert seen['--reset-values'][0] == ['signet', 'signet']
    assert seen['helm uninstall'] == ([], []) == seen['delete crd']
    assert seen['apply -k'][0] == ['signet', 'signet'] and len(seen['apply -k'][1]) > 5


def test_signet_serve_starts_with_what_it_says(tmp_path):
    block = next(block for block in BLOCKS if block.startswith('signet serve'))
    (tmp_path / 'policies').mkdir()
    (tmp_path / 'policies' / 'good.yaml').write_text(POLICY)
    _, certificate, key = make_server_certificate(tmp_path, 'tls')
    (tmp_path / 'tls').mkdir()
    shutil.copy(certificate, tmp_path / 'tls' / 'tls.crt')
    shutil.copy(key, tmp_path / 'tls' / 'tls.key')
    command = re.sub(r'0\.0\.0\.0:\d+', '127.0.0.1:0', block.replace('/etc/signet', str(tmp_path)))
    command = command.replace('signet serve', f'exec {os.environ["SIGNET"]} serve', 1)
    with subprocess.Popen(['bash', '-euo', 'pipefail', '-c', command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True) as served:
        lines = []
        for line in served.stderr:
            lines.append(line)
            if '"listening"' in line:
                break
        served.terminate()
    assert '"listening"' in lines[-1], ''.join(lines)
