#pragma once
// Policies from files and directories: read, handed to the loader, made one set that decides.

#include <memory>
#include <string>
#include <vector>

#include "core/policy/loader.hpp"

namespace signet {

// Every policy file under `paths`: a file as it is; of a directory all *.yaml and *.yml below it
// but *.cases.yaml, in order of name, without entries that begin with a dot (a mounted ConfigMap
// keeps its versions there). Fails with policy_invalid and names a path that is missing or
// unreadable, or a directory without policies.
Result<std::vector<SourceFile>> read_policy_files(const std::vector<std::string>& paths);

struct PolicyFiles {
  std::shared_ptr<const PolicySet> set;  // complete: what is invalid denies what it would match
  std::vector<Issue> issues;             // of all files, for people
};

// Reads and loads; fails only where read_policy_files() does.
Result<PolicyFiles> load_policy_files(const std::vector<std::string>& paths, NoMatch no_match);

}  // namespace signet
