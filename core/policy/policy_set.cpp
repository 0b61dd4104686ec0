#include <algorithm>
#include <tuple>

#include "core/base/text.hpp"
#include "core/policy/fingerprint.hpp"
#include "core/policy/loader.hpp"

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

// Where two policies of one name meet, neither is obeyed. The loader says where they stand; sets
// that were put together from several places come here without that.
void refuse_namesakes(std::vector<std::shared_ptr<const Policy>>& policies) {
  std::vector<bool> namesake(policies.size());
  for (std::size_t i = 1; i < policies.size(); ++i) {
    if (have_one_name(*policies[i - 1], *policies[i])) namesake[i - 1] = namesake[i] = true;
  }
  for (std::size_t i = 0; i < policies.size(); ++i) {
    if (!namesake[i] || !policies[i]->issues.empty()) continue;
    Policy refused = *policies[i];
    refused.authorities.clear();
    refused.issues.push_back(same_name(refused.display_name()));
    refused.fingerprint = fingerprint_of(refused);
    policies[i] = std::make_shared<const Policy>(std::move(refused));
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

}  // namespace

PolicySet make_policy_set(Loaded loaded, NoMatch no_match) {
  PolicySet set;
  set.no_match = no_match;
  set.policies = std::move(loaded.policies);
  std::sort(set.policies.begin(), set.policies.end(),
            [](const auto& a, const auto& b) { return order_of(*a) < order_of(*b); });
  refuse_namesakes(set.policies);
  for (auto& root : loaded.trust_roots)
    add_trust_root(set, std::move(root));
  set.fingerprint = fingerprint_of(set);
  return set;
}

}  // namespace signet
