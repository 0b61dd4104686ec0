#pragma once
// A sigstore bundle (versions 0.1 to 0.3) with a DSSE envelope: protobuf JSON, in which an unknown
// or duplicate member is refused. Log entries and timestamps are not looked at as long as nobody
// asks for them (security.md SR-10).

#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/sigstore/dsse.hpp"

namespace signet {

struct Bundle {
  // rawBytes, leaf first, as they stand in the JSON: base64 that nobody may need. Empty where a
  // bare key signed.
  std::vector<std::string> certificates;
  Envelope envelope;
};

// Fails with malformed_object, unsupported_format (another version, or a message signature) or
// limit_exceeded.
Result<Bundle> parse_bundle(Bytes content);

}  // namespace signet
