#pragma once
// Whether CRLs that came from outside may take the place of those before (security.md SR-20).

#include <span>
#include <vector>

#include "core/crypto/crl.hpp"

namespace signet {

bool names_issuer(const Crl& crl, const Certificate& issuer);
bool is_signed_by(const Crl& crl, const Certificate& issuer);

// What `fetched` holds, if every CRL is of one of the issuers, of this time, and not older than the
// one of the same issuer in `before`: a lower number, or the same number of an earlier day, would
// take revocations back; so would one that is left out. Fails with crl_stale, chain_untrusted,
// malformed_object or limit_exceeded, in a sentence for people.
Result<std::vector<Crl>> accept_crls(Bytes fetched, std::span<const Certificate> issuers,
                                     std::span<const Crl> before, TimePoint now);

}  // namespace signet
