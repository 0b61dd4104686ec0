"""CAs with fixed dates, so that what is made today and what is made next year is valid at the same times: a root, an
intermediate, leaves. One made with cfssl (P-256), one with openssl (any key). Keys stay in the folder that is given."""
import datetime
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'e2e'))
import pki  # noqa: E402
import tools  # noqa: E402

ISSUER = 'https://example.org'
BEGIN = datetime.datetime(2026, 11, 1, tzinfo=datetime.timezone.utc)
ROOT_YEARS, INTERMEDIATE_YEARS, LEAF_YEARS = 10, 5, 1
CRL_BEGIN, CRL_END = '20261115000000Z', '20261215000000Z'


def years_later(years):
    return BEGIN.replace(year=BEGIN.year + years)


class Authority:
    """root.pem, intermediate.pem and chain.pem; issue() makes NAME.pem and NAME-key.pem."""

    def __init__(self, folder, name='Example'):
        self.folder, self.name = Path(folder), name
        self.folder.mkdir(parents=True)
        self.root, self.intermediate = self.folder / 'root.pem', self.folder / 'intermediate.pem'
        self.chain = self.folder / 'chain.pem'
        self.make_authorities()
        self.chain.write_text(self.intermediate.read_text() + self.root.read_text())

    def certificate(self, name):
        return self.folder / f'{name}.pem'

    def key(self, name):
        return self.folder / f'{name}-key.pem'


class CfsslAuthority(Authority):
    def make_authorities(self):
        later = datetime.datetime.now(datetime.timezone.utc) - BEGIN
        ca = {'expiry': f'{24 * (years_later(ROOT_YEARS) - BEGIN).days}h',
              'backdate': f'{int(later.total_seconds())}s'}
        self.write_profiles()
        request = self.request('Root CA', ca=ca)
        pki.store(self, 'root', pki.run([tools.path_of('cfssl'), 'gencert', '-loglevel=3', '-initca', '-'],
                                        self.folder, request))
        self.sign('intermediate', 'root', 'intermediate', self.request('Intermediate CA'))

    def write_profiles(self):
        def during(years):
            return {'expiry': '1h', 'not_before': BEGIN.isoformat(), 'not_after': years_later(years).isoformat()}
        (self.folder / 'profiles.json').write_text(json.dumps({'signing': {'profiles': {
            'intermediate': {'usages': ['cert sign', 'crl sign'],
                             'ca_constraint': {'is_ca': True, 'max_path_len': 0, 'max_path_len_zero': True},
                             **during(INTERMEDIATE_YEARS)},
            'leaf': {'usages': ['digital signature'], 'copy_extensions': True, **during(LEAF_YEARS)},
        }}}))

    def request(self, what, **more):
        return json.dumps({'CN': f'{self.name} {what}', 'key': {'algo': 'ecdsa', 'size': 256},
                           'names': [{'O': 'Example'}]} | more)

    def sign(self, name, authority, profile, request):
        pki.store(self, name, pki.run(
            [tools.path_of('cfssl'), 'gencert', '-loglevel=3', '-ca', f'{authority}.pem', '-ca-key',
             f'{authority}-key.pem', '-config', 'profiles.json', '-profile', profile, '-'], self.folder, request))

    def issue(self, name, subject):
        """With the issuer extension as text in DER."""
        issuer = pki.extension(pki.DER_ISSUER, pki.UTF8_STRING + bytes([len(ISSUER)]) + ISSUER.encode())
        self.sign(name, 'intermediate', 'leaf', json.dumps(
            json.loads(self.request('Signer')) | {'CN': name, 'hosts': [subject], 'extensions': [issuer]}))


AUTHORITY_CONFIG = '''
[ca]
default_ca = here
[here]
database = NAME.index
new_certs_dir = .
rand_serial = yes
certificate = NAME.pem
private_key = NAME-key.pem
default_md = sha256
policy = anything
unique_subject = no
email_in_dn = no
crlnumber = NAME.crlnumber
crl_extensions = crl
[crl]
authorityKeyIdentifier = keyid
[anything]
organizationName = optional
commonName = supplied
'''
ROOT_EXTENSIONS = '''
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
'''
INTERMEDIATE_EXTENSIONS = '''
basicConstraints = critical, CA:true, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
'''
LEAF_EXTENSIONS = '''
keyUsage = critical, digitalSignature
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
'''


class OpensslAuthority(Authority):
    new_key = ('-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes')

    def make_authorities(self):
        for name in ('root', 'intermediate'):
            (self.folder / f'{name}.cnf').write_text(AUTHORITY_CONFIG.replace('NAME', name))
            (self.folder / f'{name}.index').touch()
            (self.folder / f'{name}.crlnumber').write_text('01\n')
        self.make('root', 'root', f'{self.name} Root CA', ROOT_EXTENSIONS, ROOT_YEARS, '-selfsign')
        self.make('intermediate', 'root', f'{self.name} Intermediate CA', INTERMEDIATE_EXTENSIONS, INTERMEDIATE_YEARS)

    def make(self, name, authority, common_name, extensions, years, *flags, key_of=None):
        new = ['-new', '-key', self.key(key_of)] if key_of else ['-new', *self.new_key, '-keyout', self.key(name)]
        pki.run(['openssl', 'req', *new, '-subj', f'/O=Example/CN={common_name}', '-out', f'{name}.csr'], self.folder)
        (self.folder / f'{name}.ext').write_text(extensions)
        pki.run(['openssl', 'ca', '-batch', '-notext', '-config', f'{authority}.cnf', '-in', f'{name}.csr', '-out',
                 f'{name}.pem', '-extfile', f'{name}.ext', '-startdate', BEGIN.strftime('%Y%m%d%H%M%SZ'), '-enddate',
                 years_later(years).strftime('%Y%m%d%H%M%SZ'), *flags], self.folder)

    def issue(self, name, subject, issuer=ISSUER, code_signing=False, key_of=None):
        kind = 'URI' if '://' in subject else 'email'
        extensions = LEAF_EXTENSIONS + f'subjectAltName = {kind}:{subject}\n'
        if issuer:
            extensions += f'1.3.6.1.4.1.57264.1.8 = ASN1:UTF8String:{issuer}\n'
        if code_signing:
            extensions += 'extendedKeyUsage = codeSigning\n'
        self.make(name, 'intermediate', name, extensions, LEAF_YEARS, key_of=key_of)

    def revoke(self, name):
        pki.run(['openssl', 'ca', '-config', 'intermediate.cnf', '-revoke', f'{name}.pem'], self.folder)

    def crls(self):
        """Of both CAs, one after the other."""
        return ''.join(pki.run(['openssl', 'ca', '-config', f'{name}.cnf', '-gencrl', '-crl_lastupdate', CRL_BEGIN,
                                '-crl_nextupdate', CRL_END], self.folder) for name in ('root', 'intermediate'))


class RsaAuthority(OpensslAuthority):
    new_key = ('-newkey', 'rsa:3072', '-nodes')
