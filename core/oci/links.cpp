#include "core/oci/links.hpp"

#include <algorithm>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"

namespace signet {
namespace {

constexpr std::size_t kFieldBytes = 16 * kKiB;  // one header field, as in a challenge
constexpr std::string_view kTagPrefix = "sha256-";

Error broken_link(std::string_view what) {
  return {Reason::registry_protocol, cat("the Link header cannot be read: ", what)};
}

// Reads one Link field from left to right, never going back.
class LinkReader {
 public:
  explicit LinkReader(std::string_view text) : rest_(text) {}

  bool done() {
    while (!rest_.empty() && (rest_.front() == ',' || is_blank(rest_.front())))
      skip(1);
    return rest_.empty();
  }

  // "<target>" up to its parameters.
  Result<std::string_view> target() {
    const std::size_t end = rest_.find('>');
    if (rest_.front() != '<' || end == std::string_view::npos) return broken_link("no <target>");
    const std::string_view uri = rest_.substr(1, end - 1);
    skip(end + 1);
    return uri;
  }

  // Whether the parameters of the link just read name `relation`; they end at a comma.
  Result<bool> has_relation(std::string_view relation) {
    bool found = false;
    bool decided = false;
    while (true) {
      skip_blanks();
      if (rest_.empty() || rest_.front() == ',') return found;
      if (rest_.front() != ';') return broken_link("no ';' before a parameter");
      skip(1);
      const std::string_view name = parameter_name();
      const auto value = parameter_value();
      if (!value) return value.error();
      // RFC 8288 3.3: only the first rel counts.
      if (decided || !equals_ignoring_case(name, "rel")) continue;
      decided = true;
      found = names(*value, relation);
    }
  }

 private:
  static bool is_blank(char c) { return c == ' ' || c == '\t'; }

  void skip(std::size_t count) { rest_.remove_prefix(count); }

  void skip_blanks() {
    while (!rest_.empty() && is_blank(rest_.front()))
      skip(1);
  }

  std::string_view parameter_name() {
    const std::string_view name = trim(rest_.substr(0, rest_.find_first_of("=;,")));
    skip(std::min(rest_.find_first_of("=;,"), rest_.size()));
    return name;
  }

  Result<std::string_view> parameter_value() {
    if (rest_.empty() || rest_.front() != '=') return std::string_view();
    skip(1);
    skip_blanks();
    if (rest_.empty() || rest_.front() != '"') {
      const std::size_t end = std::min(rest_.find_first_of(";,"), rest_.size());
      const std::string_view value = trim(rest_.substr(0, end));
      skip(end);
      return value;
    }
    return quoted_value();
  }

  // The text between the quotes, escapes left in: no relation type needs one.
  Result<std::string_view> quoted_value() {
    for (std::size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == '\\') {
        ++i;
      } else if (rest_[i] == '"') {
        const std::string_view value = rest_.substr(1, i - 1);
        skip(i + 1);
        return value;
      }
    }
    return broken_link("a quoted value has no end");
  }

  // A relation parameter is a list of names between blanks.
  static bool names(std::string_view list, std::string_view relation) {
    while (!list.empty()) {
      const std::size_t end = std::min(list.find_first_of(" \t"), list.size());
      if (equals_ignoring_case(list.substr(0, end), relation)) return true;
      list.remove_prefix(std::min(end + 1, list.size()));
    }
    return false;
  }

  std::string_view rest_;
};

}  // namespace

Result<std::optional<std::string>> next_link(const std::vector<std::string_view>& fields) {
  for (const std::string_view field : fields) {
    if (field.size() > kFieldBytes) return too_large("a Link header of more than 16 KiB");
    LinkReader reader(field);
    while (!reader.done()) {
      const auto target = reader.target();
      if (!target) return target.error();
      const auto next = reader.has_relation("next");
      if (!next) return next.error();
      if (*next) return std::optional<std::string>(*target);
    }
  }
  return std::optional<std::string>();
}

std::string referrers_tag(const Digest& subject) {
  return cat(kTagPrefix, subject.hex_part());
}

std::string signature_tag(const Digest& subject) {
  return cat(kTagPrefix, subject.hex_part(), ".sig");
}

std::optional<Digest> referrers_tag_subject(std::string_view tag) {
  if (!tag.starts_with(kTagPrefix)) return std::nullopt;
  const auto digest = Digest::parse(cat("sha256:", tag.substr(kTagPrefix.size())));
  if (!digest) return std::nullopt;
  return *digest;
}

}  // namespace signet
