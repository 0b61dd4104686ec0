#pragma once
// Runs cases by the code that decides in the cluster: the review goes to the webhook's hooks, over
// a verifier of its own that has recorded evidence for its only source. Each case is a replica that
// has just started.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "server/cli/case_results.hpp"
#include "server/registry/recorded.hpp"
#include "server/runtime/config.hpp"
#include "server/web/webhook.hpp"

namespace signet {

class CaseRunner {
 public:
  CaseRunner();

  // Reads what the case names, once for all cases that name the same. Fails with policy_invalid.
  Result<void> prepare(const PolicyCase& one);
  // The same with evidence that no file holds yet.
  Result<void> prepare_with(const PolicyCase& one, Recording evidence);
  // Of a case that was prepared.
  CaseFound run(const PolicyCase& one);

  std::shared_ptr<const PolicySet> policies_of(const PolicyCase& one) const;

 private:
  using Key = std::vector<std::string>;

  Result<void> read_policies(const PolicyCase& one);
  Result<void> read_evidence(const PolicyCase& one);

  std::map<Key, std::shared_ptr<const PolicySet>> policies_;
  std::map<Key, std::shared_ptr<const Recording>> evidence_;
  Metrics metrics_{TimePoint{}};
  Log log_;
};

std::vector<std::string> policy_files_of(const PolicyCase& one);

}  // namespace signet
