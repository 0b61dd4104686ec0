#!/usr/bin/env python3
"""Writes the seeds of the fuzz targets: corpus.py DIRECTORY makes DIRECTORY/NOUN/ for each noun.

Most are taken out of the conformance data (real certificates, bundles, manifests and payloads, and hostile ones);
the rest are the files in corpus/NOUN/, where an input that once failed is kept too.
"""
import base64
import hashlib
import json
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
DATA = HERE.parent / 'conformance'
MOST = 48          # seeds of one noun: enough variety, and a second for a run over all
LARGEST = 32 * 1024


def cases():
    for corpus in ('seed', 'cosign-cases'):
        for file in sorted((DATA / corpus).glob('*.json')):
            yield json.loads(file.read_text(encoding='utf-8'))


def as_json(content):
    try:
        return json.loads(content)
    except ValueError:
        return None


def sort_blob(content):
    """The nouns under which a blob is a seed."""
    value = as_json(content)
    if not isinstance(value, dict):
        return ()
    if 'critical' in value:
        return ('payload',)
    if 'verificationMaterial' in value or 'bundle' in str(value.get('mediaType', '')):
        return ('bundle',)
    return ()


def parts_of_bundle(content):
    value = as_json(content)
    envelope = value.get('dsseEnvelope') if isinstance(value, dict) else None
    if isinstance(envelope, dict):
        yield 'dsse', json.dumps(envelope).encode()
        try:
            yield 'statement', base64.b64decode(envelope.get('payload', ''))
        except (ValueError, TypeError):
            pass


def annotations_of(manifest):
    value = as_json(manifest)
    for layer in value.get('layers') or () if isinstance(value, dict) else ():
        yield from (layer.get('annotations') or {}).items() if isinstance(layer, dict) else ()


def seeds_of_case(case):
    yield 'reference', case['reference'].encode()
    for entry in case['manifests'].values():
        body = base64.b64decode(entry['body_base64'])
        yield 'manifest', body
        for name, text in annotations_of(body):
            if name.endswith(('/certificate', '/chain')):
                yield 'pem', text.encode()
    for blob in case['blobs'].values():
        content = base64.b64decode(blob)
        for noun in sort_blob(content):
            yield noun, content
            if noun == 'bundle':
                yield from parts_of_bundle(content)
    for name, text in case['files'].items():
        content = text.encode() if isinstance(text, str) else base64.b64decode(text['base64'])
        if b'-----BEGIN CERT' in content:
            yield 'pem', content
        elif b'-----BEGIN PUBLIC' in content:
            yield 'key', content


def der_of(pem):
    body = pem.partition(b'-----BEGIN CERTIFICATE-----')[2].partition(b'-----END')[0]
    try:
        return base64.b64decode(body)
    except ValueError:
        return b''


def collect():
    found = {}
    for case in cases():
        for noun, content in seeds_of_case(case):
            found.setdefault(noun, set()).add(content)
    found['certificate'] = {der_of(pem) for pem in found['pem']} - {b''}
    found['crl'] = {base64.b64decode(''.join(crl.splitlines()[1:-1])) for crl in crls()}
    peers = HERE.parents[1] / 'policies' / 'migration'
    found['import'] = {file.read_bytes() for file in peers.glob('*/peer.yaml.txt')}
    for folder in sorted((HERE / 'corpus').iterdir()):
        found.setdefault(folder.name, set()).update(file.read_bytes() for file in folder.iterdir())
    without = [f.name for f in HERE.glob('*_fuzz.cpp') if not found.get(f.name.removesuffix('_fuzz.cpp'))]
    if without:
        raise SystemExit(f'no seeds for {" ".join(without)}: put some into {HERE.name}/corpus/NOUN/')
    return found


def crls():
    limbo = json.loads((DATA / 'x509-limbo-codesign.json').read_text(encoding='utf-8'))
    return {crl for case in limbo['testcases'] for crl in case.get('crls') or ()}


def few(contents):
    fitting = [c for c in contents if len(c) <= LARGEST]
    return sorted(fitting, key=lambda c: hashlib.sha256(c).digest())[:MOST]


def main(target):
    for noun, contents in collect().items():
        folder = Path(target) / noun
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        kept = set(few(contents)) | {f.read_bytes() for f in (HERE / 'corpus' / noun).glob('*')}
        for content in kept:
            (folder / hashlib.sha256(content).hexdigest()[:16]).write_bytes(content)
        print(f'{noun}: {len(kept)}')


if __name__ == '__main__':
    main(sys.argv[1])
