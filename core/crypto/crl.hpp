#pragma once
// A certificate revocation list. Complete CRLs only: a delta or indirect one is refused when it is
// read.

#include <memory>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/crypto/certificate.hpp"

struct X509_crl_st;

namespace signet {

class Crl {
 public:
  static Result<Crl> from_der(Bytes der);

  std::string issuer() const;  // RFC 4514
  TimePoint this_update() const;
  TimePoint next_update() const;  // a CRL without one is refused when it is read
  const std::string& der() const;
  X509_crl_st* handle() const;  // borrowed

 private:
  struct Parsed;
  explicit Crl(std::shared_ptr<const Parsed> parsed) : parsed_(std::move(parsed)) {}
  std::shared_ptr<const Parsed> parsed_;
};

// One DER CRL, or every `X509 CRL` block of a PEM text.
Result<std::vector<Crl>> parse_crls(Bytes pem_or_der);

}  // namespace signet
