#!/usr/bin/env python3
"""etcd, kube-apiserver and kubectl: from $KUBEBUILDER_ASSETS when it is set, else etcd from Debian and the others
built once, at the version that kubernetes/go.mod pins, into the cache of the signing tools.

Run as a program it builds what is missing. Without a way to build it ends with status 77 (skipped); with CI=true with 1.
"""
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / 'e2e'))

import tools  # noqa: E402

MODULE = HERE / 'kubernetes'
VERSION_OF = 'k8s.io/component-base/version'
BUILT = ('kube-apiserver', 'kubectl')


def version():
    return re.search(r'^require k8s\.io/kubernetes (v\S+)$', (MODULE / 'go.mod').read_text(), re.M)[1]


def home():
    return tools.cache() / f'kubernetes-{version()}'


def path_of(program):
    assets = os.environ.get('KUBEBUILDER_ASSETS')
    if assets:
        return Path(assets) / program
    if program in BUILT:
        return home() / program
    return Path(shutil.which(program) or f'/usr/bin/{program}')


def missing():
    return [str(path_of(program)) for program in ('etcd', *BUILT) if not path_of(program).exists()]


def build():
    started = time.monotonic()
    part = Path(f'{home()}.part')
    part.mkdir(parents=True, exist_ok=True)
    major, minor = version().lstrip('v').split('.')[:2]
    stamps = f'-X {VERSION_OF}.gitVersion={version()} -X {VERSION_OF}.gitMajor={major} -X {VERSION_OF}.gitMinor={minor}'
    command = [tools.find_go(), 'build', '-trimpath', f'-ldflags=-s -w {stamps}', '-o', f'{part}/',
               *(f'k8s.io/kubernetes/cmd/{program}' for program in BUILT)]
    done = subprocess.run(command, cwd=MODULE, env=tools.environment_of_go(), stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, check=False)
    if done.returncode:
        raise tools.Unavailable(f'k8s.io/kubernetes@{version()} does not build:\n{done.stderr[-3000:]}')
    part.rename(home())
    print(f'k8s.io/kubernetes@{version()}: built in {time.monotonic() - started:.0f} s', flush=True)


def main():
    try:
        if not os.environ.get('KUBEBUILDER_ASSETS') and not home().exists():
            build()
        if missing():
            raise tools.Unavailable(f'not installed: {" ".join(missing())}')
    except tools.Unavailable as why:
        print(why, file=sys.stderr)
        return tools.unavailable_status()
    return 0


if __name__ == '__main__':
    sys.exit(main())
