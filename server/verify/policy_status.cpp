#include "server/verify/policy_status.hpp"

#include <algorithm>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "core/policy/risks.hpp"

namespace signet {
namespace {

std::string sentences(std::vector<std::string> lines) {
  std::sort(lines.begin(), lines.end());
  lines.erase(std::unique(lines.begin(), lines.end()), lines.end());
  std::string text;
  for (const std::string& line : lines) {
    if (text.size() + line.size() + 1 > kDenialBytes) break;
    text += cat(text.empty() ? "" : "\n", printable(line, kDenialBytes));
  }
  return text.empty() && !lines.empty() ? shortened(lines.front(), kDenialBytes / 2) : text;
}

std::string said(const Issue& issue) {
  return issue.field.empty() ? issue.what : cat(issue.field, ": ", issue.what);
}

PolicyCondition condition(std::string type, bool good, std::string reason, std::string message) {
  return {std::move(type), good ? ConditionStatus::yes : ConditionStatus::no, std::move(reason),
          std::move(message)};
}

// A root that awaits its CRL: where revocation is required it trusts nobody until then.
void add_missing_crls(const TrustRoot& root, std::vector<std::string>& missing) {
  for (const CertificateAuthority& authority : root.trust.authorities) {
    if (authority.crl_urls.empty() || !authority.crls.empty()) continue;
    missing.push_back(cat("no CRL came from ", quoted(authority.crl_urls.front(), 200), " yet"));
  }
}

PolicyCondition readiness(const std::vector<std::string>& wrong,
                          const std::vector<std::string>& missing, bool last_good_decides) {
  if (wrong.empty() && missing.empty()) return condition("Ready", true, "InForce", "it decides");
  std::vector<std::string> lines = wrong;
  lines.insert(lines.end(), missing.begin(), missing.end());
  std::string text = sentences(std::move(lines));
  if (last_good_decides) {
    return condition("Ready", false, "LastGoodDecides",
                     cat("the version before decides, for: ", text));
  }
  return condition("Ready", false, wrong.empty() ? "TrustMaterialMissing" : "Invalid",
                   std::move(text));
}

}  // namespace

bool PolicyObjectStatus::is_ready() const {
  return std::any_of(conditions.begin(), conditions.end(), [](const PolicyCondition& condition) {
    return condition.type == "Ready" && condition.status == ConditionStatus::yes;
  });
}

StatusBook::StatusBook(const Assembled& policies)
    : set_(*policies.set), kept_(policies.kept.begin(), policies.kept.end()) {
  for (const Issue& issue : policies.issues)
    issues_[issue.file].push_back(&issue);
}

// Roots that a policy refers to and that trust nobody; a root's own CRLs.
std::vector<std::string> StatusBook::missing_of(const LoadedSource& source) const {
  std::vector<std::string> missing;
  for (const TrustRootUse& use : source.uses) {
    const auto root = set_.trust_roots.find(use.name);
    if (root == set_.trust_roots.end() || root->second->issues.empty()) continue;
    missing.push_back(cat(use.place.field, ": TrustRoot ", quoted(use.name, 80), " is invalid"));
  }
  for (const auto& document : source.documents) {
    if (document.trust_root) add_missing_crls(*document.trust_root, missing);
  }
  return missing;
}

PolicyObjectStatus StatusBook::status_of(const ObjectName& name, const LoadedSource& source) const {
  PolicyObjectStatus status;
  status.object = name;
  status.last_good_decides = kept_.contains(name.str());
  std::vector<std::string> wrong;
  std::vector<std::string> missing = missing_of(source);
  std::vector<std::string> risks;
  if (const auto issues = issues_.find(name.str()); issues != issues_.end()) {
    for (const Issue* const issue : issues->second)
      (issue->of_material ? missing : wrong).push_back(said(*issue));
  }
  for (const auto& document : source.documents) {
    if (!document.policy) continue;
    status.mode = document.policy->mode;
    for (const Risk& risk : risks_of(*document.policy))
      risks.push_back(risk.str());
  }
  status.conditions.push_back(readiness(wrong, missing, status.last_good_decides));
  if (!wrong.empty()) {
    status.conditions.push_back(condition("Compiled", false, "Invalid", sentences(wrong)));
  } else {
    status.conditions.push_back(
        condition("Compiled", true, risks.empty() ? "Compiled" : "Risky",
                  risks.empty() ? "every field is good" : sentences(risks)));
  }
  const bool there = missing.empty();
  status.conditions.push_back(condition("TrustMaterialAvailable", there,
                                        there ? "Available" : "Missing",
                                        there ? "all that it names is there" : sentences(missing)));
  return status;
}

}  // namespace signet
