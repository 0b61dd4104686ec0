#pragma once
// Whether a certificate of a good path was revoked (security.md SR-20).

#include <span>
#include <string>
#include <vector>

#include "core/crypto/chain.hpp"

namespace signet {

// Judges every certificate of `path` but the anchor against the newest CRL of its issuer that
// applies. Returns notes about what could not be checked (Revocation::best_effort); fails with
// revoked, or with crl_stale where a CRL is missing, out of date or not its issuer's
// (Revocation::require).
Result<std::vector<std::string>> check_revocation(std::span<const Certificate> path,
                                                  std::span<const Crl> crls, Revocation revocation,
                                                  TimePoint at);

// The CRLs whose issuer has the name of an issuer in this path.
std::vector<Crl> crls_for(std::span<const Certificate> path, std::span<const Crl> crls);

}  // namespace signet
