#pragma once
// One X.509 certificate, parsed strictly: DER fully consumed, no duplicate extension, within the
// bounds of limits.hpp. Being parsed says nothing about trust; find_path() (chain.hpp) does. A
// value: copies share the parsed form.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/crypto/public_key.hpp"

struct x509_st;

namespace signet {

enum class NameType { email, uri, dns, other_name };  // other_name: Fulcio's 1.3.6.1.4.1.57264.1.7
std::string_view name_of(NameType type);

struct SubjectName {
  NameType type;
  std::string value;  // length-aware; may hold any byte the certificate holds
  friend bool operator==(const SubjectName&, const SubjectName&) = default;
};

struct Extension {
  std::string oid;  // dotted
  bool critical = false;
  std::string value;  // the octets inside the extnValue OCTET STRING
};

class Certificate {
 public:
  // Fails with malformed_object (not a certificate), cert_profile (one that is never accepted: a
  // weak key, a serial number of zero, a duplicate extension) or limit_exceeded.
  static Result<Certificate> from_der(Bytes der);

  const std::string& der() const;
  Digest fingerprint() const { return Digest::of(der()); }
  // RFC 4514, as `openssl x509 -nameopt RFC2253` prints it: printable ASCII, the rest escaped.
  std::string subject() const;
  std::string issuer() const;
  int version() const;         // 1 or 3
  std::string serial() const;  // lower-case hex
  TimePoint not_before() const;
  TimePoint not_after() const;
  const PublicKey& public_key() const;
  bool is_ca() const;  // basicConstraints present and CA
  // Every SAN of a type in NameType, in certificate order; other types (IP, directory name) are
  // left out.
  const std::vector<SubjectName>& names() const;
  // The octets inside the extnValue OCTET STRING of the extension, by dotted OID.
  std::optional<std::string> extension(std::string_view oid) const;
  const std::vector<Extension>& extensions() const;

  x509_st* handle() const;  // borrowed
  friend bool operator==(const Certificate& a, const Certificate& b) { return a.der() == b.der(); }

 private:
  struct Parsed;
  static Result<Certificate> parse(Bytes der);
  explicit Certificate(std::shared_ptr<const Parsed> parsed) : parsed_(std::move(parsed)) {}
  std::shared_ptr<const Parsed> parsed_;
};

// Every certificate of a PEM text, in order. Text before or between blocks is fine (`openssl ca`
// writes it), text after the last block, another kind of block and an empty text are errors that
// name what was found. `most` bounds the number (limit_exceeded beyond it, before any is parsed).
Result<std::vector<Certificate>> parse_certificates(Bytes pem, std::size_t most);

}  // namespace signet
