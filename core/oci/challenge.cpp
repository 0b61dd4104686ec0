#include "core/oci/challenge.hpp"

#include <algorithm>
#include <optional>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"

namespace signet {
namespace {

// registry.md C.2; longer fields are not looked at, so that no separator costs an allocation.
constexpr std::size_t kChallengeBytes = 16 * kKiB;
constexpr std::size_t kChallenges = 8;
constexpr std::size_t kParameters = 16;
constexpr std::size_t kValueBytes = 4 * kKiB;
constexpr std::size_t kScopes = 3;

bool is_token_char(char c) {
  return is_alnum(c) || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_token68_char(char c) {
  return is_alnum(c) || std::string_view("-._~+/").find(c) != std::string_view::npos;
}

bool is_control(char c) {
  const auto octet = static_cast<unsigned char>(c);
  return (octet < 0x20 && c != '\t') || octet == 0x7f;
}

// Reads one field from left to right. What cannot be read drops the challenge it stands in; the
// reader goes on behind the next comma.
class ChallengeReader {
 public:
  ChallengeReader(std::string_view text, std::vector<Challenge>& found)
      : rest_(text), found_(found) {}

  void read() {
    while (skip_separators()) {
      const std::string_view word = take_token();
      if (word.empty()) {
        spoil();
      } else if (is_parameter()) {
        read_parameter(to_lower(word));
      } else {
        finish();
        begin(to_lower(word));
      }
    }
    finish();
  }

 private:
  static bool is_blank(char c) { return c == ' ' || c == '\t'; }

  void skip_blanks() {
    while (!rest_.empty() && is_blank(rest_.front()))
      rest_.remove_prefix(1);
  }

  // Whether anything is left behind blanks and empty list elements (tolerance T2).
  bool skip_separators() {
    while (!rest_.empty() && (is_blank(rest_.front()) || rest_.front() == ',')) {
      rest_.remove_prefix(1);
    }
    return !rest_.empty();
  }

  std::string_view take(std::size_t count) {
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(taken.size());
    return taken;
  }

  std::string_view take_token() {
    const auto end = std::find_if_not(rest_.begin(), rest_.end(), is_token_char);
    return take(static_cast<std::size_t>(end - rest_.begin()));
  }

  // After a word: "=" makes it a parameter, anything else a scheme.
  bool is_parameter() {
    skip_blanks();
    return !rest_.empty() && rest_.front() == '=';
  }

  void begin(std::string scheme) {
    current_ = Challenge{std::move(scheme), {}};
    good_ = true;
    skip_token68();
  }

  // "Negotiate abc==" carries a token in place of parameters; it is of no use here.
  void skip_token68() {
    auto end = std::find_if_not(rest_.begin(), rest_.end(), is_token68_char);
    if (end == rest_.begin()) return;
    end = std::find_if(end, rest_.end(), [](char c) { return c != '='; });
    const auto behind = std::find_if_not(end, rest_.end(), is_blank);
    if (behind != rest_.end() && *behind != ',') return;
    rest_.remove_prefix(static_cast<std::size_t>(behind - rest_.begin()));
  }

  void read_parameter(std::string name) {
    rest_.remove_prefix(1);
    skip_blanks();
    const bool is_quoted = !rest_.empty() && rest_.front() == '"';
    std::optional<std::string> value = is_quoted ? quoted_value() : loose_value();
    if (!value || !current_ || value->size() > kValueBytes ||
        std::any_of(value->begin(), value->end(), is_control)) {
      return spoil();
    }
    add(std::move(name), std::move(*value));
  }

  // Nothing where the quote has no end or something but a comma follows it.
  std::optional<std::string> quoted_value() {
    std::string value;
    for (std::size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == '"') {
        rest_.remove_prefix(i + 1);
        skip_blanks();
        if (!rest_.empty() && rest_.front() != ',') return std::nullopt;
        return value;
      }
      if (rest_[i] == '\\' && i + 1 < rest_.size()) ++i;
      value += rest_[i];
    }
    rest_ = {};
    return std::nullopt;
  }

  // Tolerance T1: an unquoted value goes on to the comma; zot writes realms so.
  std::string loose_value() {
    return std::string(trim(take(std::min(rest_.find(','), rest_.size()))));
  }

  void add(std::string name, std::string value) {
    if (current_->parameter(name) != nullptr) {
      // Two realms are two readings; of other names the first counts.
      if (name == "realm" || name == "service") good_ = false;
      return;
    }
    current_->parameters.emplace_back(std::move(name), std::move(value));
    if (current_->parameters.size() > kParameters) good_ = false;
  }

  void spoil() {
    good_ = false;
    take(std::min(rest_.find(','), rest_.size()));
  }

  void finish() {
    if (current_ && good_ && found_.size() < kChallenges) found_.push_back(std::move(*current_));
    current_.reset();
  }

  std::string_view rest_;
  std::vector<Challenge>& found_;
  std::optional<Challenge> current_;
  bool good_ = false;
};

std::string text_or_empty(const std::string* text) {
  return text == nullptr ? std::string() : *text;
}

struct Scope {
  std::string_view type;
  std::string_view name;
  std::string_view actions;
};

// type["("class")"]":"name":"actions; the name may hold colons, so type and actions are cut at the
// ends.
std::optional<Scope> parse_scope(std::string_view text) {
  const std::size_t first = text.find(':');
  const std::size_t last = text.rfind(':');
  if (first == std::string_view::npos || first == last) return std::nullopt;
  const std::string_view type = text.substr(0, first);
  return Scope{type.substr(0, type.find('(')), text.substr(first + 1, last - first - 1),
               text.substr(last + 1)};
}

bool names_pull(std::string_view actions) {
  const auto words = split(actions, ',');
  return std::find(words.begin(), words.end(), "pull") != words.end();
}

// The one word that is no triple ("aws"), if it asks for nothing but reading.
bool is_plain_word(std::string_view word) {
  const auto holds = [&](std::string_view part) { return word.find(part) != std::string::npos; };
  return !word.empty() &&
         std::all_of(word.begin(), word.end(),
                     [](char c) { return is_alnum(c) || c == '-' || c == '_' || c == '.'; }) &&
         !holds("push") && !holds("delete");
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (const std::string_view word : split(text.substr(0, kValueBytes), ' ')) {
    if (!word.empty()) words.push_back(word);
  }
  return words;
}

// What a scope is rewritten to: the same repository for pull alone; nothing for all else.
std::optional<std::string> pull_scope_of(std::string_view word) {
  const auto scope = parse_scope(word);
  if (!scope || scope->type != "repository" || !names_pull(scope->actions)) return std::nullopt;
  return cat("repository:", scope->name, ":pull");
}

}  // namespace

const std::string* Challenge::parameter(std::string_view name) const {
  const auto found = std::find_if(parameters.begin(), parameters.end(),
                                  [&](const auto& parameter) { return parameter.first == name; });
  return found == parameters.end() ? nullptr : &found->second;
}

std::vector<Challenge> parse_challenges(const std::vector<std::string_view>& fields) {
  std::vector<Challenge> found;
  for (const std::string_view field : fields) {
    if (field.size() > kChallengeBytes) continue;
    ChallengeReader(field, found).read();
  }
  return found;
}

AuthOffer offer_of(const std::vector<Challenge>& challenges) {
  AuthOffer offer;
  for (const Challenge& challenge : challenges) {
    if (challenge.scheme == "basic") offer.basic = true;
    const std::string realm = text_or_empty(challenge.parameter("realm"));
    if (challenge.scheme != "bearer" || realm.empty()) continue;
    offer.bearer.push_back({realm, text_or_empty(challenge.parameter("service")),
                            text_or_empty(challenge.parameter("scope"))});
  }
  return offer;
}

std::vector<std::string> pull_scopes(std::string_view offered, std::string_view path) {
  const std::string own = cat("repository:", path, ":pull");
  const auto words = words_of(offered);
  if (words.size() == 1 && is_plain_word(words.front())) return {std::string(words.front())};
  std::vector<std::string> scopes = {own};
  for (const std::string_view word : words) {
    auto scope = pull_scope_of(word);
    const bool is_new = scope && std::find(scopes.begin(), scopes.end(), *scope) == scopes.end();
    if (is_new && scopes.size() < kScopes) scopes.push_back(std::move(*scope));
  }
  return scopes;
}

}  // namespace signet
