#pragma once
// An in-toto statement as `cosign sign` writes it: which image was signed, with which annotations.
// Read only after its signature was verified.

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/sigstore/claims.hpp"

namespace signet {

inline constexpr std::string_view kStatementPayloadType = "application/vnd.in-toto+json";

// What `statement` claims about `image`. Fails with payload_mismatch (not about this image, or
// malformed), unsupported_format (an attestation rather than a signature) or limit_exceeded.
Result<Claims> statement_claims(Bytes statement, const Digest& image);

}  // namespace signet
