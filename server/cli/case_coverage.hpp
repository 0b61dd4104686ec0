#pragma once
// Which parts of policies the cases of a run tried: an authority, an identity or a digest is tried
// once an image passes by it, a policy once it also stops one.

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "server/cli/case_results.hpp"

namespace signet {

class CoverageBook {
 public:
  // The policies of a case that ran, from these files.
  void count(const PolicySet& policies, const std::vector<std::string>& files,
             const CaseFound& found);
  // Fails where a file cannot be read any more.
  Result<CaseCoverage> coverage() const;

 private:
  using Policies = std::map<std::string, std::shared_ptr<const Policy>>;  // by display name

  void count(const Policies& policies, const Verdict& verdict);
  void count(const Policy& policy, const AuthorityFinding& finding, const Verdict& verdict);

  std::set<std::string> files_;
  Policies policies_;
  std::set<std::string> tried_;
};

}  // namespace signet
