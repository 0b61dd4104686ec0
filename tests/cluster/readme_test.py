"""Five minutes with a cluster, from README.md alone: its blocks in their order on a real API server, with a Signet that runs as
the chart says. The cure that the one denial names is followed, and works. `-s` shows the transcript."""
import os
import re
import subprocess

import assets
import chart
import kubelet
import signing
import tools
import world as worlds
from installed_test import apart, plane, prepare, values, world  # noqa: F401  (fixtures)
from waiting import wait_for

TEXT = (chart.ROOT / 'README.md').read_text()
SECTION = re.search(r'^## Five minutes with one$(.*?)^## ', TEXT, re.M | re.S)[1]
BLOCKS = re.findall(r'^```(sh|sh denied)\n(.*?)^```$', SECTION, re.M | re.S)
SHOWN = re.search(r'^```\n(Error from server.*?)^```$', SECTION, re.M | re.S)[1]


class Shell:
    """The terminal of the reader, who has put in names of their own."""

    def __init__(self, folder, plane, world):
        programs = folder / 'bin'
        programs.mkdir()
        for name, program in (('kubectl', assets.path_of('kubectl')), ('helm', tools.path_of(chart.HELMS[0]))):
            (programs / name).symlink_to(program)
        self.environment = os.environ | {
            'PATH': f'{programs}:/usr/bin:/bin', 'KUBECONFIG': str(plane.kubeconfig), 'HOME': str(folder),
            'ROOT_CA': str(world.pki.root), 'SIGNER': worlds.SUBJECT, 'ISSUER': worlds.pki.ISSUER,
            'SIGNED': tagged(world.signed), 'UNSIGNED': tagged(world.unsigned)}

    def run(self, block):
        done = subprocess.run(['bash', '-euo', 'pipefail', '-c', block], cwd=chart.ROOT, env=self.environment,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False, timeout=120)
        print(''.join(f'$ {line}\n' for line in block.splitlines()) + done.stdout, end='')
        return done


def tagged(image):
    return image.partition('@')[0] + ':v1'


def of_the_registry(world, folder):
    """The registry of the test has an authority of its own and wants a login; README says where that is told."""
    given = {name: value for name, value in values(world).items() if name not in ('trustRoots', 'policies')}
    file = folder / 'values.json'
    file.write_text(chart.json.dumps(given))
    return f' --values {file}'


def test_from_install_to_a_denied_pod_and_its_cure(plane, world, folder):
    prepare(plane, world)
    shell, node = Shell(folder, plane, world), kubelet.Kubelet(plane, chart.NAMESPACE, chart.RELEASE)
    (setting, names), *blocks = BLOCKS
    assert setting == 'sh' and set(re.findall(r'(\w+)=', names)) <= shell.environment.keys()
    try:
        for kind, block in blocks:
            done = shell.run(re.sub(r'^helm install .*$', lambda line: line[0] + of_the_registry(world, folder), block,
                                    flags=re.M))
            assert (done.returncode != 0) == (kind == 'sh denied'), done.stdout
            if 'helm install' in block:
                node.start(os.environ['SIGNET'], folder)
                assert wait_for(node.is_ready), node.log.read_text()[-4000:]
        words = SHOWN.replace('registry.example.com/shop/tool:v1', shell.environment['UNSIGNED'])
        for part in re.split(r'\.\.\.|\n', words):
            assert part.strip() in done.stdout, (part, done.stdout)
        signing.sign(signing.SIGNERS['cosign3-bundle'], world.pki, 'team-a', world.unsigned, world.registry.environment())
        assert wait_for(lambda: shell.run(blocks[-1][1]).returncode == 0)
        image = plane.get('pod', 'web', '-n', 'shop')['spec']['containers'][0]['image']
        assert image.startswith(shell.environment['SIGNED'] + '@sha256:')
    finally:
        node.end()
