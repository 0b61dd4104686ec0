#pragma once
// Policies from files and directories: read, handed to the loader, made one set that decides.

#include <map>
#include <string>
#include <vector>

#include "core/policy/loader.hpp"
#include "server/runtime/files.hpp"
#include "server/verify/policy_assembly.hpp"

namespace signet {

// Every policy file under `paths`: a file as it is; of a directory all *.yaml and *.yml below it
// but *.cases.yaml, in order of name, without entries that begin with a dot (a mounted ConfigMap
// keeps its versions there). Links to files are followed, links to directories are not. Fails with
// policy_invalid and names a path that is missing or unreadable, or a directory without policies.
Result<std::vector<SourceFile>> read_policy_files(const std::vector<std::string>& paths);

// What a policy names in `file:`, relative to the file that names it.
Result<Blob> read_beside(const std::string& named_in, const std::string& path);

using PolicyFiles = Assembled;

// For those who need one: what these paths hold is no policy.
Error no_policies_in(const std::vector<std::string>& paths);

// Reads and loads; fails only where read_policy_files() does.
Result<PolicyFiles> load_policy_files(const std::vector<std::string>& paths, NoMatch no_match);

// The policies of a running service.
class PolicyStore {
 public:
  PolicyStore(std::vector<std::string> paths, SetRules rules)
      : paths_(std::move(paths)), rules_(rules) {}

  // Every file that decides, those that policies name in `file:` included.
  FileStamps look() const;

  struct Reading {
    PolicyFiles files;
    LastGood good;
    std::vector<std::string> beside;  // what policies name in `file:`
    std::vector<SourcePtr> sources;   // what `files` was made of
  };
  // Fails only where read_policy_files() does.
  Result<Reading> read() const;
  // This reading is in force now.
  void remember(Reading reading);

  // The CRLs behind a URL, as crl_refresher.hpp accepted them; the next reading has them.
  void put_crls(const std::string& url, Blob crls) { crls_[url] = std::move(crls); }

 private:
  Result<Blob> crls_of(const std::string& url) const;

  std::vector<std::string> paths_;
  SetRules rules_;
  std::map<std::string, Blob> crls_;
  LastGood good_;
  std::vector<std::string> beside_;
};

}  // namespace signet
