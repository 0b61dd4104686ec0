#include "core/admission/json_view.hpp"

#include <algorithm>
#include <bit>
#include <compare>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "core/base/text.hpp"

namespace signet {
namespace {

// Up to this many members a pairwise comparison is faster than sorting.
constexpr std::size_t kPairwise = 16;

Error wrong_type(std::string_view where, std::string_view name, std::string_view wanted) {
  return malformed(cat(where, ".", name, " must be ", wanted));
}

// A member's name behind a number that tells most names apart; equal names have equal numbers.
struct Named {
  std::uint64_t mark;
  std::string_view name;

  friend auto operator<=>(const Named&, const Named&) = default;
};
using Names = std::vector<Named>;

Named named(std::string_view name) {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  if (name.size() >= sizeof first) {
    std::memcpy(&first, name.data(), sizeof first);
    std::memcpy(&last, name.data() + name.size() - sizeof last, sizeof last);
  } else {
    for (const char c : name)
      first = first << 8 | static_cast<unsigned char>(c);
  }
  return Named{first ^ std::rotl(last, 24) ^ (name.size() << 56), name};
}

std::optional<std::string> repeated_among(std::span<Named> names) {
  if (names.size() <= kPairwise) {
    for (std::size_t i = 1; i < names.size(); ++i) {
      for (std::size_t k = 0; k < i; ++k) {
        if (names[k].mark == names[i].mark && names[k].name == names[i].name) {
          return std::string(names[i].name);
        }
      }
    }
    return std::nullopt;
  }
  std::sort(names.begin(), names.end());
  const auto twin = std::adjacent_find(names.begin(), names.end());
  if (twin == names.end()) return std::nullopt;
  return std::string(twin->name);
}

bool holds_members(JsonElement element) {
  return element.is_object() || element.is_array();
}

// The names of the objects on the way down lie one behind the other. The parser has bounded the
// depth of this recursion.
std::optional<std::string> repeated_below(JsonElement element, Names& names) {
  if (element.is_array()) {
    const JsonArray array = element.get_array().value_unsafe();
    for (const JsonElement child : array) {
      if (!holds_members(child)) continue;
      if (auto found = repeated_below(child, names)) return found;
    }
    return std::nullopt;
  }
  if (!element.is_object()) return std::nullopt;
  const std::size_t base = names.size();
  const JsonObject object = element.get_object().value_unsafe();
  for (const auto member : object) {
    names.push_back(named(member.key));
    if (!holds_members(member.value)) continue;
    if (auto found = repeated_below(member.value, names)) return found;
  }
  auto found = repeated_among(std::span(names).subspan(base));
  names.erase(names.begin() + static_cast<std::ptrdiff_t>(base), names.end());
  return found;
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
  Names names;
  names.reserve(256);
  return repeated_below(root, names);
}

}  // namespace signet
