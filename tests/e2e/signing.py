"""The ways in which cosign leaves a signature beside an image, without a transparency log."""
import os
import subprocess

import tools


class Signer:
    """Which cosign, with which flags; whether the signature carries the intermediate."""

    def __init__(self, tool, flags, carries_intermediate):
        self.tool, self.flags, self.carries_intermediate = tool, flags, carries_intermediate


CHAIN = ('--certificate-chain', 'CHAIN')
OFFLINE = ('--use-signing-config=false', '--tlog-upload=false')
SIGNERS = {
    'cosign2': Signer('cosign2', ('--tlog-upload=false', *CHAIN), True),
    'cosign3-legacy': Signer('cosign3', ('--new-bundle-format=false', *OFFLINE, *CHAIN), True),
    'cosign3-bundle': Signer('cosign3', (*OFFLINE, *CHAIN), True),
    'cosign3-leafonly': Signer('cosign3', OFFLINE, False),
}


def cosign(tool, arguments, cwd, environment):
    command = [str(tools.path_of(tool)), *map(str, arguments)]
    done = subprocess.run(command, cwd=cwd, env=os.environ | environment | {'COSIGN_PASSWORD': 'secret'},
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f'{" ".join(command)}\n{done.stderr}')


def import_key(signer, pki, team):
    """cosign signs with its own key files only."""
    prefix = pki.folder / f'import-{signer.tool}-{team}'
    if not prefix.with_suffix('.key').exists():
        cosign(signer.tool, ['import-key-pair', '--key', pki.key(team), '--output-key-prefix', prefix], pki.folder, {})
    return prefix.with_suffix('.key')


def sign(signer, pki, team, image, environment):
    flags = [pki.chain if flag == 'CHAIN' else flag for flag in signer.flags]
    cosign(signer.tool, ['sign', '--yes', '--key', import_key(signer, pki, team), '--certificate',
                         pki.certificate(team), *flags, image], pki.folder, environment)
