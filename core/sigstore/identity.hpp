#pragma once
// Who a leaf says it belongs to: subject candidates and issuer (policy.md 9, 10). Nothing here is
// trusted until the leaf's path is.

#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/crypto/certificate.hpp"

namespace signet {

struct Identity {
  std::vector<SubjectName>
      subjects;  // every SAN that has the syntax of its type; never the CN, never an IP
  std::optional<std::string> issuer;  // extension .1.8 (DER string), else .1.1 (raw bytes)
  std::string issuer_dn;              // RFC 4514 text of the certificate's issuer

  // For people: "team-a@linuxera.org (issuer https://linuxera.org)"; printable.
  std::string str() const;
};

// Fails with cert_profile where .1.8 and .1.1 are both present and differ. A malformed .1.8 is an
// issuer that is absent if .1.1 is absent too, else a difference.
Result<Identity> identity_of(const Certificate& leaf);

}  // namespace signet
