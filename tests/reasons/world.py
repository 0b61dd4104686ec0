"""A PKI and images that exist only as recorded evidence: made here in cosign's legacy form, with fixed dates. Keys are
thrown away, so everything is made anew together."""
import base64
import datetime
import hashlib
import json

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = 'registry.example.com/reasons'
ISSUER = 'https://example.org'
MANIFEST = 'application/vnd.oci.image.manifest.v1+json'
INDEX = 'application/vnd.oci.image.index.v1+json'
PAYLOAD = 'application/vnd.dev.cosign.simplesigning.v1+json'
BEGIN = datetime.datetime(2026, 11, 1)
END = datetime.datetime(2076, 11, 1)
DER_ISSUER = x509.ObjectIdentifier('1.3.6.1.4.1.57264.1.8')


def new_key():
    return ec.generate_private_key(ec.SECP256R1())


def pem_of(certificate):
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def public_pem(key):
    return key.public_key().public_bytes(serialization.Encoding.PEM,
                                         serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def usage(**bits):
    names = ('digital_signature', 'content_commitment', 'key_encipherment', 'data_encipherment', 'key_agreement',
             'key_cert_sign', 'crl_sign', 'encipher_only', 'decipher_only')
    return x509.KeyUsage(**{name: bits.get(name, False) for name in names})


class Ca:
    def __init__(self, name):
        self.key = new_key()
        self.name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, 'Example'),
                               x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.certificate = self.build(self.name, self.key.public_key(), BEGIN, END).add_extension(
            x509.BasicConstraints(True, None), True).add_extension(
            usage(key_cert_sign=True, crl_sign=True), True).sign(self.key, hashes.SHA256())

    def build(self, subject, key, begin, end):
        return (x509.CertificateBuilder().subject_name(subject).issuer_name(self.name).public_key(key)
                .serial_number(x509.random_serial_number()).not_valid_before(begin).not_valid_after(end)
                .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), False)
                .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), False))

    def issue(self, email, issuer=ISSUER, begin=BEGIN, end=END, is_ca=False):
        """A signer: its key and its certificate."""
        key = new_key()
        text = issuer.encode()
        builder = self.build(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, 'signer')]), key.public_key(), begin, end)
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.RFC822Name(email)]), False)
        builder = builder.add_extension(
            x509.UnrecognizedExtension(DER_ISSUER, b'\x0c' + bytes([len(text)]) + text), False)
        builder = builder.add_extension(
            usage(digital_signature=True, key_cert_sign=is_ca), True)
        if is_ca:
            builder = builder.add_extension(x509.BasicConstraints(True, None), True)
        return key, builder.sign(self.key, hashes.SHA256())

    def crl(self, begin, end, *revoked):
        builder = x509.CertificateRevocationListBuilder().issuer_name(self.name).last_update(begin).next_update(end)
        builder = builder.add_extension(x509.CRLNumber(1), False).add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), False)
        for certificate in revoked:
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder().serial_number(certificate.serial_number)
                .revocation_date(begin).build())
        return builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def digest_of(content):
    return 'sha256:' + hashlib.sha256(content).hexdigest()


def descriptor(content, media_type, **more):
    return {'mediaType': media_type, 'digest': digest_of(content), 'size': len(content)} | more


class Registry:
    """What a registry would answer; text() is the evidence."""

    def __init__(self):
        self.members = {name: {} for name in ('tags', 'manifests', 'blobs', 'referrers', 'failures')}

    def text(self):
        return json.dumps({'version': 1} | self.members, indent=1, sort_keys=True) + '\n'

    def put_manifest(self, repository, body, media_type=MANIFEST, tag=None):
        digest = digest_of(body)
        self.members['manifests'][f'{HOST}/{repository}@{digest}'] = {'mediaType': media_type, 'body': body.decode()}
        if tag:
            self.members['tags'][f'{HOST}/{repository}:{tag}'] = digest
        return digest

    def put_blob(self, repository, content):
        self.members['blobs'][f'{HOST}/{repository}@{digest_of(content)}'] = base64.b64encode(content).decode()

    def image(self, repository, tag):
        """An image without signatures, another one for each name."""
        content = f'{repository}:{tag}'.encode()
        body = json.dumps({'schemaVersion': 2, 'mediaType': MANIFEST,
                           'config': descriptor(content, 'application/vnd.oci.image.config.v1+json'),
                           'layers': []}).encode()
        digest = self.put_manifest(repository, body, tag=tag)
        self.members['referrers'][f'{HOST}/{repository}@{digest}'] = {'manifests': []}
        self.members['tags'][self.signature_tag(repository, digest)] = None
        return digest

    @staticmethod
    def signature_tag(repository, digest):
        return f'{HOST}/{repository}:{digest.replace(":", "-")}.sig'

    def put_signatures(self, repository, digest, layers, **more):
        body = json.dumps({'schemaVersion': 2, 'mediaType': MANIFEST,
                           'config': descriptor(b'{}', 'application/vnd.oci.image.config.v1+json'),
                           'layers': layers} | more).encode()
        tag = self.signature_tag(repository, digest)
        self.members['tags'][tag] = self.put_manifest(repository, body)

    def signature(self, repository, digest, signer, ca=None, annotations=None, name=None, payload=None):
        """A layer as cosign writes it."""
        key, certificate = signer
        if payload is None:
            payload = json.dumps({
                'critical': {'identity': {'docker-reference': name or f'{HOST}/{repository}'},
                             'image': {'docker-manifest-digest': digest},
                             'type': 'cosign container image signature'},
                'optional': annotations}, separators=(',', ':')).encode()
        self.put_blob(repository, payload)
        signature = key.sign(payload, ec.ECDSA(hashes.SHA256()))
        written = {'dev.cosignproject.cosign/signature': base64.b64encode(signature).decode()}
        if certificate is not None:
            written['dev.sigstore.cosign/certificate'] = pem_of(certificate)
        if ca is not None:
            written['dev.sigstore.cosign/chain'] = pem_of(ca.certificate)
        return descriptor(payload, PAYLOAD, annotations=written)

    def signed(self, repository, tag, signer, **how):
        digest = self.image(repository, tag)
        self.put_signatures(repository, digest, [self.signature(repository, digest, signer, **how)])
        return digest

    def fail(self, name, reason, message):
        self.members['failures'][f'{HOST}/{name}'] = {'reason': reason, 'message': message}
