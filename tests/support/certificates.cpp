#include "tests/support/certificates.hpp"

#include <openssl/x509v3.h>

#include <stdexcept>

#include "core/crypto/der.hpp"
#include "core/crypto/openssl.hpp"

namespace signet::testing {
namespace {

using ExtensionOwner = std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION_free>>;
using IntegerOwner = std::unique_ptr<ASN1_INTEGER, Freer<ASN1_INTEGER_free>>;
using NameOwner = std::unique_ptr<X509_NAME, Freer<X509_NAME_free>>;
using NumberOwner = std::unique_ptr<BIGNUM, Freer<BN_free>>;
using ObjectOwner = std::unique_ptr<ASN1_OBJECT, Freer<ASN1_OBJECT_free>>;
using OctetsOwner = std::unique_ptr<ASN1_OCTET_STRING, Freer<ASN1_OCTET_STRING_free>>;
using RevokedOwner = std::unique_ptr<X509_REVOKED, Freer<X509_REVOKED_free>>;
using TimeOwner = std::unique_ptr<ASN1_TIME, Freer<ASN1_TIME_free>>;

void demand(bool good, const std::string& what) {
  if (!good) throw std::runtime_error("test certificate: " + what);
}

const unsigned char* octets(Bytes bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

IntegerOwner integer(const std::string& hex_digits) {
  BIGNUM* raw = nullptr;
  demand(BN_hex2bn(&raw, hex_digits.c_str()) > 0, "bad serial " + hex_digits);
  const NumberOwner number(raw);
  return IntegerOwner(BN_to_ASN1_INTEGER(number.get(), nullptr));
}

std::string next_serial() {
  static unsigned int count = 0x1000;
  return std::to_string(++count);  // decimal digits are hex digits too
}

TimeOwner time_of(TimePoint at) {
  return TimeOwner(ASN1_TIME_set(nullptr, static_cast<time_t>(at.time_since_epoch().count())));
}

NameOwner name_of_spec(const CertificateSpec& spec) {
  NameOwner name(X509_NAME_new());
  const auto add = [&](const std::string& field, const std::string& value) {
    demand(X509_NAME_add_entry_by_txt(name.get(), field.c_str(), MBSTRING_UTF8, octets(value),
                                      static_cast<int>(value.size()), -1, 0) == 1,
           "bad name " + field);
  };
  for (const auto& [field, value] : spec.more_names)
    add(field, value);
  if (!spec.common_name.empty()) add("CN", spec.common_name);
  return name;
}

ExtensionOwner raw_extension(const Extension& extension) {
  const ObjectOwner object(OBJ_txt2obj(extension.oid.c_str(), 1));
  const OctetsOwner value(ASN1_OCTET_STRING_new());
  demand(object != nullptr && ASN1_OCTET_STRING_set(value.get(), octets(extension.value),
                                                    static_cast<int>(extension.value.size())) == 1,
         "bad extension " + extension.oid);
  return ExtensionOwner(
      X509_EXTENSION_create_by_OBJ(nullptr, object.get(), extension.critical ? 1 : 0, value.get()));
}

void add_text(X509* certificate, X509* issuer, int nid, const std::optional<std::string>& text) {
  if (!text) return;
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const ExtensionOwner extension(X509V3_EXT_conf_nid(nullptr, &context, nid, text->c_str()));
  demand(extension != nullptr, "bad extension text: " + *text);
  demand(X509_add_ext(certificate, extension.get(), -1) == 1, "extension not added");
}

bool has_key_id(X509* certificate) {
  return X509_get_ext_by_NID(certificate, NID_subject_key_identifier, -1) >= 0;
}

void add_extensions(X509* certificate, X509* issuer, const CertificateSpec& spec) {
  add_text(certificate, issuer, NID_basic_constraints, spec.basic_constraints);
  add_text(certificate, issuer, NID_key_usage, spec.key_usage);
  add_text(certificate, issuer, NID_ext_key_usage, spec.extended_key_usage);
  add_text(certificate, issuer, NID_subject_alt_name, spec.alternative_names);
  add_text(certificate, issuer, NID_name_constraints, spec.name_constraints);
  if (spec.subject_key_id) add_text(certificate, issuer, NID_subject_key_identifier, "hash");
  if (spec.authority_key_id && has_key_id(issuer)) {
    add_text(certificate, issuer, NID_authority_key_identifier, "keyid:always");
  }
  for (const Extension& one : spec.extensions) {
    const ExtensionOwner extension = raw_extension(one);
    demand(X509_add_ext(certificate, extension.get(), -1) == 1, "extension not added");
  }
}

const EVP_MD* digest_for(const TestKey& key, const char* name) {
  return EVP_PKEY_is_a(key.handle(), "ED25519") == 1 ? nullptr : EVP_get_digestbyname(name);
}

template <class T, auto Encode>
Blob encoded(T* value) {
  unsigned char* der = nullptr;
  const int size = Encode(value, &der);
  demand(size > 0, "not encoded");
  Blob blob(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return blob;
}

TestCa parsed(const Blob& der, TestKey key) {
  auto certificate = Certificate::from_der(der);
  if (!certificate) throw std::runtime_error("test certificate: " + certificate.error().what());
  return TestCa{std::move(*certificate), std::move(key)};
}

void revoke(X509_CRL* crl, const std::string& serial, TimePoint at) {
  RevokedOwner entry(X509_REVOKED_new());
  X509_REVOKED_set_serialNumber(entry.get(), integer(serial).get());
  X509_REVOKED_set_revocationDate(entry.get(), time_of(at).get());
  demand(X509_CRL_add0_revoked(crl, entry.get()) == 1, "not revoked");
  entry.release();  // now the CRL's
}

}  // namespace

TimePoint years(int count) {
  return kTestNow + std::chrono::days(365 * count);
}

std::string TestCa::pem() const {
  return pem_block("CERTIFICATE", certificate.der());
}

CertificateSpec root_spec(std::string common_name) {
  CertificateSpec spec;
  spec.common_name = std::move(common_name);
  spec.not_before = years(-5);
  spec.not_after = years(10);
  spec.basic_constraints = "critical,CA:TRUE";
  spec.key_usage = "critical,keyCertSign,cRLSign";
  return spec;
}

CertificateSpec intermediate_spec(std::string common_name) {
  CertificateSpec spec = root_spec(std::move(common_name));
  spec.not_before = years(-3);
  spec.not_after = years(5);
  return spec;
}

CertificateSpec leaf_spec(std::string email, std::string issuer) {
  CertificateSpec spec;
  spec.common_name = "Team";
  spec.alternative_names = "email:" + email;
  spec.extensions = {fulcio_issuer_raw(issuer), fulcio_issuer(issuer)};
  return spec;
}

Blob issue_der(const TestCa* issuer, const CertificateSpec& spec, const TestKey& key) {
  const CertificateOwner owner(X509_new());
  X509* const certificate = owner.get();
  X509* const signer = issuer == nullptr ? certificate : issuer->certificate.handle();
  const TestKey& signing_key = issuer == nullptr ? key : issuer->key;
  X509_set_version(certificate, spec.version - 1);
  X509_set_serialNumber(certificate, integer(spec.serial.value_or(next_serial())).get());
  X509_set_subject_name(certificate, name_of_spec(spec).get());
  X509_set_issuer_name(certificate, X509_get_subject_name(signer));
  X509_set1_notBefore(certificate, time_of(spec.not_before).get());
  X509_set1_notAfter(certificate, time_of(spec.not_after).get());
  X509_set_pubkey(certificate, key.handle());
  if (spec.version == 3) add_extensions(certificate, signer, spec);
  if (spec.before_signing) spec.before_signing(certificate);
  demand(X509_sign(certificate, signing_key.handle(), digest_for(signing_key, spec.digest)) > 0,
         "not signed");
  return encoded<X509, i2d_X509>(certificate);
}

TestCa self_signed(const CertificateSpec& spec, TestKey key) {
  return parsed(issue_der(nullptr, spec, key), key);
}

TestCa issue(const TestCa& issuer, const CertificateSpec& spec, TestKey key) {
  return parsed(issue_der(&issuer, spec, key), key);
}

TestCa root(std::string common_name) {
  return self_signed(root_spec(std::move(common_name)));
}

TestCa intermediate(const TestCa& issuer, std::string common_name) {
  return issue(issuer, intermediate_spec(std::move(common_name)));
}

TestCa leaf(const TestCa& issuer, std::string email) {
  return issue(issuer, leaf_spec(std::move(email)));
}

Extension fulcio_issuer_raw(std::string_view issuer) {
  return {"1.3.6.1.4.1.57264.1.1", false, std::string(issuer)};
}

Extension fulcio_issuer(std::string_view issuer) {
  return {"1.3.6.1.4.1.57264.1.8", false, der_element(der::kUtf8String, issuer)};
}

Extension raw_alternative_names(const std::vector<Blob>& names) {
  Blob content;
  for (const Blob& name : names)
    content += name;
  return {"2.5.29.17", false, der_element(der::kSequence, content)};
}

Blob fulcio_user_name(std::string_view name) {
  constexpr Bytes kOid("\x06\x0a\x2b\x06\x01\x04\x01\x83\xbf\x30\x01\x07", 12);
  const Blob value = der_element(der::constructed(0), der_element(der::kUtf8String, name));
  return der_element(der::constructed(0), Blob(kOid) + value);
}

std::string pem_of(const std::vector<Certificate>& certificates) {
  std::string text;
  for (const Certificate& one : certificates)
    text += pem_block("CERTIFICATE", one.der());
  return text;
}

Blob issue_crl_der(const TestCa& issuer, const CrlSpec& spec) {
  const CrlOwner crl(X509_CRL_new());
  X509_CRL_set_version(crl.get(), X509_CRL_VERSION_2);
  X509_CRL_set_issuer_name(crl.get(), X509_get_subject_name(issuer.certificate.handle()));
  X509_CRL_set1_lastUpdate(crl.get(), time_of(spec.this_update).get());
  if (spec.next_update) X509_CRL_set1_nextUpdate(crl.get(), time_of(*spec.next_update).get());
  for (const std::string& serial : spec.revoked)
    revoke(crl.get(), serial, spec.this_update);
  if (spec.number) {
    const IntegerOwner number = integer(std::to_string(*spec.number));
    demand(X509_CRL_add1_ext_i2d(crl.get(), NID_crl_number, number.get(), 0, 0) == 1, "no number");
  }
  for (const Extension& one : spec.extensions) {
    const ExtensionOwner extension = raw_extension(one);
    demand(X509_CRL_add_ext(crl.get(), extension.get(), -1) == 1, "extension not added");
  }
  X509_CRL_sort(crl.get());
  demand(X509_CRL_sign(crl.get(), issuer.key.handle(), digest_for(issuer.key, "SHA256")) > 0,
         "CRL not signed");
  return encoded<X509_CRL, i2d_X509_CRL>(crl.get());
}

Crl issue_crl(const TestCa& issuer, const CrlSpec& spec) {
  auto crl = Crl::from_der(issue_crl_der(issuer, spec));
  if (!crl) throw std::runtime_error("test CRL: " + crl.error().what());
  return std::move(*crl);
}

}  // namespace signet::testing
