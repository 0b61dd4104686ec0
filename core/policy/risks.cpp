#include "core/policy/risks.hpp"

#include "core/base/text.hpp"
#include "core/policy/lint_rules.hpp"
#include "core/policy/pattern_risks.hpp"

namespace signet {
namespace {

class IdentityRisks {
 public:
  explicit IdentityRisks(std::size_t most) : most_(most) {}

  void add(const Policy& policy) {
    for (std::size_t i = 0; i < policy.authorities.size(); ++i) {
      const std::string authority = cat("spec.authorities[", std::to_string(i), "].");
      const auto& rule = policy.authorities[i].rule;
      if (const auto* const certificate = std::get_if<CertificateRule>(&rule)) {
        add(certificate->identities, cat(authority, "certificate.identities"));
      } else if (const auto* const delegate = std::get_if<DelegateRule>(&rule)) {
        add(delegate->identities, cat(authority, "delegate.identities"));
      }
    }
  }

  std::vector<Risk> take() {
    if (risks_.size() > most_) risks_.resize(most_);
    return std::move(risks_);
  }

 private:
  void add(const std::vector<IdentityRule>& rules, const std::string& field) {
    for (std::size_t i = 0; i < rules.size(); ++i)
      add(rules[i], cat(field, "[", std::to_string(i), "]"));
  }

  void add(const IdentityRule& rule, const std::string& field) {
    if (risks_.size() >= most_) return;
    const bool any_issuer = (!rule.issuer || accepts_all(*rule.issuer)) &&
                            (!rule.issuer_dn || accepts_all(*rule.issuer_dn));
    if (accepts_all(rule.subject) && any_issuer) {
      risks_.push_back(
          {"anybody", field, "accepts every subject of every issuer that the roots certify", ""});
      return;
    }
    add(subject_risks(rule.subject, rule.subject_type, work_), field, "subject", rule.subject);
    if (rule.issuer) add(issuer_risks(*rule.issuer, work_), field, "issuer", *rule.issuer);
  }

  void add(std::vector<PatternRisk> found, const std::string& field, std::string_view name,
           const TextPattern& pattern) {
    for (PatternRisk& risk : found)
      risks_.push_back({risk.rule, cat(field, ".", name, pattern.is_regexp() ? "RegExp" : ""),
                        std::move(risk.why), std::move(risk.instead)});
  }

  std::size_t most_;
  PatternWork work_{kPolicyWork};
  std::vector<Risk> risks_;
};

}  // namespace

std::string Risk::str() const {
  const LintRule* const known = find_lint_rule(rule);
  const std::string_view own = known ? known->instead : std::string_view();
  return cat(field, ": ", why, "; ", instead.empty() ? own : std::string_view(instead));
}

std::vector<Risk> risks_of(const Policy& policy, std::size_t most) {
  IdentityRisks risks(most);
  risks.add(policy);
  return risks.take();
}

}  // namespace signet
