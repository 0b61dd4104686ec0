#pragma once
// One signature taken apart, whatever its format: what was signed, by which key, and what it
// claims. Parsed, not verified; verify.hpp turns it into something to rely on.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/crypto/certificate.hpp"
#include "core/sigstore/evidence.hpp"

namespace signet {

struct SignedEntity {
  SignatureFormat format;
  std::vector<Certificate>
      certificates;   // leaf first, then what the signature carries; empty: signed by a bare key
  Blob signature;     // raw bytes
  Blob signed_bytes;  // the payload, or the DSSE pre-authentication encoding
  Blob claims;        // simple signing payload, or in-toto statement: JSON, unverified
};

// Takes a candidate apart. A malformed field that is not needed is ignored (verification.md, first
// table): a garbage certificate or chain annotation fails only where a certificate is asked for.
enum class Material { certificate, key };  // what the authority will verify with
// Fails with signature_invalid, unsupported_format, limit_exceeded, cert_profile (a certificate
// that is never accepted), or the candidate's own error.
Result<SignedEntity> parse_signature(const Candidate& candidate, Material material);

}  // namespace signet
