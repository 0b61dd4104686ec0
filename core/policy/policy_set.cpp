#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "core/policy/fingerprint.hpp"
#include "core/policy/loader.hpp"
#include "core/policy/matcher.hpp"

namespace signet {
namespace {

auto order_of(const Policy& policy) {
  return std::tie(policy.kind, policy.ns, policy.name, policy.fingerprint);
}

bool have_one_name(const Policy& a, const Policy& b) {
  return a.kind == b.kind && a.ns == b.ns && a.name == b.name;
}

Issue same_name(const std::string& name) {
  return {"", 0, 0, "metadata.name", cat("there is more than one ", name, "; keep one")};
}

std::shared_ptr<const Policy> refused_copy(const Policy& policy, Issue issue) {
  Policy refused = policy;
  refused.authorities.clear();
  refused.issues.push_back(std::move(issue));
  refused.fingerprint = fingerprint_of(refused);
  return std::make_shared<const Policy>(std::move(refused));
}

// Where two policies of one name meet, neither is obeyed. The loader says where they stand; sets
// that were put together from several places come here without that.
void refuse_namesakes(std::vector<std::shared_ptr<const Policy>>& policies) {
  std::vector<bool> namesake(policies.size());
  for (std::size_t i = 1; i < policies.size(); ++i) {
    if (have_one_name(*policies[i - 1], *policies[i])) namesake[i - 1] = namesake[i] = true;
  }
  for (std::size_t i = 0; i < policies.size(); ++i) {
    if (!namesake[i] || !policies[i]->issues.empty()) continue;
    policies[i] = refused_copy(*policies[i], same_name(policies[i]->display_name()));
  }
}

// security.md SR-59. The loader says which are beyond the limits; last good versions that stand in
// for some of those come here as well.
void refuse_surplus(std::vector<std::shared_ptr<const Policy>>& policies) {
  std::size_t in_cluster = 0;
  std::map<std::string_view, std::size_t> in_namespace;
  for (auto& policy : policies) {
    if (!policy->issues.empty()) continue;
    const bool cluster = policy->kind == PolicyKind::cluster;
    const std::size_t count = cluster ? ++in_cluster : ++in_namespace[policy->ns];
    if (count <= (cluster ? kPolicies : kPoliciesPerNamespace)) continue;
    policy = refused_copy(*policy, {"", 0, 0, "metadata.name", "is one policy too many"});
  }
}

void add_trust_root(PolicySet& set, std::shared_ptr<const TrustRoot> root) {
  const auto [place, added] = set.trust_roots.emplace(root->name, root);
  if (added) return;
  TrustRoot refused = *place->second;
  refused.trust = {};
  if (refused.issues.empty()) refused.issues.push_back(same_name("TrustRoot/" + refused.name));
  refused.fingerprint = fingerprint_of(refused);
  place->second = std::make_shared<const TrustRoot>(std::move(refused));
}

LabelKeys label_keys_of(const std::vector<std::shared_ptr<const Policy>>& policies) {
  std::set<std::string> of_object;
  std::set<std::string> of_namespace;
  const auto add = [](const std::optional<Selector>& selector, std::set<std::string>& keys) {
    if (!selector) return;
    for (const Selector::Expression& expression : selector->expressions)
      keys.insert(expression.key);
  };
  for (const auto& policy : policies) {
    add(policy->match.object_selector, of_object);
    add(policy->match.namespace_selector, of_namespace);
  }
  of_namespace.emplace(kEnforceLabel);
  of_namespace.erase(std::string(kNamespaceNameLabel));
  return {{of_object.begin(), of_object.end()}, {of_namespace.begin(), of_namespace.end()}};
}

}  // namespace

PolicySet make_policy_set(Loaded loaded, NoMatch no_match, bool dry_run) {
  PolicySet set;
  set.no_match = no_match;
  set.dry_run = dry_run;
  set.policies = std::move(loaded.policies);
  std::sort(set.policies.begin(), set.policies.end(),
            [](const auto& a, const auto& b) { return order_of(*a) < order_of(*b); });
  refuse_namesakes(set.policies);
  refuse_surplus(set.policies);
  for (auto& root : loaded.trust_roots)
    add_trust_root(set, std::move(root));
  set.fingerprint = fingerprint_of(set);
  set.label_keys = label_keys_of(set.policies);
  set.index.emplace(set.policies);
  return set;
}

}  // namespace signet
