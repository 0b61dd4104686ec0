#include "core/policy/loader.hpp"

#include <map>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "core/policy/fingerprint.hpp"
#include "core/policy/load_parts.hpp"
#include "core/policy/yaml.hpp"

namespace signet {
namespace {

// Everything that was read, while whole-set rules may still add issues.
class Drafts {
 public:
  void read(const SourceFile& source, const ReadFile& read_file);
  void check_names();
  void check_numbers();
  void check_trust_roots();
  Loaded take();

 private:
  void keep(LoadedDocument loaded, Document document);
  void fail(const SourceFile& source, const ReadFile& read_file, const YamlProblem& failure);
  static std::string name_of(const LoadedDocument& draft);
  void add_issue(LoadedDocument& draft, std::string what);

  std::vector<LoadedDocument> drafts_;
  std::vector<TrustRootUse> uses_;
  std::vector<Issue> issues_;
};

void Drafts::read(const SourceFile& source, const ReadFile& read_file) {
  const YamlFile yaml = read_yaml(source.text);
  for (const YamlDocument& part : yaml.documents) {
    Document document(source.path, read_file);
    LoadedDocument loaded = load_document(part, document);
    keep(std::move(loaded), std::move(document));
  }
  if (yaml.failure) fail(source, read_file, *yaml.failure);
}

void Drafts::keep(LoadedDocument loaded, Document document) {
  drafts_.push_back(std::move(loaded));
  uses_.insert(uses_.end(), document.uses.begin(), document.uses.end());
  issues_.insert(issues_.end(), document.issues.begin(), document.issues.end());
}

// What lies behind the failure may have been a policy, so the rest of the file denies everything.
void Drafts::fail(const SourceFile& source, const ReadFile& read_file, const YamlProblem& failure) {
  Document document(source.path, read_file);
  document.add(failure.at, failure.field, failure.what);
  LoadedDocument loaded;
  loaded.policy = unreadable_policy(document, failure.at);
  loaded.place = document.issues.front();
  keep(std::move(loaded), std::move(document));
}

std::string Drafts::name_of(const LoadedDocument& draft) {
  return draft.policy ? draft.policy->display_name() : cat("TrustRoot/", draft.trust_root->name);
}

void Drafts::add_issue(LoadedDocument& draft, std::string what) {
  Issue issue = draft.place;
  issue.what = std::move(what);
  issues_.push_back(issue);
  if (draft.policy) {
    draft.policy->issues.push_back(std::move(issue));
    draft.policy->authorities.clear();
  } else {
    draft.trust_root->issues.push_back(std::move(issue));
    draft.trust_root->trust = {};
  }
}

void Drafts::check_names() {
  std::map<std::string, std::vector<std::size_t>> named;
  for (std::size_t i = 0; i < drafts_.size(); ++i)
    named[name_of(drafts_[i])].push_back(i);
  for (const auto& [name, same] : named) {
    if (same.size() == 1) continue;
    for (const std::size_t i : same) {
      const Issue& other = drafts_[i == same[0] ? same[1] : same[0]].place;
      add_issue(drafts_[i], cat(name, " stands here and in ", printable(other.file, 120), ":",
                                std::to_string(other.line), "; keep one"));
    }
  }
}

// security.md SR-59: those beyond the limit are invalid, and deny what they match.
void Drafts::check_numbers() {
  std::size_t count = 0;
  std::map<std::string, std::size_t> in_namespace;
  for (LoadedDocument& draft : drafts_) {
    if (!draft.policy) continue;
    if (++count > kPolicies) {
      add_issue(draft, cat("is beyond the ", std::to_string(kPolicies), " policies that are read"));
    } else if (draft.policy->kind == PolicyKind::namespaced &&
               ++in_namespace[draft.policy->ns] > kPoliciesPerNamespace) {
      add_issue(draft, cat("is beyond the ", std::to_string(kPoliciesPerNamespace),
                           " policies that are read of one namespace"));
    }
  }
}

// A policy without its TrustRoot is itself good: what it matches is refused as trust_root_missing.
void Drafts::check_trust_roots() {
  std::map<std::string, bool, std::less<>> known;
  for (const LoadedDocument& draft : drafts_) {
    if (draft.trust_root) known[draft.trust_root->name] = true;
  }
  for (const TrustRootUse& use : uses_) {
    if (known.contains(use.name)) continue;
    Issue issue = use.place;
    issue.what = cat("there is no TrustRoot ", quoted(use.name, 80), " among the files");
    issues_.push_back(std::move(issue));
  }
}

Loaded Drafts::take() {
  Loaded loaded;
  for (LoadedDocument& draft : drafts_) {
    if (draft.policy) {
      loaded.policy_files.push_back(draft.place.file);
      draft.policy->fingerprint = fingerprint_of(*draft.policy);
      loaded.policies.push_back(std::make_shared<const Policy>(std::move(*draft.policy)));
    } else {
      loaded.trust_root_files.push_back(draft.place.file);
      draft.trust_root->fingerprint = fingerprint_of(*draft.trust_root);
      loaded.trust_roots.push_back(std::make_shared<const TrustRoot>(std::move(*draft.trust_root)));
    }
  }
  loaded.issues = std::move(issues_);
  return loaded;
}

}  // namespace

Loaded load_policies(std::span<const SourceFile> files, const ReadFile& read_file) {
  Drafts drafts;
  for (const SourceFile& file : files)
    drafts.read(file, read_file);
  drafts.check_names();
  drafts.check_numbers();
  drafts.check_trust_roots();
  return drafts.take();
}

}  // namespace signet
