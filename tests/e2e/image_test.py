#!/usr/bin/env python3
"""The root file system of the image: nothing more than the program needs, and it serves from there, read-only, as the user
of the image. BUILT_IMAGE names the folder into which deploy/release/image.sh built it; else the root is made of the program
that SIGNET names and the libraries of this machine. Needs root."""
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import unittest
from pathlib import Path

import serving

ROOT = Path(__file__).resolve().parents[2]
RELEASE = ROOT / 'deploy' / 'release'
BUILT = Path(os.environ['BUILT_IMAGE']) if 'BUILT_IMAGE' in os.environ else None
USER = 65532
MB = 1e6
POLICY = '''apiVersion: signet.dev/v1alpha1
kind: ClusterTrustPolicy
metadata: {name: good}
spec:
  match: {images: ["good.example/**"]}
  authorities: [{name: fixed, static: {action: allow}}]
'''
# The folder of the test is seen in the root, as a mounted volume would be; then the root cannot be written.
STARTER = '''#!/usr/bin/env bash
chown -R {user}:{user} {folder}
exec unshare --mount bash -c 'mount --bind {root} {root} && mount --bind {folder} {root}{folder} &&
  mount -o remount,bind,ro {root} && exec chroot --userspec={user}:{user} --groups= {root} /usr/bin/signet "$@"' x "$@"
'''


class ImageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        place = tempfile.TemporaryDirectory(prefix='signet-image-')
        cls.addClassCleanup(place.cleanup)
        cls.folder = Path(place.name)
        cls.folder.chmod(0o755)
        cls.root = cls.folder / 'root'
        if BUILT:
            shutil.copytree(BUILT / 'rootfs', cls.root, symlinks=True)
        else:
            subprocess.run([RELEASE / 'root.sh', os.environ['SIGNET'], cls.root], check=True)

    def files(self):
        return {file.relative_to(self.root).as_posix() for file in self.root.rglob('*') if not file.is_dir()}

    def test_it_is_small_and_holds_nothing_else(self):
        size = sum(file.stat().st_size for file in self.root.rglob('*') if file.is_file() and not file.is_symlink())
        print(f'{size / MB:.1f} MB unpacked')
        self.assertLessEqual(size, 30_000_000)
        others = {name for name in self.files() if '.so' not in name}
        self.assertEqual(others - {'lib', 'lib64'}, {
            'usr/bin/signet', 'etc/passwd', 'etc/group', 'etc/ssl/certs/ca-certificates.crt', 'usr/lib/ssl/cert.pem'}
            | others & {'usr/lib/ssl/certs'})

    def test_nobody_can_write_in_it_and_nothing_gives_rights(self):
        for file in self.root.rglob('*'):
            if not file.is_symlink():
                self.assertEqual(file.stat().st_mode & 0o6022, 0, file)

    def test_it_serves_from_there_read_only_as_its_user(self):
        folder = self.folder / 'volume'
        (self.root / folder.relative_to('/')).mkdir(parents=True)
        starter = self.folder / 'signet'
        starter.write_text(STARTER.format(user=USER, root=self.root, folder=folder))
        starter.chmod(0o755)
        begun = time.monotonic()
        served = serving.Serve(starter, folder, POLICY, {'server': {'shutdownDelay': '0s'}})
        print(f'listens after {time.monotonic() - begun:.2f} s, its certificates made meanwhile')
        self.addCleanup(served.end)
        good, bad = (served.review('/validate', serving.pod_of(f'{host}.example/app@sha256:' + '0' * 64))
                     for host in ('good', 'bad'))
        self.assertEqual((good['allowed'], bad['allowed']), (True, False))
        status = dict(line.split(':\t', 1) for line in Path(f'/proc/{served.process.pid}/status').read_text().splitlines()
                      if ':\t' in line)
        self.assertEqual(set(status['Uid'].split()), {str(USER)})
        self.assertEqual(int(status['CapEff'], 16), 0)
        self.assertEqual(os.stat(f'/proc/{served.process.pid}/root').st_ino, self.root.stat().st_ino)
        self.assertEqual(served.close(), 0)

    def test_a_missing_folder_or_program_is_said(self):
        for command, sentence in (([RELEASE / 'image.sh'], 'image: name the folder for the image'),
                                  ([RELEASE / 'root.sh', '/absent', self.folder / 'x'], 'root: /absent is no program')):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            self.assertEqual((done.returncode, done.stdout, done.stderr.count('\n')), (64, '', 1))
            self.assertIn(sentence, done.stderr)

    def test_the_list_of_what_is_in_it_names_a_package_for_each_library(self):
        if BUILT:
            text = (BUILT / 'signet.spdx.json').read_text()
        else:
            text = subprocess.check_output([sys.executable, RELEASE / 'sbom.py', self.root], text=True)
        sbom = json.loads(text)
        self.assertEqual(sbom['spdxVersion'], 'SPDX-2.3')
        ids = {package['SPDXID'] for package in sbom['packages']}
        self.assertEqual(ids, {one['relatedSpdxElement'] for one in sbom['relationships']})
        names = {package['name'] for package in sbom['packages']}
        self.assertLess({'signet', 'libc6', 'libssl3', 'ca-certificates'} - {'libssl3'}, names)
        self.assertTrue(any(name.startswith('libssl3') for name in names) and len(names) > 10)
        for package in sbom['packages']:
            self.assertTrue(package['versionInfo'])


class BuiltImage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tarfile.open(BUILT / 'signet.oci.tar') as archive:
            def read(digest):
                return json.load(archive.extractfile('blobs/' + digest.replace(':', '/')))
            index = json.load(archive.extractfile('index.json'))
            cls.manifest = read(index['manifests'][0]['digest'])
            cls.config = read(cls.manifest['config']['digest'])['config']

    def test_it_says_who_runs_what(self):
        self.assertEqual((self.config['User'], self.config['Entrypoint'], self.config['Cmd']),
                         ('65532:65532', ['/usr/bin/signet'], ['--help']))
        self.assertNotIn('Volumes', self.config)
        labels = {name.removeprefix('org.opencontainers.image.'): value for name, value in self.config['Labels'].items()}
        self.assertEqual((labels['title'], labels['licenses']), ('Signet', 'Apache-2.0'))
        for name in ('description', 'source', 'version'):
            self.assertTrue(labels[name], name)

    def test_the_program_is_the_version_of_its_label(self):
        version = subprocess.check_output([BUILT / 'signet', '--version'], text=True)
        self.assertIn(self.config['Labels']['org.opencontainers.image.version'], version)

    def test_its_build_ran_the_unit_tests_without_a_warning(self):
        log = (BUILT / 'build.log').read_text()
        self.assertNotIn('warning:', log)
        passed = [int(count) for count in re.findall(r'^100% tests passed, 0 tests failed out of (\d+)', log, re.M)]
        print(f'{sum(passed)} unit tests in the image, in {len(passed)} programs')
        programs = [place for half in ('core', 'server') for place in (ROOT / 'tests' / half).iterdir() if place.is_dir()]
        self.assertEqual(len(passed), len(programs))


def load_tests(loader, tests, _):
    if BUILT:
        return tests
    return loader.loadTestsFromTestCase(ImageTest)


if __name__ == '__main__':
    unittest.main()
