#pragma once
// YAML, or the JSON of an object -> model, or issues with file, line and column. Unknown and
// duplicate keys, anchors, aliases, tags and merge keys are issues; so is every field that asks for
// what this version cannot do (timestamps, transparency logs, SCTs, attestations): refused with
// that sentence, never half-obeyed.

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/policy/model.hpp"

namespace signet {

struct SourceFile {
  std::string path;  // as messages shall name it
  std::string text;
  // An object of a cluster: `text` is its JSON, and its name is known whatever that says.
  std::optional<ObjectName> object = {};
};

// Something that stands elsewhere and a document names.
struct MaterialRef {
  enum class Kind { file, secret, config_map, url };
  Kind kind = Kind::file;
  std::string name;  // a path, a URL, or the name of an object in the release namespace
  std::string key;   // of the object's data

  friend auto operator<=>(const MaterialRef&, const MaterialRef&) = default;
};

// Reads material; given by the caller, for core/ reads nothing. What stands behind a URL may be
// absent, whatever the reason: it comes later.
using ReadMaterial =
    std::function<Result<Blob>(const std::string& named_in, const MaterialRef& wanted)>;
// The same where there are files alone; `path` is relative to the file that names it.
using ReadFile = std::function<Result<Blob>(const std::string& named_in, const std::string& path)>;
ReadMaterial files_only(ReadFile read_file);

struct Loaded {
  std::vector<std::shared_ptr<const Policy>> policies;  // those with issues as well
  std::vector<std::shared_ptr<const TrustRoot>> trust_roots;
  // SourceFile::path of each policy and of each root, by their index.
  std::vector<std::string> policy_files;
  std::vector<std::string> trust_root_files;
  std::vector<Issue> issues;  // all of them, those of documents without a usable kind included
};

// A TrustRoot that a policy refers to.
struct TrustRootUse {
  std::string name;
  Issue place;  // without `what`
};

// What one source holds; it depends on nothing but that and its material.
struct LoadedSource {
  struct Document {
    std::shared_ptr<const Policy> policy;  // one of both
    std::shared_ptr<const TrustRoot> trust_root;
    Issue place;  // of the name
  };
  std::vector<Document> documents;
  std::vector<TrustRootUse> uses;
  std::vector<Issue> issues;
  std::vector<MaterialRef> material;  // what it named, there or not
};
using SourcePtr = std::shared_ptr<const LoadedSource>;

std::string no_such_trust_root(std::string_view name);

// What a document holds of which nothing is wrong but that material is missing: nothing, so that it
// cannot be obeyed; or all that was read, for people. Its issues refuse it either way.
enum class IncompleteParts { dropped, kept };
SourcePtr load_source(const SourceFile& source, const ReadMaterial& read,
                      IncompleteParts parts = IncompleteParts::dropped);
// What sources are only wrong about together becomes an issue of copies.
Loaded combine(std::span<const SourcePtr> sources);
// Both for every file.
Loaded load_policies(std::span<const SourceFile> files, const ReadFile& read_file);

// The set that decides: sorted, fingerprinted; two documents of one kind and name are an issue of
// both, and so is what is beyond the numbers of security.md SR-59.
PolicySet make_policy_set(Loaded loaded, NoMatch no_match, bool dry_run = false);

}  // namespace signet
