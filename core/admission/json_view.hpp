#pragma once
// Typed looks into a parsed AdmissionReview: a member is absent, of the right type, or an error
// that names its path. Absent and null are the same, as they are for Kubernetes.

#include <simdjson.h>

#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace signet {

using JsonElement = simdjson::dom::element;
using JsonObject = simdjson::dom::object;
using JsonArray = simdjson::dom::array;

std::optional<JsonElement> member_of(JsonObject object, std::string_view name);

// `where` is the path of `object`, for the message: "request.object.spec".
Result<std::string> text_of(JsonObject object, std::string_view name, std::string_view where);
Result<std::optional<JsonObject>> object_of(JsonObject object, std::string_view name,
                                            std::string_view where);
Result<std::optional<JsonArray>> array_of(JsonObject object, std::string_view name,
                                          std::string_view where);
Result<bool> flag_of(JsonObject object, std::string_view name, std::string_view where);

// A member name that stands twice in one object anywhere in the document: decoders disagree about
// which one counts, so such a document is never judged (security.md SR-41).
std::optional<std::string> repeated_member(JsonElement root);

}  // namespace signet
