#pragma once
// Bytes: a view of octets; Blob: octets that are owned. Both are text types, so that the same
// octets can be hashed, parsed and shown without a copy. Never NUL-terminated by contract.

#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace signet {

using Bytes = std::string_view;
using Blob = std::string;

// Lower-case hex.
std::string hex(Bytes bytes);
// Lower-case hex only, an even number of digits.
Result<Blob> unhex(std::string_view text);

enum class Base64 {
  standard,    // RFC 4648 4: + and /, padding mandatory, no white space
  with_lines,  // the same with CR and LF anywhere, as `base64` prints it (rulings: legacy
               // annotations)
  any,         // standard or url alphabet, never mixed; padding optional (protobuf JSON)
};

std::string base64(Bytes bytes);
// Non-zero trailing bits are accepted, as Go's decoder accepts them; everything else is strict.
Result<Blob> unbase64(std::string_view text, Base64 variant);

}  // namespace signet
