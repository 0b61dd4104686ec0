#pragma once
// Makes keys and certificates: the service's own TLS certificate and the PKI of the demonstration.
// P-256 only, and never used to judge anything.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/crypto/certificate.hpp"

struct evp_pkey_st;

namespace signet {

// A P-256 private key. A value; copies share the key.
class PrivateKey {
 public:
  static Result<PrivateKey> generate();
  // PKCS#8 or SEC1, unencrypted; fails with malformed_object.
  static Result<PrivateKey> from_pem(Bytes pem);

  Result<std::string> pem() const;         // PKCS#8, unencrypted
  Result<Blob> sign(Bytes message) const;  // ECDSA with SHA-256, DER
  bool belongs_to(const Certificate& certificate) const;
  evp_pkey_st* handle() const { return key_.get(); }  // borrowed

 private:
  explicit PrivateKey(std::shared_ptr<evp_pkey_st> key) : key_(std::move(key)) {}
  std::shared_ptr<evp_pkey_st> key_;
};

// What a certificate shall say.
struct CertificateTemplate {
  std::string common_name;
  TimePoint not_before;
  TimePoint not_after;
  bool ca = false;
  int path_length = -1;  // of a CA; negative: unbounded
  // As OpenSSL writes them, for example "DNS:localhost,IP:127.0.0.1" or "email:team-a@example.org";
  // may be empty.
  std::string alternative_names;
  std::string extended_key_usage;  // for example "serverAuth"; may be empty
  std::vector<std::pair<std::string, std::string>> extensions;  // dotted OID, octets of the value
  std::string name_constraints{};  // for example "critical,permitted;DNS:example.org"; may be empty
};

// A certificate that says who signed it, or with its own key where it is self-signed.
struct Issuer {
  const Certificate* certificate = nullptr;  // nullptr: self-signed
  const PrivateKey* key = nullptr;
};

Result<Certificate> issue(const CertificateTemplate& content, const PrivateKey& subject_key,
                          Issuer issuer);
std::string certificate_pem(const Certificate& certificate);
// A DNS name or an address, as `alternative_names` has it.
std::string alternative_name(const std::string& name);

}  // namespace signet
