#!/usr/bin/env python3
"""deploy/ as a kustomization: the chart with its defaults, rendered once. Definitions and rights are in crds/ and rbac.yaml;
all else is written into manifests/ by this program, and a test says when it must be run again."""
import re
import sys

import chart

FOLDER = chart.ROOT / 'deploy'
APART = ('ServiceAccount', 'Role', 'RoleBinding', 'ClusterRoleBinding')  # and the ClusterRole signet
HELM_LABELS = re.compile(r'^ +(helm\.sh/chart|app\.kubernetes\.io/managed-by): .*\n', re.M)


def manifests():
    """{name of a file: its text}"""
    found = {}
    for document in re.split(r'^---\n', chart.render({'crds': {'install': False}}), flags=re.M):
        source = re.match(r'# Source: signet/templates/([\w-]+\.yaml)\n', document)
        if not source:
            continue
        text = HELM_LABELS.sub('', document[source.end():]).strip() + '\n'
        thing = chart.load(text)
        if thing['kind'] in APART or (thing['kind'], thing['metadata']['name']) == ('ClusterRole', chart.RELEASE):
            continue
        found[source[1]] = found[source[1]] + '---\n' + text if source[1] in found else text
    return found


def kustomization():
    crds = sorted(f'crds/{file.name}' for file in (FOLDER / 'crds').glob('*.yaml'))
    resources = ['namespace.yaml', *crds, 'rbac.yaml', *sorted(f'manifests/{name}' for name in manifests())]
    return ('# kubectl apply -k deploy/ installs what the chart does by default. Change it by an overlay.\n'
            'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n'
            + ''.join(f'  - {name}\n' for name in resources))


def files():
    return {f'manifests/{name}': text for name, text in manifests().items()} | {'kustomization.yaml': kustomization()}


def main():
    for old in (FOLDER / 'manifests').glob('*'):
        old.unlink()
    (FOLDER / 'manifests').mkdir(exist_ok=True)
    for name, text in files().items():
        (FOLDER / name).write_text(text)
    return 0


if __name__ == '__main__':
    sys.exit(main())
