#pragma once
// A small CA for tests: root(), intermediate() and leaf() make an honest PKI as the own-PKI flow
// has it; a CertificateSpec changes one thing about it.
//
//   const TestCa ca = root("Root");
//   const TestCa sub = intermediate(ca, "Intermediate");
//   const TestCa team = leaf(sub, "team-a@linuxera.org");      // .certificate, .key
//   CertificateSpec odd = leaf_spec("team-a@linuxera.org");
//   odd.extended_key_usage = "serverAuth";
//   const TestCa refused = issue(sub, odd);
//
// Every certificate is valid at kTestNow unless its spec says otherwise.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/crypto/certificate.hpp"
#include "core/crypto/crl.hpp"
#include "tests/support/keys.hpp"

struct x509_st;

namespace signet::testing {

inline constexpr TimePoint kTestNow{std::chrono::sys_days{std::chrono::year{2026} / 6 / 1}};
TimePoint years(int count);  // from kTestNow, in years of 365 days; may be negative
inline constexpr const char* kTeam = "team-a@linuxera.org";

// What a certificate says. Texts of extensions have OpenSSL's configuration syntax
// ("critical,digitalSignature", "email:a@b.org,URI:https://c"); an absent one means no extension.
struct CertificateSpec {
  std::string common_name;                                      // empty: an empty subject
  std::vector<std::pair<std::string, std::string>> more_names;  // such as {"O", "Linuxera"}
  TimePoint not_before = years(-1);
  TimePoint not_after = years(1);
  std::optional<std::string> serial;  // hex, "-" in front for a negative one; default: unique
  int version = 3;
  std::optional<std::string> basic_constraints = "critical,CA:FALSE";
  std::optional<std::string> key_usage = "critical,digitalSignature";
  std::optional<std::string> extended_key_usage;
  std::optional<std::string> alternative_names;
  std::optional<std::string> name_constraints;
  bool subject_key_id = true;
  bool authority_key_id = true;
  std::vector<Extension> extensions;             // as they are, after the others
  const char* digest = "SHA256";                 // of the issuer's signature
  std::function<void(x509_st*)> before_signing;  // whatever else
};

// A certificate and the private key that belongs to it.
struct TestCa {
  Certificate certificate;
  TestKey key;
  std::string pem() const;
};

CertificateSpec root_spec(std::string common_name);
CertificateSpec intermediate_spec(std::string common_name);
// With an e-mail SAN and both Fulcio issuer extensions, no EKU, as cfssl makes it in the flow.
CertificateSpec leaf_spec(std::string email, std::string issuer = "https://linuxera.org");

// DER that Certificate::from_der() may refuse; `issuer` may be the subject itself (nullptr).
Blob issue_der(const TestCa* issuer, const CertificateSpec& spec, const TestKey& key);

// These throw if from_der() refuses what they made.
TestCa self_signed(const CertificateSpec& spec, TestKey key = TestKey::make());
TestCa issue(const TestCa& issuer, const CertificateSpec& spec, TestKey key = TestKey::make());
TestCa root(std::string common_name);
TestCa intermediate(const TestCa& issuer, std::string common_name);
TestCa leaf(const TestCa& issuer, std::string email);

// 1.3.6.1.4.1.57264.1.1 (raw text) and .1.8 (UTF8String).
Extension fulcio_issuer_raw(std::string_view issuer);
Extension fulcio_issuer(std::string_view issuer);
// A subjectAltName of raw GeneralNames, each encoded with der_element().
Extension raw_alternative_names(const std::vector<Blob>& names);
// The GeneralName of Fulcio's otherName 1.3.6.1.4.1.57264.1.7.
Blob fulcio_user_name(std::string_view name);

std::string pem_of(const std::vector<Certificate>& certificates);

struct CrlSpec {
  std::vector<std::string> revoked;  // serials in hex
  TimePoint this_update = kTestNow - std::chrono::days(1);
  std::optional<TimePoint> next_update = kTestNow + std::chrono::days(1);
  std::optional<long> number = 1;
  std::vector<Extension> extensions;
};
Blob issue_crl_der(const TestCa& issuer, const CrlSpec& spec);
Crl issue_crl(const TestCa& issuer, const CrlSpec& spec);

}  // namespace signet::testing
