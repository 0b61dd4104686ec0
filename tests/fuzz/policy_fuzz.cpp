// Feeds policy files to the loader: whatever they say, issues have a place and are printable, and
// what has issues is closed.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "core/policy/loader.hpp"
#include "core/policy/plan.hpp"

namespace {

using namespace signet;

void expect(bool holds) {
  if (!holds) std::abort();
}

void check_issue(const Issue& issue, int lines) {
  expect(issue.line >= 0 && issue.line <= lines && issue.column >= 0);
  expect((issue.line == 0) == (issue.column == 0));
  const std::string text = issue.str();
  expect(std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; }));
}

void check_policy(const Policy& policy) {
  expect(policy.issues.empty() != policy.authorities.empty());
  expect(!policy.match.images.empty() && !policy.name.empty());
  expect(policy.issues.empty() || policy.on_error == ErrorAction::deny);
  expect(policy.threshold >= 1);
  expect(policy.issues.empty() == false || policy.threshold <= policy.authorities.size());
}

// What the index of a set finds is what asking every policy finds.
void check_plans(const PolicySet& set) {
  const auto indexed = std::make_shared<const PolicySet>(set);
  const auto walked = std::make_shared<PolicySet>(set);
  walked->index.reset();
  for (const char* const ns : {"", "shop", "team-a"}) {
    for (const char* const text :
         {"nginx", "quay.io/example/app:1", "r.example.org:5000/a/b/c/d/e"}) {
      const auto image = Reference::parse(text);
      const Workload workload{ns, std::nullopt, {{"app", "web"}}};
      const Plan found = plan_for(indexed, workload, *image);
      const Plan asked = plan_for(walked, workload, *image);
      expect(found.cluster == asked.cluster && found.namespaced == asked.namespaced &&
             found.undecided == asked.undecided && found.places == asked.places);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const SourceFile file{"policy.yaml", {reinterpret_cast<const char*>(data), size}};
  const int lines =
      2 + static_cast<int>(std::count_if(file.text.begin(), file.text.end(),
                                         [](char c) { return c == '\n' || c == '\r'; }));
  // A file holds what its name says.
  const ReadFile reader = [](const std::string&, const std::string& path) -> Result<Blob> {
    return path;
  };

  const Loaded loaded = load_policies(std::span(&file, 1), reader);
  for (const Issue& issue : loaded.issues)
    check_issue(issue, lines);
  for (const auto& policy : loaded.policies)
    check_policy(*policy);
  for (const auto& root : loaded.trust_roots) {
    expect(root->issues.empty() != root->trust.authorities.empty());
  }
  const PolicySet set = make_policy_set(loaded, NoMatch::deny);
  expect(set.policies.size() == loaded.policies.size());
  check_plans(set);
  const Loaded again = load_policies(std::span(&file, 1), reader);
  expect(make_policy_set(again, NoMatch::deny).fingerprint == set.fingerprint);
  return 0;
}
