#pragma once
// The one strict reader of JSON that is not an AdmissionReview: size and depth bounded while
// reading, duplicate member names, invalid UTF-8, a BOM and trailing bytes refused. The getters
// name the member they miss, so that a message can be acted on.

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "core/base/limits.hpp"
#include "core/base/result.hpp"

namespace signet {

using Json = nlohmann::json;

struct JsonLimits {
  std::size_t bytes = kJsonBytes;
  std::size_t depth = kJsonDepth;
};

// Fails with malformed_object or limit_exceeded.
Result<Json> parse_json(std::string_view text, JsonLimits limits = {});

// The member `name` of an object; nullptr where it is absent or null, or `object` is no object.
const Json* find_member(const Json& object, std::string_view name);
// A member that is a string; empty where there is none.
std::string text_or_empty(const Json& object, std::string_view name);
// A member that must be there and be a string (an object, an array, a number from 0 to 2^53).
Result<std::string> string_member(const Json& object, std::string_view name);
Result<const Json*> object_member(const Json& object, std::string_view name);
Result<const Json*> array_member(const Json& object, std::string_view name);
Result<std::uint64_t> number_member(const Json& object, std::string_view name);

}  // namespace signet
