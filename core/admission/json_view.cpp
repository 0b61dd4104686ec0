#include "core/admission/json_view.hpp"

#include <algorithm>
#include <vector>

#include "core/base/text.hpp"

namespace signet {
namespace {

// Up to this many members a pairwise comparison is faster than sorting.
constexpr std::size_t kPairwise = 16;

Error wrong_type(std::string_view where, std::string_view name, std::string_view wanted) {
  return malformed(cat(where, ".", name, " must be ", wanted));
}

std::optional<std::string> repeated_among(std::vector<std::string_view>& names) {
  if (names.size() <= kPairwise) {
    for (std::size_t i = 1; i < names.size(); ++i) {
      const auto last = names.begin() + static_cast<std::ptrdiff_t>(i);
      if (std::find(names.begin(), last, names[i]) != last) return std::string(names[i]);
    }
    return std::nullopt;
  }
  std::sort(names.begin(), names.end());
  const auto twin = std::adjacent_find(names.begin(), names.end());
  if (twin == names.end()) return std::nullopt;
  return std::string(*twin);
}

// The parser has bounded the depth of this recursion.
std::optional<std::string> repeated_below(JsonElement element,
                                          std::vector<std::string_view>& names) {
  if (element.is_array()) {
    const JsonArray array = element.get_array().value_unsafe();
    for (const JsonElement child : array) {
      if (auto found = repeated_below(child, names)) return found;
    }
    return std::nullopt;
  }
  if (!element.is_object()) return std::nullopt;
  const JsonObject object = element.get_object().value_unsafe();
  names.clear();
  for (const auto member : object)
    names.push_back(member.key);
  if (auto found = repeated_among(names)) return found;
  for (const auto member : object) {
    if (auto found = repeated_below(member.value, names)) return found;
  }
  return std::nullopt;
}

}  // namespace

std::optional<JsonElement> member_of(JsonObject object, std::string_view name) {
  for (const auto member : object) {
    if (member.key != name) continue;
    if (member.value.is_null()) return std::nullopt;
    return member.value;
  }
  return std::nullopt;
}

Result<std::string> text_of(JsonObject object, std::string_view name, std::string_view where) {
  const auto member = member_of(object, name);
  if (!member) return std::string();
  std::string_view text;
  if (member->get_string().get(text) != simdjson::SUCCESS) {
    return wrong_type(where, name, "a string");
  }
  return std::string(text);
}

Result<std::optional<JsonObject>> object_of(JsonObject object, std::string_view name,
                                            std::string_view where) {
  const auto member = member_of(object, name);
  if (!member) return std::optional<JsonObject>();
  JsonObject found;
  if (member->get_object().get(found) != simdjson::SUCCESS) {
    return wrong_type(where, name, "an object");
  }
  return std::optional<JsonObject>(found);
}

Result<std::optional<JsonArray>> array_of(JsonObject object, std::string_view name,
                                          std::string_view where) {
  const auto member = member_of(object, name);
  if (!member) return std::optional<JsonArray>();
  JsonArray found;
  if (member->get_array().get(found) != simdjson::SUCCESS) {
    return wrong_type(where, name, "an array");
  }
  return std::optional<JsonArray>(found);
}

Result<bool> flag_of(JsonObject object, std::string_view name, std::string_view where) {
  const auto member = member_of(object, name);
  if (!member) return false;
  bool flag = false;
  if (member->get_bool().get(flag) != simdjson::SUCCESS) {
    return wrong_type(where, name, "true or false");
  }
  return flag;
}

std::optional<std::string> repeated_member(JsonElement root) {
  std::vector<std::string_view> names;
  return repeated_below(root, names);
}

}  // namespace signet
