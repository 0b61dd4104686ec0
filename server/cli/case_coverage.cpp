#include "server/cli/case_coverage.hpp"

#include <algorithm>

#include "core/base/text.hpp"
#include "core/policy/yaml.hpp"
#include "server/verify/policy_store.hpp"

namespace signet {
namespace {

// ---- the names of parts

std::string refusal_of(const std::string& policy) {
  return cat(policy, "\nrefuses");
}

std::string part_of(const std::string& policy, const std::string& authority) {
  return cat(policy, "\n", authority);
}

std::string identity_of(const std::string& policy, const std::string& authority, std::size_t i) {
  return cat(part_of(policy, authority), "\nidentity ", std::to_string(i));
}

std::string digest_of(const std::string& policy, const std::string& authority,
                      const std::string& digest) {
  return cat(part_of(policy, authority), "\n", digest);
}

const std::vector<IdentityRule>* identities_of(const Authority& authority) {
  if (const auto* const rule = std::get_if<CertificateRule>(&authority.rule)) {
    return &rule->identities;
  }
  const auto* const rule = std::get_if<DelegateRule>(&authority.rule);
  return rule != nullptr ? &rule->identities : nullptr;
}

bool accepts(const IdentityRule& rule, const SignatureFinding& signature) {
  return rule.subject.matches(signature.subject) &&
         (!rule.issuer || rule.issuer->matches(signature.issuer));
}

// ---- where parts stand

// Walks one document beside the policy that was made of it.
class Places {
 public:
  Places(std::string file, const YamlNode& root, const Policy& policy,
         const std::set<std::string>& tried, CaseCoverage& coverage)
      : file_(std::move(file)), root_(root), policy_(policy), tried_(tried), coverage_(coverage) {}

  void walk() {
    const std::string name = policy_.display_name();
    const YamlNode* const metadata = below(&root_, "metadata");
    look(refusal_of(name), metadata != nullptr ? metadata->at : root_.at, name,
         "no case is refused by it");
    const YamlNode* const list = below(below(&root_, "spec"), "authorities");
    for (std::size_t i = 0; i < policy_.authorities.size(); ++i) {
      if (list == nullptr || i >= list->items.size()) return;
      walk(policy_.authorities[i], list->items[i]);
    }
  }

 private:
  static const YamlNode* below(const YamlNode* node, std::string_view key) {
    const YamlMember* const member = node != nullptr ? node->find(key) : nullptr;
    return member != nullptr ? &member->value : nullptr;
  }

  void look(const std::string& part, YamlPlace at, std::string what, std::string why) {
    ++coverage_.parts;
    if (tried_.contains(part)) return;
    coverage_.untried.push_back(
        Issue{file_, at.line, at.column, std::move(what), std::move(why), false});
  }

  void walk(const Authority& authority, const YamlNode& node) {
    const std::string name = policy_.display_name();
    const std::string what = cat(name, ", authority ", authority.name);
    const auto* const fixed = std::get_if<StaticRule>(&authority.rule);
    if (fixed != nullptr && fixed->action == StaticRule::Action::deny) return;
    look(part_of(name, authority.name), node.at, what, "no case passes by it");
    if (fixed != nullptr) {
      const YamlNode* const digests = below(below(&node, "static"), "digests");
      for (std::size_t i = 0; i < fixed->digests.size(); ++i) {
        const bool known = digests != nullptr && i < digests->items.size();
        const std::string digest = fixed->digests[i].str();
        look(digest_of(name, authority.name, digest), known ? digests->items[i].at : node.at,
             cat(what, ", digest ", digest), "no case has an image of it");
      }
    }
    const std::vector<IdentityRule>* const rules = identities_of(authority);
    if (rules == nullptr) return;
    const YamlNode* list = below(below(&node, "certificate"), "identities");
    if (list == nullptr) list = below(below(&node, "delegate"), "identities");
    for (std::size_t i = 0; i < rules->size(); ++i) {
      const bool known = list != nullptr && i < list->items.size();
      look(identity_of(name, authority.name, i), known ? list->items[i].at : node.at,
           cat(what, ", identity ", printable((*rules)[i].str(), 160)),
           "no case has a signature of it that counts");
    }
  }

  std::string file_;
  const YamlNode& root_;
  const Policy& policy_;
  const std::set<std::string>& tried_;
  CaseCoverage& coverage_;
};

std::string text_of(const YamlNode& node, std::string_view key) {
  const YamlMember* const member = node.find(key);
  return member != nullptr ? member->value.text : std::string();
}

// As Policy::display_name() has it.
std::string display_name(const YamlNode& root) {
  const YamlMember* const metadata = root.find("metadata");
  if (metadata == nullptr) return "";
  const std::string kind = text_of(root, "kind");
  const std::string name = text_of(metadata->value, "name");
  if (kind != "TrustPolicy") return cat(kind, "/", name);
  return cat(kind, "/", text_of(metadata->value, "namespace"), "/", name);
}

}  // namespace

void CoverageBook::count(const PolicySet& policies, const std::vector<std::string>& files,
                         const CaseFound& found) {
  files_.insert(files.begin(), files.end());
  Policies named;
  for (const auto& policy : policies.policies)
    named.emplace(policy->display_name(), policy);
  for (const JudgedImage& image : found.images)
    count(named, *image.verdict);
  policies_.merge(named);
}

void CoverageBook::count(const Policies& policies, const Verdict& verdict) {
  for (const PolicyFinding& finding : verdict.policies) {
    const auto policy = policies.find(finding.name);
    if (policy == policies.end()) continue;
    if (finding.outcome != Outcome::pass) tried_.insert(refusal_of(finding.name));
    for (const AuthorityFinding& authority : finding.authorities)
      count(*policy->second, authority, verdict);
  }
}

void CoverageBook::count(const Policy& policy, const AuthorityFinding& finding,
                         const Verdict& verdict) {
  const auto authority =
      std::find_if(policy.authorities.begin(), policy.authorities.end(),
                   [&](const Authority& one) { return one.name == finding.name; });
  if (finding.outcome != Outcome::pass || authority == policy.authorities.end()) return;
  const std::string name = policy.display_name();
  tried_.insert(part_of(name, authority->name));
  if (verdict.digest) tried_.insert(digest_of(name, authority->name, verdict.digest->str()));
  const std::vector<IdentityRule>* const rules = identities_of(*authority);
  if (rules == nullptr) return;
  for (std::size_t i = 0; i < rules->size(); ++i) {
    const bool hit = std::any_of(finding.signatures.begin(), finding.signatures.end(),
                                 [&](const SignatureFinding& signature) {
                                   return signature.counted && accepts((*rules)[i], signature);
                                 });
    if (hit) tried_.insert(identity_of(name, authority->name, i));
  }
}

Result<CaseCoverage> CoverageBook::coverage() const {
  CaseCoverage coverage;
  const auto sources = read_policy_files({files_.begin(), files_.end()});
  if (!sources) return sources.error();
  for (const SourceFile& source : *sources) {
    const YamlFile yaml = read_yaml(source.text);
    for (const YamlDocument& document : yaml.documents) {
      const auto policy = policies_.find(display_name(document.root));
      if (policy == policies_.end()) continue;
      Places(source.path, document.root, *policy->second, tried_, coverage).walk();
    }
  }
  return coverage;
}

}  // namespace signet
