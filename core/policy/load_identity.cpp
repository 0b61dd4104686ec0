#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "core/policy/load_parts.hpp"

namespace signet {
namespace {

std::string_view cure_of_regexp(std::string_view pattern) {
  if (pattern.starts_with('*')) return "; write `.*` for any text";
  for (const std::string_view look : {"(?=", "(?!", "(?<=", "(?<!"}) {
    if (pattern.find(look) == pattern.npos) continue;
    return "; RE2 does not look ahead or behind: write what may match, each in an identity of its "
           "own";
  }
  return "";
}

// Text of one spelling or a regular expression under another; nothing where neither is there.
std::optional<TextPattern> load_pattern(const Field& rule, std::string_view exact,
                                        std::string_view regexp) {
  const Field text = rule[exact];
  const Field pattern = rule[regexp];
  if (text && pattern) rule.issue(cat("has both ", exact, " and ", regexp, "; keep one"));
  if (text) {
    auto value = text.text();
    if (value && value->size() > kPatternBytes) {
      text.issue(cat("is longer than ", std::to_string(kPatternBytes), " bytes"));
    }
    return value ? std::optional(TextPattern::exact(std::move(*value))) : std::nullopt;
  }
  // An empty pattern has its own message.
  const auto value = pattern.text();
  if (!value) return std::nullopt;
  auto compiled = TextPattern::regexp(*value);
  if (compiled) return std::move(*compiled);
  pattern.issue(cat(compiled.error().what(), cure_of_regexp(*value)));
  return std::nullopt;
}

std::optional<IdentityRule> load_identity(const Field& field) {
  if (!field.is_map_of({"subject", "subjectRegExp", "subjectType", "issuer", "issuerRegExp",
                        "issuerDN", "issuerDNRegExp"})) {
    return std::nullopt;
  }
  auto subject = load_pattern(field, "subject", "subjectRegExp");
  auto issuer = load_pattern(field, "issuer", "issuerRegExp");
  auto issuer_dn = load_pattern(field, "issuerDN", "issuerDNRegExp");
  if (!field["subject"] && !field["subjectRegExp"]) {
    field.issue("needs subject or subjectRegExp: who may sign?");
  }
  if (!field["issuer"] && !field["issuerRegExp"] && !field["issuerDN"] &&
      !field["issuerDNRegExp"]) {
    field.issue(
        "needs issuer or issuerRegExp, or for certificates without an issuer extension issuerDN or "
        "issuerDNRegExp");
  }
  const auto type = field["subjectType"].one_of({"any", "email", "uri", "dns"});
  if (!subject) return std::nullopt;
  return IdentityRule{std::move(*subject), static_cast<SubjectType>(type.value_or(0)),
                      std::move(issuer), std::move(issuer_dn)};
}

}  // namespace

std::vector<IdentityRule> load_identities(const Field& field) {
  std::vector<IdentityRule> rules;
  for (const Field& item : field.items(kPatterns)) {
    if (auto rule = load_identity(item)) rules.push_back(std::move(*rule));
  }
  return rules;
}

}  // namespace signet
