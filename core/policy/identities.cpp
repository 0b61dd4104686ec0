#include "core/policy/identities.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <vector>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"

namespace signet {
namespace {

constexpr std::size_t kRulesShown = 3;

// Where a group sets the flag s or m, which change what `.` and `$` mean; npos where none does.
// Escapes, quoted runs and character classes hold no groups.
std::size_t refused_flag(std::string_view pattern) {
  bool in_class = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern.substr(i, 2) == "\\Q" && !in_class) {
      const std::size_t end = pattern.find("\\E", i + 2);
      if (end == std::string_view::npos) return end;
      i = end + 1;
    } else if (pattern[i] == '\\') {
      ++i;
    } else if (in_class && pattern.substr(i, 2) == "[:" && pattern.find(":]", i) != pattern.npos) {
      i = pattern.find(":]", i) + 1;
    } else if (in_class) {
      in_class = pattern[i] != ']';
    } else if (pattern[i] == '[') {
      in_class = true;
      if (pattern.substr(i + 1, 1) == "^") ++i;
      if (pattern.substr(i + 1, 1) == "]") ++i;
    } else if (pattern.substr(i, 2) == "(?") {
      const std::string_view flags = pattern.substr(i + 2, pattern.find_first_of(":)<", i) - i - 2);
      if (flags.find_first_of("sm") != std::string_view::npos) return i;
    }
  }
  return std::string_view::npos;
}

Error bad_regexp(std::string_view pattern, std::size_t at, std::string_view why) {
  const std::string place =
      at == std::string_view::npos ? "" : cat(" at character ", std::to_string(at + 1));
  return malformed(cat("regular expression ", quoted(pattern, 120), place, ": ", why));
}

std::optional<NameType> wanted_type(SubjectType type) {
  switch (type) {
    case SubjectType::email:
      return NameType::email;
    case SubjectType::uri:
      return NameType::uri;
    case SubjectType::dns:
      return NameType::dns;
    case SubjectType::any:
      return std::nullopt;
  }
  return std::nullopt;
}

std::string_view name_of_type(SubjectType type) {
  const auto wanted = wanted_type(type);
  if (!wanted) return "";
  return *wanted == NameType::email ? " (email)" : *wanted == NameType::uri ? " (uri)" : " (dns)";
}

const SubjectName* matching_subject(const IdentityRule& rule, const Identity& identity) {
  const auto type = wanted_type(rule.subject_type);
  const auto found = std::find_if(
      identity.subjects.begin(), identity.subjects.end(), [&](const SubjectName& name) {
        return (!type || name.type == *type) && rule.subject.matches(name.value);
      });
  return found == identity.subjects.end() ? nullptr : &*found;
}

// Why the issuer of `identity` does not satisfy `rule`; nothing where it does (policy.md 10).
std::optional<std::string> issuer_miss(const IdentityRule& rule, const Identity& identity,
                                       const Path& path) {
  if (!rule.issuer && !rule.issuer_dn) return "the rule names no issuer";
  if (rule.issuer && !identity.issuer) {
    return "the certificate names no issuer (no extension 1.3.6.1.4.1.57264.1.8 or .1.1)";
  }
  if (rule.issuer && !rule.issuer->matches(*identity.issuer)) {
    return cat("its issuer is ", quoted(*identity.issuer));
  }
  if (!rule.issuer_dn) return std::nullopt;
  if (!rule.issuer_dn->matches(identity.issuer_dn)) {
    return cat("its issuer DN is ", quoted(identity.issuer_dn));
  }
  if (!path.issuer_configured) {
    return "its issuer DN counts only where the certificate that issued it is configured";
  }
  return std::nullopt;
}

std::string wanted_text(std::span<const IdentityRule> rules) {
  std::vector<std::string> shown;
  for (const IdentityRule& rule : rules.first(std::min(rules.size(), kRulesShown))) {
    shown.push_back(rule.str());
  }
  std::string text = join(shown, "; or ");
  if (rules.size() > kRulesShown) {
    text += cat("; or one of ", std::to_string(rules.size() - kRulesShown), " more");
  }
  return text;
}

}  // namespace

TextPattern::TextPattern(std::string text, std::shared_ptr<const re2::RE2> program)
    : text_(std::move(text)), program_(std::move(program)) {}

TextPattern TextPattern::exact(std::string text) {
  return {std::move(text), nullptr};
}

Result<TextPattern> TextPattern::regexp(std::string_view pattern) {
  if (pattern.empty()) return malformed("the regular expression is empty; `.*` matches any value");
  if (pattern.size() > kPatternBytes) {
    return too_large(cat("regular expression ", quoted(pattern, 60), " is longer than ",
                         std::to_string(kPatternBytes), " bytes"));
  }
  if (const std::size_t at = refused_flag(pattern); at != std::string_view::npos) {
    return bad_regexp(pattern, at, "the flags s and m are not allowed; the whole value must match");
  }
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(static_cast<std::int64_t>(kRegexMemory));
  auto program =
      std::make_shared<const re2::RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
  if (!program->ok()) {
    const std::string& spot = program->error_arg();
    const std::size_t at = spot.empty() ? std::string_view::npos : pattern.find(spot);
    return bad_regexp(pattern, at, printable(program->error()));
  }
  return TextPattern(std::string(pattern), std::move(program));
}

std::size_t TextPattern::program_size() const {
  return program_ ? static_cast<std::size_t>(program_->ProgramSize()) : 0;
}

// An absent value never matches, `.*` included, and neither does one with a NUL (policy.md 8, 9).
bool TextPattern::matches(std::string_view value) const {
  if (value.empty() || value.find('\0') != std::string_view::npos) return false;
  if (!program_) return value == text_;
  return re2::RE2::FullMatch(re2::StringPiece(value.data(), value.size()), *program_);
}

std::string TextPattern::str() const {
  return program_ ? cat("~ ", printable(text_)) : quoted(text_);
}

std::string IdentityRule::str() const {
  std::string text = cat("subject", name_of_type(subject_type), " ", subject.str());
  if (issuer) text += cat(", issuer ", issuer->str());
  if (issuer_dn) text += cat(", issuer DN ", issuer_dn->str());
  return text;
}

Result<std::string> match_identity(std::span<const IdentityRule> rules, const Identity& identity,
                                   const Path& path) {
  std::optional<std::string> nearest;
  for (const IdentityRule& rule : rules) {
    const SubjectName* const subject = matching_subject(rule, identity);
    if (!subject) continue;
    const auto miss = issuer_miss(rule, identity, path);
    if (!miss) return printable(subject->value);
    if (!nearest) {
      nearest =
          cat("found subject ", quoted(subject->value), ", but ", *miss, "; wanted ", rule.str());
    }
  }
  if (nearest) return Error(Reason::issuer_mismatch, std::move(*nearest));
  if (rules.empty()) return Error(Reason::identity_mismatch, "no identity is configured");
  return Error(Reason::identity_mismatch,
               cat("found ", identity.str(), "; wanted ", wanted_text(rules)));
}

}  // namespace signet
