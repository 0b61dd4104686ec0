#pragma once
// A DSSE envelope: one signature over a typed payload. What is signed is not the payload but its
// pre-authentication encoding, which binds the type to it.

#include <string>

#include "core/base/bytes.hpp"
#include "core/base/json.hpp"

namespace signet {

struct Envelope {
  std::string payload_type;
  Blob payload;    // decoded
  Blob signature;  // decoded
};

// The members of a protobuf JSON envelope; exactly one signature, whose keyid is not looked at (it
// is not signed). Fails with malformed_object or limit_exceeded.
Result<Envelope> parse_envelope(const Json& json);

// "DSSEv1 <length of type> <type> <length of payload> <payload>".
Blob pre_authentication_encoding(std::string_view payload_type, Bytes payload);

}  // namespace signet
