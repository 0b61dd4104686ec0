#include "core/sigstore/fields.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/text.hpp"

namespace signet {
namespace {

// The last digit of a group that is not full may only hold bits that were decoded.
bool has_canonical_end(std::string_view text, std::size_t decoded_size) {
  const std::size_t rest = decoded_size % 3;
  if (rest == 0) return true;
  const std::string_view digits = text.substr(0, text.find_last_not_of("=\r\n") + 1);
  const std::string_view ends = rest == 1 ? "AQgw" : "AEIMQUYcgkosw048";
  return ends.find(digits.back()) != std::string_view::npos;
}

}  // namespace

Result<void> only_members(const Json& object, std::initializer_list<std::string_view> known) {
  for (const auto& [name, value] : object.items()) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return malformed(cat("unknown member ", signet::quoted(name, 64)));
    }
  }
  return {};
}

Result<Blob> decode_base64(std::string_view text, Base64 variant, std::size_t most) {
  const auto line_ends = static_cast<std::size_t>(
      variant == Base64::with_lines
          ? std::count_if(text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n'; })
          : 0);
  if (text.size() - line_ends > (most + 2) / 3 * 4) {
    return too_large(cat("more than ", std::to_string(most), " bytes"));
  }
  auto decoded = unbase64(text, variant);
  if (!decoded) return decoded.error();
  if (decoded->size() > most) return too_large(cat("more than ", std::to_string(most), " bytes"));
  if (!has_canonical_end(text, decoded->size())) {
    return malformed("base64 with bits that belong to no byte");
  }
  return decoded;
}

std::map<std::string, std::string> string_members(const Json& object) {
  std::map<std::string, std::string> members;
  for (const auto& [name, value] : object.items()) {
    if (value.is_string()) members.emplace(name, value.get<std::string>());
  }
  return members;
}

Error told_as(const Error& error, Reason reason) {
  return error.reason() == Reason::malformed_object ? error.as(reason) : error;
}

}  // namespace signet
