"""Two organisations' PKIs with the same names: made with cfssl (P-256) and with openssl (RSA-4096).

A Root CA, an intermediate, and a certificate for each team: e-mail SAN, the two Fulcio issuer
extensions, no extended key usage, one year.
"""
import base64
import json
import subprocess
from pathlib import Path

import tools

ISSUER = 'https://linuxera.org'
TEAMS = ('team-a', 'team-b')
RAW_ISSUER = [1, 3, 6, 1, 4, 1, 57264, 1, 1]
DER_ISSUER = [1, 3, 6, 1, 4, 1, 57264, 1, 8]
UTF8_STRING, PRINTABLE_STRING = b'\x0c', b'\x13'


def run(command, cwd, text=None):
    done = subprocess.run([str(part) for part in command], cwd=cwd, input=text, capture_output=True, text=True,
                          check=False)
    if done.returncode:
        raise RuntimeError(f'{" ".join(map(str, command))}\n{done.stderr}')
    return done.stdout


class Pki:
    """Files of one PKI: root.pem, intermediate.pem, chain.pem, and NAME.pem, NAME-key.pem for each team."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True)
        self.root = self.folder / 'root.pem'
        self.intermediate = self.folder / 'intermediate.pem'
        self.chain = self.folder / 'chain.pem'

    def certificate(self, team):
        return self.folder / f'{team}.pem'

    def key(self, team):
        return self.folder / f'{team}-key.pem'

    def finish(self):
        self.chain.write_text(self.intermediate.read_text() + self.root.read_text())
        return self


# ---- cfssl

def cfssl_request(name, **more):
    return json.dumps({'CN': name, 'key': {'algo': 'ecdsa', 'size': 256},
                       'names': [{'C': 'ES', 'O': 'IT', 'OU': 'Security'}]} | more)


def extension(oid, content):
    return {'id': oid, 'critical': False, 'value': base64.b64encode(content).decode()}


def cfssl_profiles():
    return json.dumps({'signing': {'profiles': {
        'intermediate': {'usages': ['cert sign', 'crl sign'], 'expiry': '43800h',
                         'ca_constraint': {'is_ca': True, 'max_path_len': 1}},
        'team': {'usages': ['digital signature'], 'expiry': '8760h', 'copy_extensions': True},
    }}})


def store(pki, name, answer):
    """What cfssljson -bare does, under our file names."""
    run([tools.path_of('cfssljson'), '-bare', name], pki.folder, answer)


def make_with_cfssl(folder):
    pki, cfssl = Pki(folder), tools.path_of('cfssl')
    (pki.folder / 'profiles.json').write_text(cfssl_profiles())

    def sign(name, authority, profile, request):
        store(pki, name, run([cfssl, 'gencert', '-loglevel=3', '-ca', f'{authority}.pem', '-ca-key',
                              f'{authority}-key.pem', '-config', 'profiles.json', '-profile', profile, '-'],
                             pki.folder, request))

    root = cfssl_request('Linuxera Root Certificate Authority', ca={'expiry': '87600h'})
    store(pki, 'root', run([cfssl, 'gencert', '-loglevel=3', '-initca', '-'], pki.folder, root))
    sign('intermediate', 'root', 'intermediate', cfssl_request('Linuxera Intermediate'))
    for team in TEAMS:
        issuer = ISSUER.encode()
        extensions = [extension(RAW_ISSUER, issuer),
                      extension(DER_ISSUER, PRINTABLE_STRING + bytes([len(issuer)]) + issuer)]
        sign(team, 'intermediate', 'team', cfssl_request(team, hosts=[f'{team}@linuxera.org'], extensions=extensions))
    return pki.finish()


# ---- openssl

OPENSSL_CONFIG = f'''
[intermediate]
basicConstraints = critical, CA:true, pathlen:2
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[team]
keyUsage = critical, digitalSignature
subjectAltName = email:TEAM@linuxera.org
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
1.3.6.1.4.1.57264.1.1 = DER:{ISSUER.encode().hex()}
1.3.6.1.4.1.57264.1.8 = ASN1:UTF8String:{ISSUER}
'''


def make_with_openssl(folder):
    pki = Pki(folder)
    rsa = ['-newkey', 'rsa:4096', '-nodes', '-sha256']

    def sign(name, authority, section, subject, days):
        (pki.folder / 'extensions.cnf').write_text(OPENSSL_CONFIG.replace('TEAM', name))
        run(['openssl', 'req', '-new', *rsa, '-subj', subject, '-keyout', f'{name}-key.pem', '-out', f'{name}.csr'],
            pki.folder)
        run(['openssl', 'x509', '-req', '-in', f'{name}.csr', '-CA', f'{authority}.pem', '-CAkey',
             f'{authority}-key.pem', '-CAcreateserial', '-days', days, '-sha256', '-extfile', 'extensions.cnf',
             '-extensions', section, '-out', f'{name}.pem'], pki.folder)

    run(['openssl', 'req', '-x509', *rsa, '-subj', '/C=ES/O=IT/OU=Security/CN=Linuxera Root Certificate Authority', '-days', 3650,
         '-addext', 'basicConstraints=critical,CA:true', '-addext', 'keyUsage=critical,keyCertSign,cRLSign',
         '-keyout', 'root-key.pem', '-out', 'root.pem'], pki.folder)
    sign('intermediate', 'root', 'intermediate', '/C=ES/O=IT/OU=Security/CN=Linuxera Intermediate', 1825)
    for team in TEAMS:
        sign(team, 'intermediate', 'team', f'/C=ES/O=IT/OU=Security/CN={team}', 365)
    return pki.finish()


MAKERS = {'cfssl': make_with_cfssl, 'openssl': make_with_openssl}
