#pragma once
// YAML -> model, or issues with file, line and column. Unknown and duplicate keys, anchors,
// aliases, tags and merge keys are issues; so is every field that asks for what this version cannot
// do (timestamps, transparency logs, SCTs, attestations): refused with that sentence, never
// half-obeyed.

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/policy/model.hpp"

namespace signet {

struct SourceFile {
  std::string path;  // as messages shall name it
  std::string text;
};

struct Loaded {
  std::vector<std::shared_ptr<const Policy>> policies;  // those with issues as well
  std::vector<std::shared_ptr<const TrustRoot>> trust_roots;
  // SourceFile::path of each policy and of each root, by their index.
  std::vector<std::string> policy_files;
  std::vector<std::string> trust_root_files;
  std::vector<Issue> issues;  // all of them, those of documents without a usable kind included
};

// Reads what a `file:` field names, relative to the file that names it; given by the caller, for
// core/ reads no files.
using ReadFile = std::function<Result<Blob>(const std::string& named_in, const std::string& path)>;

Loaded load_policies(std::span<const SourceFile> files, const ReadFile& read_file);

// The set that decides: sorted, fingerprinted; two documents of one kind and name are an issue of
// both.
PolicySet make_policy_set(Loaded loaded, NoMatch no_match);

}  // namespace signet
