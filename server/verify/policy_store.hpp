#pragma once
// Policies from files and directories: read, handed to the loader, made one set that decides.

#include <memory>
#include <string>
#include <vector>

#include "core/policy/loader.hpp"
#include "server/runtime/files.hpp"
#include "server/verify/last_good.hpp"

namespace signet {

// Every policy file under `paths`: a file as it is; of a directory all *.yaml and *.yml below it
// but *.cases.yaml, in order of name, without entries that begin with a dot (a mounted ConfigMap
// keeps its versions there). Fails with policy_invalid and names a path that is missing or
// unreadable, or a directory without policies.
Result<std::vector<SourceFile>> read_policy_files(const std::vector<std::string>& paths);

struct PolicyFiles {
  std::shared_ptr<const PolicySet> set;  // complete: what is invalid denies what it would match
  std::vector<Issue> issues;             // of all files, for people
  std::vector<std::string> kept;         // decided by their last good version
};

// Reads and loads; fails only where read_policy_files() does.
Result<PolicyFiles> load_policy_files(const std::vector<std::string>& paths, NoMatch no_match);

// The policies of a running service.
class PolicyStore {
 public:
  PolicyStore(std::vector<std::string> paths, NoMatch no_match)
      : paths_(std::move(paths)), no_match_(no_match) {}

  // Every file that decides, those that policies name in `file:` included.
  FileStamps look() const;

  struct Reading {
    PolicyFiles files;
    LastGood good;
    std::vector<std::string> beside;  // what policies name in `file:`
  };
  // Fails only where read_policy_files() does.
  Result<Reading> read() const;
  // This reading is in force now.
  void remember(Reading reading);

 private:
  std::vector<std::string> paths_;
  NoMatch no_match_;
  LastGood good_;
  std::vector<std::string> beside_;
};

}  // namespace signet
