#include "core/base/json.hpp"

#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "core/base/text.hpp"

namespace signet {
namespace {

// Builds the tree through nlohmann's own DOM callback while refusing depth and duplicates, so that
// nothing deeper than the bound ever exists (nlohmann copies and compares by recursion).
class StrictReader final : public nlohmann::json_sax<Json> {
 public:
  explicit StrictReader(std::size_t depth) : depth_(depth) {}

  Json root;
  std::optional<Error> failure;

  bool null() override { return place(nullptr); }
  bool boolean(bool value) override { return place(value); }
  bool number_integer(number_integer_t value) override { return place(value); }
  bool number_unsigned(number_unsigned_t value) override { return place(value); }
  bool number_float(number_float_t value, const string_t&) override { return place(value); }
  bool string(string_t& value) override { return place(std::move(value)); }
  bool binary(binary_t&) override { return fail(malformed("binary data in JSON")); }

  bool start_object(std::size_t) override { return open(Json::object()); }
  bool key(string_t& name) override {
    if (open_.back()->contains(name)) {
      return fail(malformed(cat("the member ", quoted(name, 64), " stands twice")));
    }
    name_ = std::move(name);
    return true;
  }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(Json::array()); }
  bool end_array() override { return close(); }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    return fail(malformed(cat("not JSON at byte ", std::to_string(position))));
  }

 private:
  bool fail(Error error) {
    if (!failure) failure = std::move(error);
    return false;
  }

  Json* attach(Json value) {
    if (open_.empty()) {
      root = std::move(value);
      return &root;
    }
    Json& parent = *open_.back();
    if (parent.is_array()) {
      parent.push_back(std::move(value));
      return &parent.back();
    }
    return &(parent[name_] = std::move(value));
  }

  bool place(Json value) {
    attach(std::move(value));
    return true;
  }

  bool open(Json container) {
    if (open_.size() >= depth_) {
      return fail(too_large(cat("JSON nested deeper than ", std::to_string(depth_))));
    }
    open_.push_back(attach(std::move(container)));
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  std::size_t depth_;
  std::vector<Json*> open_;
  std::string name_;
};

Error missing(std::string_view name, std::string_view what) {
  return malformed(cat("member ", quoted(name, 64), " is missing or not ", what));
}

}  // namespace

Result<Json> parse_json(std::string_view text, JsonLimits limits) {
  if (text.size() > limits.bytes) {
    return too_large(cat("JSON of more than ", std::to_string(limits.bytes), " bytes"));
  }
  if (text.starts_with("\xef\xbb\xbf")) return malformed("JSON with a byte order mark");
  // nlohmann takes a NUL for the end of the text; JSON has none outside of escapes.
  const auto nul = text.find('\0');
  if (nul != std::string_view::npos) {
    return malformed(cat("not JSON at byte ", std::to_string(nul + 1)));
  }
  StrictReader reader(limits.depth);
  const bool good = Json::sax_parse(text, &reader);
  if (reader.failure) return *reader.failure;
  if (!good) return malformed("not JSON");
  return std::move(reader.root);
}

const Json* find_member(const Json& object, std::string_view name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

std::string text_or_empty(const Json& object, std::string_view name) {
  const Json* const member = find_member(object, name);
  return member != nullptr && member->is_string() ? member->get<std::string>() : std::string();
}

Result<std::string> string_member(const Json& object, std::string_view name) {
  const Json* const member = find_member(object, name);
  if (member == nullptr || !member->is_string()) return missing(name, "a string");
  return member->get<std::string>();
}

Result<const Json*> object_member(const Json& object, std::string_view name) {
  const Json* const member = find_member(object, name);
  if (member == nullptr || !member->is_object()) return missing(name, "an object");
  return member;
}

Result<const Json*> array_member(const Json& object, std::string_view name) {
  const Json* const member = find_member(object, name);
  if (member == nullptr || !member->is_array()) return missing(name, "an array");
  return member;
}

Result<std::uint64_t> number_member(const Json& object, std::string_view name) {
  constexpr std::uint64_t kLargest = std::uint64_t{1} << 53;
  const Json* const member = find_member(object, name);
  if (member == nullptr || !member->is_number_unsigned()) return missing(name, "a whole number");
  const auto value = member->get<std::uint64_t>();
  if (value > kLargest) return missing(name, "a number of at most 2^53");
  return value;
}

}  // namespace signet
