#pragma once
// What a path must be beyond what OpenSSL asks of it (security.md SR-16 as amended by the rulings):
// OpenSSL alone lets a v1 leaf, a CA as signer, a foreign extended key usage and others pass.

#include <span>

#include "core/crypto/chain.hpp"

namespace signet {

// `path` is leaf first and anchor last; a leaf that is itself the anchor stands alone. Fails with
// cert_profile, naming the certificate and the rule.
Result<void> check_profile(std::span<const Certificate> path, CodeSigning code_signing);

}  // namespace signet
