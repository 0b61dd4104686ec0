#include "core/policy/loader.hpp"

#include <map>
#include <set>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "core/policy/fingerprint.hpp"
#include "core/policy/json_nodes.hpp"
#include "core/policy/load_parts.hpp"
#include "core/policy/yaml.hpp"

namespace signet {
namespace {

// ---- one source

class SourceReader {
 public:
  SourceReader(const SourceFile& source, const ReadMaterial& read, IncompleteParts parts)
      : source_(source), read_(read), parts_(parts) {}

  SourcePtr load() {
    const YamlFile yaml = source_.object ? read_json_object(source_.text) : read_yaml(source_.text);
    for (const YamlDocument& part : yaml.documents) {
      Document document(source_.path, read_);
      document.parts = parts_;
      LoadedDocument loaded = load_document(part, document);
      keep(std::move(loaded), std::move(document));
    }
    if (yaml.failure) fail(*yaml.failure);
    return std::make_shared<const LoadedSource>(std::move(made_));
  }

 private:
  // What lies behind the failure may have been a policy, so the rest of the source denies
  // everything.
  void fail(const YamlProblem& failure) {
    Document document(source_.path, read_);
    document.add(failure.at, failure.field, failure.what);
    LoadedDocument loaded;
    loaded.policy = unreadable_policy(document, failure.at);
    loaded.place = document.issues.front();
    keep(std::move(loaded), std::move(document));
  }

  void keep(LoadedDocument loaded, Document document) {
    if (source_.object) give_name(*source_.object, document, loaded);
    LoadedSource::Document kept{nullptr, nullptr, std::move(loaded.place)};
    if (loaded.policy) {
      loaded.policy->fingerprint = fingerprint_of(*loaded.policy);
      kept.policy = std::make_shared<const Policy>(std::move(*loaded.policy));
    } else {
      loaded.trust_root->fingerprint = fingerprint_of(*loaded.trust_root);
      kept.trust_root = std::make_shared<const TrustRoot>(std::move(*loaded.trust_root));
    }
    made_.documents.push_back(std::move(kept));
    made_.uses.insert(made_.uses.end(), document.uses.begin(), document.uses.end());
    made_.issues.insert(made_.issues.end(), document.issues.begin(), document.issues.end());
    made_.material.insert(made_.material.end(), document.material.begin(), document.material.end());
  }

  static bool is_of(PolicyKindName kind, const LoadedDocument& loaded) {
    if (kind == PolicyKindName::trust_root) return loaded.trust_root.has_value();
    const bool namespaced = kind == PolicyKindName::policy;
    return loaded.policy && (loaded.policy->kind == PolicyKind::namespaced) == namespaced;
  }

  // However wrong the text of an object is, it denies no more than its own scope.
  static void give_name(const ObjectName& object, Document& document, LoadedDocument& loaded) {
    if (!is_of(object.kind, loaded)) {
      if (document.issues.empty()) document.add({}, "kind", cat("is not ", name_of(object.kind)));
      const bool root = object.kind == PolicyKindName::trust_root;
      loaded.policy = unreadable_policy(document, {});
      loaded.trust_root.reset();
      if (root) loaded.trust_root = TrustRoot{"", {}, "", document.issues};
    }
    if (loaded.trust_root) {
      loaded.trust_root->name = object.name;
      loaded.policy.reset();
      return;
    }
    const bool namespaced = object.kind == PolicyKindName::policy;
    loaded.policy->kind = namespaced ? PolicyKind::namespaced : PolicyKind::cluster;
    loaded.policy->ns = object.ns;
    loaded.policy->name = object.name;
  }

  const SourceFile& source_;
  const ReadMaterial& read_;
  IncompleteParts parts_;
  LoadedSource made_;
};

// ---- all of them

// What a document is still wrong about when all are seen.
template <class T>
std::shared_ptr<const T> refused(const T& value, const std::vector<Issue>& issues) {
  T copy = value;
  copy.issues.insert(copy.issues.end(), issues.begin(), issues.end());
  if constexpr (std::is_same_v<T, Policy>) {
    copy.authorities.clear();
  } else {
    copy.trust = {};
  }
  copy.fingerprint = fingerprint_of(copy);
  return std::make_shared<const T>(std::move(copy));
}

class Whole {
 public:
  explicit Whole(std::span<const SourcePtr> sources) {
    for (const SourcePtr& source : sources) {
      for (const auto& document : source->documents)
        drafts_.push_back({&document, {}});
      uses_.push_back(&source->uses);
      issues_.insert(issues_.end(), source->issues.begin(), source->issues.end());
    }
  }

  void check_names();
  void check_numbers();
  void check_trust_roots();
  Loaded take();

 private:
  struct Draft {
    const LoadedSource::Document* document;
    std::vector<Issue> issues;
  };

  static std::string name_of(const Draft& draft) {
    const auto& [policy, root, place] = *draft.document;
    return policy ? policy->display_name() : cat("TrustRoot/", root->name);
  }

  void add_issue(Draft& draft, std::string what) {
    Issue issue = draft.document->place;
    issue.what = std::move(what);
    issues_.push_back(issue);
    draft.issues.push_back(std::move(issue));
  }

  std::vector<Draft> drafts_;
  std::vector<const std::vector<TrustRootUse>*> uses_;
  std::vector<Issue> issues_;
};

std::string place_text(const Issue& place) {
  const std::string file = printable(place.file, 120);
  return place.line > 0 ? cat(file, ":", std::to_string(place.line)) : file;
}

void Whole::check_names() {
  std::map<std::string, std::vector<std::size_t>> named;
  for (std::size_t i = 0; i < drafts_.size(); ++i)
    named[name_of(drafts_[i])].push_back(i);
  for (const auto& [name, same] : named) {
    if (same.size() == 1) continue;
    for (const std::size_t i : same) {
      const Issue& other = drafts_[i == same[0] ? same[1] : same[0]].document->place;
      add_issue(drafts_[i], cat(name, " stands here and in ", place_text(other), "; keep one"));
    }
  }
}

// security.md SR-59: those beyond the limit are invalid, and deny what they match.
void Whole::check_numbers() {
  std::size_t count = 0;
  std::map<std::string, std::size_t> in_namespace;
  for (Draft& draft : drafts_) {
    const auto& policy = draft.document->policy;
    if (!policy) continue;
    if (policy->kind == PolicyKind::cluster && ++count > kPolicies) {
      add_issue(draft, cat("is beyond the ", std::to_string(kPolicies),
                           " policies that are read of the whole cluster"));
    } else if (policy->kind == PolicyKind::namespaced &&
               ++in_namespace[policy->ns] > kPoliciesPerNamespace) {
      add_issue(draft, cat("is beyond the ", std::to_string(kPoliciesPerNamespace),
                           " policies that are read of one namespace"));
    }
  }
}

// A policy without its TrustRoot is itself good: what it matches is refused as trust_root_missing.
void Whole::check_trust_roots() {
  std::set<std::string, std::less<>> known;
  for (const Draft& draft : drafts_) {
    if (draft.document->trust_root) known.insert(draft.document->trust_root->name);
  }
  for (const std::vector<TrustRootUse>* const uses : uses_) {
    for (const TrustRootUse& use : *uses) {
      if (known.contains(use.name)) continue;
      Issue issue = use.place;
      issue.what = no_such_trust_root(use.name);
      issue.of_material = true;
      issues_.push_back(std::move(issue));
    }
  }
}

Loaded Whole::take() {
  Loaded loaded;
  for (const auto& [document, issues] : drafts_) {
    const auto& [policy, root, place] = *document;
    if (policy) {
      loaded.policy_files.push_back(place.file);
      loaded.policies.push_back(issues.empty() ? policy : refused(*policy, issues));
    } else {
      loaded.trust_root_files.push_back(place.file);
      loaded.trust_roots.push_back(issues.empty() ? root : refused(*root, issues));
    }
  }
  loaded.issues = std::move(issues_);
  return loaded;
}

}  // namespace

std::string no_such_trust_root(std::string_view name) {
  return cat("there is no TrustRoot ", quoted(name, 80), "; make it, or correct the name");
}

ReadMaterial files_only(ReadFile read_file) {
  return [read_file = std::move(read_file)](const std::string& named_in,
                                            const MaterialRef& wanted) -> Result<Blob> {
    const bool is_file = wanted.kind == MaterialRef::Kind::file;
    if (is_file && read_file) return read_file(named_in, wanted.name);
    return Error(Reason::policy_invalid, is_file ? "no file can be read here; write `pem`"
                                                 : "needs a cluster; write `pem` or `file`");
  };
}

SourcePtr load_source(const SourceFile& source, const ReadMaterial& read, IncompleteParts parts) {
  return SourceReader(source, read, parts).load();
}

Loaded combine(std::span<const SourcePtr> sources) {
  Whole whole(sources);
  whole.check_names();
  whole.check_numbers();
  whole.check_trust_roots();
  return whole.take();
}

Loaded load_policies(std::span<const SourceFile> files, const ReadFile& read_file) {
  const ReadMaterial read = files_only(read_file);
  std::vector<SourcePtr> sources;
  for (const SourceFile& file : files)
    sources.push_back(load_source(file, read));
  return combine(sources);
}

}  // namespace signet
