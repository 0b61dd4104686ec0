"""Bad input of every command: one sentence that names the thing and the cure, and nothing else.

SIGNET names the program. A row: the words behind `signet`, and what the sentence must hold. The exit
code is that of the table: 64 for the command line and its files, 78 for settings and the clock.
"""
import datetime
import os
import pathlib
import socket
import subprocess
import tempfile
import unittest

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from stage import SIGNET

USAGE, CONFIGURATION = 64, 78
# Root reads everything, unless this is taken away.
UNPRIVILEGED = ['setpriv', '--bounding-set=-dac_override,-dac_read_search'] if os.getuid() == 0 else []
DAY = datetime.timedelta(days=1)
NOW = datetime.datetime.now(datetime.timezone.utc)
PORTS = ['--listen', '127.0.0.1:0', '--health-listen', '127.0.0.1:0', '--metrics-listen', '127.0.0.1:0']
SERVE = ['serve', '--policy', 'policy.yaml', *PORTS]
PAIR = [*SERVE, '--tls-cert', 'good.crt', '--tls-key', 'good.key']
NAMED = ['--tls-service', 'signet', '--kubernetes-namespace', 'signet-system']
VERIFY = ['verify', 'example.com/a:1', '--policy']
ROOTS = ['--certificate-identity', 'a@example.com', '--certificate-oidc-issuer', 'https://example.com']
POLICY = '''apiVersion: signet.dev/v1alpha1
kind: ClusterTrustPolicy
metadata: {name: a}
spec:
  match: {images: ["example.com/**"]}
  authorities: [{name: never, static: {action: deny, message: "no"}}]
'''
DEPLOYMENT = '''apiVersion: apps/v1
kind: Deployment
metadata: {name: a}
spec: {template: {spec: {containers: [{name: a, image: "example.com/a:1"}]}}}
'''
EARLY_CLOCK = '''#include <time.h>
#include <unistd.h>
#include <sys/syscall.h>
int clock_gettime(clockid_t clock, struct timespec* now) {
  int failed = (int)syscall(SYS_clock_gettime, clock, now);
  if (!failed && clock == CLOCK_REALTIME) now->tv_sec = 1000000000;
  return failed;
}
'''


def certificate(folder, name, names=('signet.signet-system.svc',), begin=NOW - DAY, end=NOW + DAY):
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, 'signet.signet-system.svc')])
    builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
               .serial_number(x509.random_serial_number()).not_valid_before(begin).not_valid_after(end))
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(n) for n in names]), False)
    made = builder.sign(key, hashes.SHA256())
    pem, der = serialization.Encoding.PEM, serialization.Encoding.DER
    form, bare = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (folder / f'{name}.crt').write_bytes(made.public_bytes(pem))
    (folder / f'{name}.key').write_bytes(key.private_bytes(pem, form, bare))
    return made.public_bytes(der), key.private_bytes(der, form, bare), key.private_bytes(
        pem, form, serialization.BestAvailableEncryption(b'secret'))


def fill(folder):
    crt, key, locked = certificate(folder, 'good')
    certificate(folder, 'unnamed', names=())
    certificate(folder, 'other', names=('other.example', '*.signet-system.example'))
    certificate(folder, 'ended', begin=NOW - 2 * DAY, end=NOW - DAY)
    certificate(folder, 'early', begin=NOW + DAY, end=NOW + 2 * DAY)
    for name, content in {
            'der.crt': crt, 'der.key': key, 'locked.key': locked, 'empty': b'', 'binary': bytes(range(128, 256)) * 8,
            'garbage': b'hello\n', 'policy.yaml': POLICY.encode(), 'deployment.yaml': DEPLOYMENT.encode(),
            'bad.pem': b'-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
            'comment.yaml': b'# nothing yet\n', 'typo.yaml': b'listenn: 127.0.0.1:0\n',
            'empty-set.yaml': b'dryRun: true\n', 'key.yaml': b'policy: [policy.yaml]\ntls: {cert: good.crt}\n',
            'absent.yaml': b'policy: [absent]\n', 'two.yaml': b'dryRun: true\n---\ndryRun: true\n',
            'no-kind.yaml': b'a: 1\n'}.items():
        (folder / name).write_bytes(content)
    (folder / 'folder').mkdir()
    (folder / 'secret.key').write_bytes((folder / 'good.key').read_bytes())
    (folder / 'secret.key').chmod(0)


def cert(name, key=None):
    return [*SERVE, '--tls-cert', f'{name}', '--tls-key', key or f'{name}'.replace('.crt', '.key')]


WORDS = [
    ([], 'signet: say which command; there are: serve, '),
    (['srve'], 'signet: there is no command "srve"; did you mean serve?'),
    (['--polcy'], 'signet: there is no flag --polcy; flags stand behind the command that they are for'),
    (['serve', '--polcy', 'x'], 'signet serve: there is no flag --polcy; did you mean --policy?'),
    (['serve', 'x'], 'signet serve: "x" is one word too many; usage: signet serve [FLAGS]'),
    (['serve'], 'no policies; give --policy PATH'),
    (['verify'], 'signet verify: IMAGE is missing; usage: signet verify [FLAGS] IMAGE...'),
    (['verify', 'example.com/a:1'], 'nothing to trust: give --policy, --ca-roots,'),
    (['inspect'], 'signet inspect: IMAGE is missing'),
    (['inspect', 'a b'], 'image reference "a b"'),
    (['review'], 'signet review: FILE is missing'),
    (['review', 'deployment.yaml'], 'by which policies? give --policy, --kubeconfig or --kubernetes'),
    (['policy'], 'signet policy: say which command; there are: lint, test, import'),
    (['policy', 'lnt'], 'did you mean lint?'),
    (['policy', 'lint'], 'name a policy file or a directory of them'),
    (['policy', 'lint', 'policy.yaml', '--fail-on', 'all'], '"all" is not one of warning, error'),
    (['policy', 'test'], 'PATH is missing'),
    (['policy', 'test', 'policy.yaml', '--runs', 'x'], 'there is no flag --runs; did you mean --run?'),
    (['policy', 'import'], 'FILE is missing'),
    (['completion'], 'SHELL is missing'),
    (['completion', 'tcsh'], '"tcsh" is not one of bash, zsh'),
    (['demo', '--kep'], 'did you mean --keep?'),
    (['demo', 'x'], '"x" is one word too many'),
    ([*VERIFY, 'policy.yaml', '--at', 'tomorrow'], '--at: "tomorrow" is not a time such as'),
    ([*VERIFY, 'policy.yaml', '--timeout', '0'], '--timeout: "0" is not a number of seconds from 1 to 3600'),
    ([*VERIFY, 'policy.yaml', '--output', 'xml'], '--output: "xml" is not one of text, json'),
    ([*VERIFY, 'policy.yaml', '--ca-roots', 'good.crt'], 'exclude each other'),
    ([*VERIFY, 'policy.yaml', '--layout', 'x'], '--layout: "x" is not of the form NAME=VALUE'),
    ([*VERIFY], '--policy needs a value: --policy PATH'),
    ([*SERVE, '--dry-run', 'yes'], '--dry-run: must be one of true, false'),
    ([*SERVE, '--server-reviews', '0'], '--server-reviews: must be a number from 1 to 100000'),
    ([*SERVE, '--listen', '127.0.0.1:1'], '--listen is given more than once; give it once'),
    (['serve', '--policy', 'policy.yaml', '--listen', '127.0.0.1'], '--listen: must have the form ADDR:PORT'),
    (['serve', '--policy', 'policy.yaml', '--listen', '127.0.0.1:65536'], '--listen: must have the form ADDR:PORT'),
    ([*SERVE, '--tls-cert', 'good.crt'], '--tls-cert and --tls-key belong together; give both'),
    ([*SERVE, '--tls-client-name', 'x'], '--tls-client-name is of no use without --tls-client-ca'),
    ([*PAIR, '--tls-self-managed', 'true'], '--tls-self-managed needs --kubernetes true'),
    ([*PAIR, '--tls-service', 'signet'], '--tls-service needs --kubernetes-namespace'),
]

FILES = [
    ([*VERIFY, 'absent'], 'absent: no such file or directory; check the path'),
    ([*VERIFY, 'folder'], 'folder: holds no policies (*.yaml or *.yml); put one there or name another path'),
    ([*VERIFY, 'empty'], 'empty: holds no ClusterTrustPolicy and no TrustPolicy; write one'),
    ([*VERIFY, 'comment.yaml'], 'comment.yaml: holds no ClusterTrustPolicy'),
    ([*VERIFY, 'deployment.yaml'], 'deployment.yaml:2:7: kind: "Deployment" is no policy; `signet review`'),
    ([*VERIFY, 'garbage'], 'garbage:1:1: "hello" is text, not a map'),
    ([*VERIFY, 'binary'], 'binary:1:1: this is not UTF-8; save the file as UTF-8'),
    ([*VERIFY, 'secret.key'], 'cannot read secret.key: permission denied; make it readable'),
    ([*VERIFY, 'policy.yaml', '--registry-ca', 'garbage'], 'garbage: no PEM block'),
    ([*VERIFY, 'policy.yaml', '--registry-ca', 'der.crt'], 'der.crt: this is DER; make PEM of it'),
    ([*VERIFY, 'policy.yaml', '--registry-config', 'absent'], 'cannot read absent: there is no such file'),
    ([*VERIFY, 'policy.yaml', '--registry-config', 'garbage'], 'expected is a Docker config.json'),
    ([*VERIFY, 'policy.yaml', '--layout', 'example.com=absent'], 'absent: this OCI layout directory cannot be opened'),
    ([*VERIFY, 'policy.yaml', '--evidence', 'absent'], 'cannot read absent: there is no such file'),
    (['verify', 'oci:absent', '--policy', 'policy.yaml'], 'absent is not a directory with an OCI image layout'),
    (['verify', 'oci:folder', '--policy', 'policy.yaml'], 'cannot read folder/index.json'),
    (['verify', 'example.com/a:1', '--ca-roots', 'absent', *ROOTS], 'cannot read absent: there is no such file'),
    (['verify', 'example.com/a:1', '--ca-roots', 'empty', *ROOTS], 'empty: an empty text where PEM should be'),
    (['verify', 'example.com/a:1', '--ca-roots', 'der.crt', *ROOTS], 'der.crt: this is DER'),
    (['verify', 'example.com/a:1', '--key', 'good.key'], 'found a PRIVATE KEY block where PUBLIC KEY'),
    (['inspect', 'example.com/a:1', '--registry-ca', 'folder'], 'cannot read folder: it is a directory'),
    (['review', 'absent', '--policy', 'policy.yaml'], 'absent: cannot be read: No such file or directory; check'),
    (['review', 'folder', '--policy', 'policy.yaml'], 'folder: is a directory; name the files in it'),
    (['review', 'empty', '--policy', 'policy.yaml'], 'empty: there is no object in it'),
    (['review', 'garbage', '--policy', 'policy.yaml'], 'garbage:1:1: a document must be an object'),
    (['review', 'deployment.yaml', '--policy', 'empty'], 'empty: holds no ClusterTrustPolicy'),
    (['review', 'deployment.yaml', '--kubeconfig', 'absent'], 'cannot read absent: there is no such file'),
    (['policy', 'lint', 'absent'], 'absent: no such file or directory; check the path'),
    (['policy', 'lint', 'folder'], 'folder: holds no policies'),
    (['policy', 'lint', 'secret.key'], 'cannot read secret.key: permission denied'),
    (['policy', 'test', 'absent'], 'absent: no such file or directory; check the path'),
    (['policy', 'test', 'folder'], 'folder: holds no cases (*.cases.yaml); put one there'),
    (['policy', 'test', 'garbage'], 'garbage:1:1: "hello" is text, not a map'),
    (['policy', 'import', 'absent'], 'cannot read absent: there is no such file; check the path'),
    (['policy', 'import', 'empty'], 'empty: holds no policy that import knows; it reads'),
    (['policy', 'import', 'policy.yaml'], 'policy.yaml: holds no policy that import knows; it reads'),
    (['policy', 'import', 'garbage'], 'garbage:1:1: is not an object of Kubernetes'),
]

SERVING = [
    (['serve', '--policy', 'absent', *PORTS], 'absent: no such file or directory; check the path'),
    (['serve', '--policy', 'folder', *PORTS], 'folder: holds no policies (*.yaml or *.yml); put one there'),
    (['serve', '--policy', 'empty', *PORTS], 'empty: holds no ClusterTrustPolicy and no TrustPolicy; write one'),
    (cert('absent.crt'), 'cannot read absent.crt: there is no such file; check the path'),
    (cert('folder'), 'cannot read folder: it is a directory, and a file is needed'),
    (cert('empty'), 'empty: the certificate cannot be read: an empty text where PEM should be'),
    (cert('garbage'), 'garbage: the certificate cannot be read: no PEM block (-----BEGIN ...-----) in the text'),
    (cert('bad.pem'), 'bad.pem: the certificate cannot be read: PEM block 1'),
    (cert('good.key', 'good.crt'), 'good.key: the certificate cannot be read: a PRIVATE KEY block'),
    (cert('der.crt'), 'der.crt: the certificate cannot be read: this is DER; make PEM of it'),
    (cert('ended.crt'), 'ended.crt: the certificate ended at '),
    (cert('early.crt'), 'early.crt: the certificate is not valid before '),
    (cert('good.crt', 'absent.key'), 'cannot read absent.key: there is no such file; check the path'),
    (cert('good.crt', 'secret.key'), 'cannot read secret.key: permission denied; make it readable for the user'),
    (cert('good.crt', 'folder'), 'cannot read folder: it is a directory'),
    (cert('good.crt', 'empty'), 'empty: the TLS key is no unencrypted PEM private key (BEGIN PRIVATE KEY)'),
    (cert('good.crt', 'garbage'), 'garbage: the TLS key is no unencrypted PEM private key'),
    (cert('good.crt', 'good.crt'), 'good.crt: a certificate is where the TLS key should be; give its private key'),
    (cert('good.crt', 'locked.key'), 'locked.key: the TLS key is encrypted; write it unencrypted'),
    (cert('good.crt', 'der.key'), 'der.key: the TLS key is no unencrypted PEM private key (BEGIN PRIVATE KEY)'),
    (cert('good.crt', 'other.key'), 'other.key: the TLS key does not belong to the TLS certificate'),
    ([*cert('unnamed.crt'), *NAMED], 'unnamed.crt: the certificate does not name signet.signet-system.svc, which'),
    ([*cert('other.crt'), *NAMED], 'issue one with the DNS name signet.signet-system.svc in its subjectAltName'),
    ([*PAIR, '--tls-client-ca', 'garbage'], 'garbage: no PEM block'),
    ([*PAIR, '--tls-client-ca', 'absent'], 'cannot read absent: there is no such file'),
    ([*SERVE, '--registry-ca', 'garbage'], 'registry.ca: garbage: no PEM block'),
    ([*SERVE, '--layout', 'example.com=absent'], 'absent: this OCI layout directory cannot be opened'),
    ([*SERVE, '--kubernetes', 'true'], 'outside a cluster give kubernetes.kubeconfig (--kubeconfig)'),
    ([*SERVE, '--kubernetes', 'true', '--kubeconfig', 'absent'], 'cannot read absent: there is no such file'),
    ([*SERVE, '--kubernetes', 'true', '--kubeconfig', 'empty'], 'empty: it is empty'),
    ([*SERVE, '--kubernetes', 'true', '--kubeconfig', 'garbage'], 'garbage: it is no kubeconfig, as `kubectl config'),
    ([*SERVE, '--kubernetes', 'true', '--kubeconfig', 'no-kind.yaml'], 'no-kind.yaml: it has no current-context; choose'),
]

SETTINGS = [
    (['serve', '--config', 'absent'], 'cannot read absent: there is no such file; check the path'),
    (['serve', '--config', 'folder'], 'cannot read folder: it is a directory, and a file is needed'),
    (['serve', '--config', 'secret.key'], 'cannot read secret.key: permission denied'),
    (['serve', '--config', 'garbage'], 'garbage:1:1: the configuration must be a map of settings'),
    (['serve', '--config', 'binary'], 'binary:1:1: this is not UTF-8'),
    (['serve', '--config', 'typo.yaml'], 'typo.yaml:1:1: listenn: unknown setting; did you mean listen?'),
    (['serve', '--config', 'policy.yaml'], 'policy.yaml:2:1: a ClusterTrustPolicy is no file of settings; policies'),
    (['serve', '--config', 'two.yaml'], 'a configuration is one document, not several'),
    (['serve', '--config', 'empty'], 'no policies; give --policy PATH'),
    (['serve', '--config', 'empty-set.yaml'], 'no policies; give --policy PATH'),
    (['serve', '--config', 'key.yaml', *PORTS], '--tls-cert and --tls-key belong together'),
    (['serve', '--config', 'absent.yaml', *PORTS], 'absent: no such file or directory'),
]


class BadInputTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = tempfile.TemporaryDirectory(prefix='signet-bad-input-')  # pylint: disable=consider-using-with
        cls.folder = pathlib.Path(cls.place.name)
        cls.folder.chmod(0o755)
        fill(cls.folder)

    @classmethod
    def tearDownClass(cls):
        cls.place.cleanup()

    def refused(self, words, code, sentence, env=None):
        """As somebody who may not read everything; lines of the log are for the log."""
        environment = {'PATH': os.environ['PATH'], 'HOME': '/nonexistent'} | (env or {})
        done = subprocess.run([*UNPRIVILEGED, SIGNET, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              check=False, timeout=60, cwd=self.folder, env=environment)
        told = [line for line in done.stderr.splitlines() if not line.startswith('{"ts":')]
        # What is wrong in a file stands below, each with its place.
        if len(told) == 2 and told[0].endswith(' mend these:'):
            told = [' '.join(told)]
        self.assertEqual((done.returncode, len(told), done.stdout), (code, 1, ''), done.stderr)
        self.assertTrue(told[0].startswith('signet'), told[0])
        self.assertIn(sentence, told[0])
        self.assertNotRegex(told[0], r'what\(\)|terminate|error:[0-9A-F]{8}|exception|\bstd::')

    def all_refused(self, rows, code):
        for words, sentence in rows:
            with self.subTest(' '.join(words)):
                self.refused(words, code, sentence)

    def test_words(self):
        self.all_refused(WORDS, USAGE)

    def test_files_of_commands(self):
        self.all_refused(FILES, USAGE)

    def test_files_of_the_server(self):
        self.all_refused(SERVING, USAGE)

    def test_settings_in_a_file(self):
        self.all_refused(SETTINGS, CONFIGURATION)

    def test_ports(self):
        with socket.create_server(('127.0.0.1', 0)) as taken:
            port = f'127.0.0.1:{taken.getsockname()[1]}'
            for at, (flag, name) in enumerate((('--listen', 'listen'), ('--health-listen', 'healthListen'),
                                               ('--metrics-listen', 'metricsListen'))):
                ports = list(PORTS)
                ports[2 * at + 1] = port
                self.refused(['serve', '--policy', 'policy.yaml', *ports], USAGE,
                             f'{name} ({flag}): cannot listen on {port}: the port is taken; end what listens there')
        elsewhere = ['serve', '--policy', 'policy.yaml', '--listen', '192.0.2.1:8443', *PORTS[2:]]
        self.refused(elsewhere, USAGE, 'listen (--listen): cannot listen on 192.0.2.1:8443: this machine has no such address')

    def test_a_pod_without_its_service_account(self):
        self.refused([*SERVE, '--kubernetes', 'true'], USAGE, 'automountServiceAccountToken',
                     env={'KUBERNETES_SERVICE_HOST': '192.0.2.1', 'KUBERNETES_SERVICE_PORT': '443'})

    def test_a_certificate_that_names_the_service_is_taken(self):
        with socket.create_server(('127.0.0.1', 0)) as taken:
            port = f'127.0.0.1:{taken.getsockname()[1]}'
            words = [*cert('good.crt'), *NAMED]
            words[words.index('--listen') + 1] = port
            self.refused(words, USAGE, 'the port is taken')

    def test_a_clock_behind_the_program(self):
        shim = self.folder / 'early_clock.so'
        subprocess.run(['g++', '-x', 'c++', '-shared', '-fPIC', '-o', shim, '-'], input=EARLY_CLOCK.encode(), check=True)
        # A program with sanitizers wants to be the first.
        early = {'LD_PRELOAD': str(shim), 'ASAN_OPTIONS': 'verify_asan_link_order=0'}
        says = 'the clock says 2001-09-09T01:46:40Z, and this program is from '
        self.refused(SERVE, CONFIGURATION, says, env=early)
        self.refused([*VERIFY, 'policy.yaml'], CONFIGURATION, says, env=early)
        self.refused(['review', 'deployment.yaml', '--policy', 'policy.yaml'], CONFIGURATION,
                     'set the clock, or give --at TIME', env=early)


if __name__ == '__main__':
    unittest.main()
