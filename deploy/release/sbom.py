#!/usr/bin/env python3
"""What is in the image, as SPDX 2.3 in JSON: sbom.py ROOT. The libraries in ROOT and the headers that are compiled into
Signet, each with the Debian package that it comes from; run where the image is made."""
import json
import subprocess
import sys
from pathlib import Path

HEADERS = tuple('/usr/include/' + name for name in ('CLI/App.hpp', 'boost/version.hpp', 'nlohmann/json.hpp', 'spdlog/spdlog.h'))
CERTIFICATES = '/usr/sbin/update-ca-certificates'
FIELDS = '${Package}\\t${Version}\\t${source:Package}\\t${source:Version}\\t${Architecture}\\n'


def dpkg_query(*arguments):
    return subprocess.run(['dpkg-query', *arguments], check=True, capture_output=True, text=True).stdout


def package_of(file):
    """The Debian package that installed a file; Debian lists some under /usr and some not."""
    for name in (file, file.removeprefix('/usr'), '/usr' + file):
        done = subprocess.run(['dpkg-query', '--search', name], capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return done.stdout.partition(': ')[0].split(',')[0]
    raise SystemExit(f'sbom: no Debian package has {file}')


def described(package):
    name, version, source, source_version, architecture = dpkg_query('-W', '-f', FIELDS, package).split('\n')[0].split('\t')
    return {'name': name, 'SPDXID': f'SPDXRef-{name}', 'versionInfo': version, 'downloadLocation': 'NOASSERTION',
            'licenseConcluded': 'NOASSERTION', 'licenseDeclared': 'NOASSERTION', 'copyrightText': 'NOASSERTION',
            'filesAnalyzed': False, 'sourceInfo': f'built from {source} {source_version}', 'externalRefs': [
                {'referenceCategory': 'PACKAGE-MANAGER', 'referenceType': 'purl',
                 'referenceLocator': f'pkg:deb/debian/{name}@{version}?arch={architecture}'}]}


def main(root):
    root = Path(root)
    files = sorted(file for file in root.rglob('*') if file.is_file() and not file.is_symlink() and '.so' in file.name)
    if not files:
        raise SystemExit(f'sbom: there is no library in {root}')
    names = ['/' + file.relative_to(root).as_posix() for file in files]
    owners = sorted({package_of(name) for name in (*names, *HEADERS, CERTIFICATES)})
    version = subprocess.run([str(root / 'usr/bin/signet'), '--version'], check=True, capture_output=True, text=True).stdout
    version = version.split()[1]
    own = {'name': 'signet', 'SPDXID': 'SPDXRef-signet', 'versionInfo': version, 'downloadLocation': 'NOASSERTION',
           'licenseConcluded': 'Apache-2.0', 'licenseDeclared': 'Apache-2.0', 'copyrightText': 'NOASSERTION',
           'filesAnalyzed': False}
    packages = [described(package) for package in owners]
    created = subprocess.run(['date', '-u', '+%Y-%m-%dT%H:%M:%SZ'], check=True, capture_output=True, text=True).stdout.strip()
    print(json.dumps({
        'spdxVersion': 'SPDX-2.3', 'dataLicense': 'CC0-1.0', 'SPDXID': 'SPDXRef-DOCUMENT', 'name': f'signet-{version}',
        'documentNamespace': f'https://github.com/example/signet/sbom/{version}',
        'creationInfo': {'created': created, 'creators': ['Tool: signet-sbom']}, 'packages': [own, *packages],
        'relationships': [{'spdxElementId': 'SPDXRef-DOCUMENT', 'relationshipType': 'DESCRIBES',
                           'relatedSpdxElement': 'SPDXRef-signet'}] + [
            {'spdxElementId': 'SPDXRef-signet', 'relationshipType': 'DEPENDS_ON', 'relatedSpdxElement': package['SPDXID']}
            for package in packages]}, indent=1))


if __name__ == '__main__':
    main(*sys.argv[1:])
