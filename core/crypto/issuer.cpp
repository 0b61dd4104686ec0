#include "core/crypto/issuer.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <array>

#include "core/base/text.hpp"
#include "core/crypto/openssl.hpp"

namespace signet {
namespace {

Error failed(std::string_view what) {
  return {Reason::internal, cat(what, " failed")};
}

bool set_time(ASN1_TIME* field, TimePoint at) {
  return ASN1_TIME_set(field, static_cast<time_t>(at.time_since_epoch().count())) != nullptr;
}

// Sixteen random octets, positive and not zero (RFC 5280 4.1.2.2).
bool set_serial(X509* certificate) {
  std::array<unsigned char, 16> octets{};
  if (RAND_bytes(octets.data(), static_cast<int>(octets.size())) != 1) return false;
  octets[0] = static_cast<unsigned char>((octets[0] & 0x7f) | 0x40);
  BIGNUM* const number = BN_bin2bn(octets.data(), static_cast<int>(octets.size()), nullptr);
  const bool set = number != nullptr &&
                   BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nullptr;
  BN_free(number);
  return set;
}

bool set_name(X509* certificate, const std::string& common_name) {
  X509_NAME* const name = X509_get_subject_name(certificate);
  return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(common_name.data()),
                                    static_cast<int>(common_name.size()), -1, 0) == 1;
}

bool append(X509* certificate, X509_EXTENSION* extension) {
  const bool added = extension != nullptr && X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

bool add_known(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  return append(certificate, X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
}

bool add_raw(X509* certificate, const std::string& oid, const std::string& octets) {
  ASN1_OBJECT* const object = OBJ_txt2obj(oid.c_str(), 1);
  ASN1_OCTET_STRING* const value = ASN1_OCTET_STRING_new();
  X509_EXTENSION* extension = nullptr;
  if (object != nullptr && value != nullptr &&
      ASN1_OCTET_STRING_set(value, reinterpret_cast<const unsigned char*>(octets.data()),
                            static_cast<int>(octets.size())) == 1) {
    extension = X509_EXTENSION_create_by_OBJ(nullptr, object, 0, value);
  }
  const bool added = append(certificate, extension);
  ASN1_OCTET_STRING_free(value);
  ASN1_OBJECT_free(object);
  return added;
}

std::string basic_constraints(const CertificateTemplate& content) {
  if (!content.ca) return "critical,CA:FALSE";
  if (content.path_length < 0) return "critical,CA:TRUE";
  return cat("critical,CA:TRUE,pathlen:", std::to_string(content.path_length));
}

bool add_extensions(X509* certificate, X509* issuer, const CertificateTemplate& content) {
  bool good =
      add_known(certificate, issuer, NID_basic_constraints, basic_constraints(content)) &&
      add_known(certificate, issuer, NID_key_usage,
                content.ca ? "critical,keyCertSign,cRLSign" : "critical,digitalSignature") &&
      add_known(certificate, issuer, NID_subject_key_identifier, "hash") &&
      add_known(certificate, issuer, NID_authority_key_identifier, "keyid:always");
  if (good && !content.alternative_names.empty()) {
    good = add_known(certificate, issuer, NID_subject_alt_name, content.alternative_names);
  }
  if (good && !content.extended_key_usage.empty()) {
    good = add_known(certificate, issuer, NID_ext_key_usage, content.extended_key_usage);
  }
  if (good && !content.name_constraints.empty()) {
    good = add_known(certificate, issuer, NID_name_constraints, content.name_constraints);
  }
  for (const auto& [oid, octets] : content.extensions) {
    good = good && add_raw(certificate, oid, octets);
  }
  return good;
}

bool fill(X509* certificate, X509* issuer, const CertificateTemplate& content, EVP_PKEY* key) {
  const X509_NAME* const issuer_name = X509_get_subject_name(issuer);
  return X509_set_version(certificate, X509_VERSION_3) == 1 && set_serial(certificate) &&
         set_name(certificate, content.common_name) &&
         X509_set_issuer_name(certificate, issuer_name) == 1 &&
         set_time(X509_getm_notBefore(certificate), content.not_before) &&
         set_time(X509_getm_notAfter(certificate), content.not_after) &&
         X509_set_pubkey(certificate, key) == 1 && add_extensions(certificate, issuer, content);
}

std::string contents_of(BIO* memory) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

}  // namespace

Result<PrivateKey> PrivateKey::generate() {
  EVP_PKEY* const key = EVP_EC_gen("P-256");
  if (key == nullptr) return failed("generating a P-256 key");
  return PrivateKey(std::shared_ptr<EVP_PKEY>(key, EVP_PKEY_free));
}

Result<PrivateKey> PrivateKey::from_pem(Bytes pem) {
  ErrorQueue errors;
  const BioOwner memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  // Without a callback OpenSSL would ask a terminal for the password of an encrypted key.
  const auto no_password = [](char*, int, int, void*) { return -1; };
  KeyOwner key(memory ? PEM_read_bio_PrivateKey(memory.get(), nullptr, no_password, nullptr)
                      : nullptr);
  if (!key) return malformed("not an unencrypted private key in PEM");
  return PrivateKey(std::shared_ptr<EVP_PKEY>(key.release(), EVP_PKEY_free));
}

bool PrivateKey::belongs_to(const Certificate& certificate) const {
  ErrorQueue errors;
  return X509_check_private_key(certificate.handle(), key_.get()) == 1;
}

Result<std::string> PrivateKey::pem() const {
  BIO* const memory = BIO_new(BIO_s_mem());
  const bool written =
      memory != nullptr &&
      PEM_write_bio_PKCS8PrivateKey(memory, key_.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1;
  const std::string text = written ? contents_of(memory) : std::string();
  BIO_free(memory);
  if (!written) return failed("writing a private key");
  return text;
}

Result<Blob> PrivateKey::sign(Bytes message) const {
  EVP_MD_CTX* const context = EVP_MD_CTX_new();
  std::size_t size = static_cast<std::size_t>(EVP_PKEY_get_size(key_.get()));
  Blob signature(size, '\0');
  const bool good =
      context != nullptr &&
      EVP_DigestSignInit(context, nullptr, EVP_sha256(), nullptr, key_.get()) == 1 &&
      EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size,
                     reinterpret_cast<const unsigned char*>(message.data()), message.size()) == 1;
  EVP_MD_CTX_free(context);
  if (!good) return failed("signing");
  signature.resize(size);
  return signature;
}

Result<Certificate> issue(const CertificateTemplate& content, const PrivateKey& subject_key,
                          Issuer issuer) {
  X509* const certificate = X509_new();
  X509* const signer = issuer.certificate == nullptr ? certificate : issuer.certificate->handle();
  EVP_PKEY* const signing_key = (issuer.key == nullptr ? subject_key : *issuer.key).handle();
  unsigned char* der = nullptr;
  int size = -1;
  if (certificate != nullptr && fill(certificate, signer, content, subject_key.handle()) &&
      X509_sign(certificate, signing_key, EVP_sha256()) > 0) {
    size = i2d_X509(certificate, &der);
  }
  X509_free(certificate);
  if (size <= 0) return failed(cat("issuing a certificate for ", content.common_name));
  const std::string encoded(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return Certificate::from_der(encoded);
}

std::string alternative_name(const std::string& name) {
  ASN1_OCTET_STRING* const address = a2i_IPADDRESS(name.c_str());
  const bool is_address = address != nullptr;
  ASN1_OCTET_STRING_free(address);
  return cat(is_address ? "IP:" : "DNS:", name);
}

std::string certificate_pem(const Certificate& certificate) {
  constexpr std::size_t kLine = 64;
  const std::string body = base64(certificate.der());
  std::string text = "-----BEGIN CERTIFICATE-----\n";
  for (std::size_t at = 0; at < body.size(); at += kLine)
    text += body.substr(at, kLine) + "\n";
  return text + "-----END CERTIFICATE-----\n";
}

}  // namespace signet
