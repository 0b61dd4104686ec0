#include "server/verify/policy_assembly.hpp"

#include <set>

namespace signet {
namespace {

// What single sources are wrong about, and what they are only wrong about together: a name given
// twice, a TrustRoot that is not there.
std::vector<Issue> all_issues(std::vector<Issue> issues, const PolicySet& set) {
  std::set<std::string> known;
  for (const Issue& issue : issues)
    known.insert(issue.str());
  const auto add = [&](const std::vector<Issue>& more) {
    for (const Issue& issue : more) {
      if (known.insert(issue.str()).second) issues.push_back(issue);
    }
  };
  for (const auto& policy : set.policies)
    add(policy->issues);
  for (const auto& [name, root] : set.trust_roots)
    add(root->issues);
  return issues;
}

// What is refused by the set itself does not decide, last good version or not.
std::set<std::string> refused_in(const PolicySet& set) {
  std::set<std::string> names;
  for (const auto& policy : set.policies) {
    if (!policy->issues.empty()) names.insert(policy->display_name());
  }
  return names;
}

}  // namespace

Assembled assemble(std::span<const SourcePtr> sources, const SetRules& rules, LastGood& good) {
  Assembled made;
  Loaded loaded = combine(sources);
  std::vector<Issue> issues = loaded.issues;
  made.kept = good.mend(loaded);
  made.set = std::make_shared<const PolicySet>(
      make_policy_set(std::move(loaded), rules.no_match, rules.dry_run));
  made.issues = all_issues(std::move(issues), *made.set);
  std::erase_if(made.kept, [refused = refused_in(*made.set)](const std::string& name) {
    return refused.contains(name);
  });
  return made;
}

}  // namespace signet
