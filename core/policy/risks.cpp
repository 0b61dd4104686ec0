#include "core/policy/risks.hpp"

#include "core/base/text.hpp"

namespace signet {
namespace {

bool accepts_all(const std::optional<TextPattern>& pattern) {
  return pattern && pattern->is_regexp() && (pattern->text() == ".*" || pattern->text() == ".+");
}

bool accepts_anybody(const IdentityRule& rule) {
  const bool any_issuer = accepts_all(rule.issuer) || accepts_all(rule.issuer_dn);
  return accepts_all(rule.subject) && any_issuer;
}

const std::vector<IdentityRule>* identities_of(const Authority& authority) {
  if (const auto* const rule = std::get_if<CertificateRule>(&authority.rule)) {
    return &rule->identities;
  }
  const auto* const rule = std::get_if<DelegateRule>(&authority.rule);
  return rule ? &rule->identities : nullptr;
}

}  // namespace

std::vector<std::string> risks_of(const Policy& policy) {
  std::vector<std::string> risks;
  for (std::size_t i = 0; i < policy.authorities.size(); ++i) {
    const auto* const identities = identities_of(policy.authorities[i]);
    if (identities == nullptr) continue;
    for (std::size_t j = 0; j < identities->size(); ++j) {
      if (!accepts_anybody((*identities)[j])) continue;
      risks.push_back(cat("spec.authorities[", std::to_string(i), "] identities[",
                          std::to_string(j),
                          "]: accepts every subject of every issuer that the "
                          "roots certify"));
    }
  }
  return risks;
}

}  // namespace signet
