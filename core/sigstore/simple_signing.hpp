#pragma once
// The payload of a legacy signature ("simple signing"): which image was signed, under which name.
// Read only after its signature was verified; the signature covers the exact bytes.

#include <optional>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/oci/descriptor.hpp"
#include "core/oci/reference.hpp"
#include "core/sigstore/claims.hpp"

namespace signet {

// What `payload` claims about `image`. Fails with payload_mismatch (not about this image, another
// kind of payload, or malformed) or limit_exceeded.
Result<Claims> simple_signing_claims(Bytes payload, const Digest& image);

// The payload that `layer` describes, where it is the one cosign writes for `image` in
// `repository` without annotations: digest and size prove the bytes identical, so they need not be
// fetched (registry.md G.2).
std::optional<Blob> synthesise_payload(const Descriptor& layer, const Repository& repository,
                                       const Digest& image);

}  // namespace signet
