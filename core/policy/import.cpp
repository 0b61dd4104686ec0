#include "core/policy/import.hpp"

#include <algorithm>
#include <array>

#include "core/base/text.hpp"
#include "core/policy/import_parts.hpp"

namespace signet {
namespace {

struct PeerKind {
  std::string_view group;
  std::string_view versions;  // separated by spaces
  std::string_view kind;
  void (*convert)(const PeerField& root, ImportWork& work);
};

constexpr std::array kPeerKinds = {
    PeerKind{"policy.sigstore.dev", "v1alpha1", "TrustRoot", import_trust_root},
    PeerKind{"policy.sigstore.dev", "v1beta1 v1alpha1", "ClusterImagePolicy",
             import_cluster_image_policy},
    PeerKind{"policies.kyverno.io", "v1 v1beta1 v1alpha1", "ImageValidatingPolicy",
             import_image_validating_policy},
    PeerKind{"policies.kyverno.io", "v1 v1beta1 v1alpha1", "NamespacedImageValidatingPolicy",
             import_image_validating_policy},
    PeerKind{"kyverno.io", "v1 v2beta1", "ClusterPolicy", import_verify_images},
    PeerKind{"kyverno.io", "v1 v2beta1", "Policy", import_verify_images},
    PeerKind{"config.openshift.io", "v1 v1alpha1", "ClusterImagePolicy", import_openshift_policy},
    PeerKind{"config.openshift.io", "v1 v1alpha1", "ImagePolicy", import_openshift_policy},
};

constexpr std::string_view kKnown =
    "ClusterImagePolicy and TrustRoot of policy.sigstore.dev, ClusterPolicy and Policy of "
    "kyverno.io, ImageValidatingPolicy of policies.kyverno.io, ClusterImagePolicy and ImagePolicy "
    "of config.openshift.io";

// One object of the input, and what it is.
struct PeerDocument {
  PeerField root;
  const PeerKind* kind;  // null: not a peer's policy
};

const PeerKind* kind_of_document(const PeerField& root) {
  const std::string version = root["apiVersion"].text();
  const std::string kind = root["kind"].text();
  const std::size_t slash = version.find('/');
  if (slash == std::string::npos) return nullptr;
  const auto found = std::find_if(kPeerKinds.begin(), kPeerKinds.end(), [&](const PeerKind& each) {
    const auto versions = split(each.versions, ' ');
    return each.group == std::string_view(version).substr(0, slash) && each.kind == kind &&
           std::find(versions.begin(), versions.end(), version.substr(slash + 1)) != versions.end();
  });
  return found == kPeerKinds.end() ? nullptr : &*found;
}

// What `kubectl get` prints is a list.
void collect(const PeerField& root, std::vector<PeerDocument>& documents) {
  if (root["kind"].text().ends_with("List")) {
    for (const PeerField& item : root["items"].items())
      collect(item, documents);
    root["items"].done();
  } else {
    documents.push_back({root, kind_of_document(root)});
  }
}

Error unusable(const std::vector<Issue>& issues) {
  std::vector<std::string> lines;
  for (const Issue& issue : issues)
    lines.push_back(issue.str());
  return {Reason::policy_invalid, join(lines, "\n")};
}

class Import {
 public:
  Import(const SourceFile& input, const ImportOptions& options) : work_{options} {
    report_.file = input.path;
    file_ = read_yaml(input.text);
  }

  Result<Imported> run();

 private:
  std::vector<Issue> problems() const;
  void convert();
  // Everything must load: what does not is left out.
  void check();
  template <class Draft>
  void check_draft(Draft& draft, const SourcePtr& beside);
  std::string written() const;

  ImportReport report_;
  YamlFile file_;
  ImportWork work_;
};

std::vector<Issue> Import::problems() const {
  std::vector<Issue> issues;
  const auto add = [&](const YamlProblem& problem) {
    issues.push_back(
        {report_.file, problem.at.line, problem.at.column, problem.field, problem.what});
  };
  if (file_.failure) add(*file_.failure);
  for (const YamlDocument& document : file_.documents) {
    std::for_each(document.problems.begin(), document.problems.end(), add);
    const YamlNode& root = document.root;
    if (root.kind != YamlNode::Kind::map) add({root.at, "", "is not an object of Kubernetes"});
  }
  return issues;
}

void Import::convert() {
  std::vector<PeerDocument> documents;
  for (const YamlDocument& document : file_.documents)
    collect(PeerField(report_, document.root), documents);
  // Policies name TrustRoots.
  std::stable_partition(documents.begin(), documents.end(), [](const PeerDocument& document) {
    return document.kind && document.kind->convert == import_trust_root;
  });
  for (const PeerDocument& document : documents) {
    if (document.kind) {
      document.kind->convert(document.root, work_);
      continue;
    }
    const PeerField kind = document.root["kind"];
    kind.loss(work_.drafts.head,
              cat(quoted(cat(document.root["apiVersion"].text(), " ", kind.text()), 120),
                  " is no policy that import knows, skipped"));
  }
}

SourcePtr loaded(const std::string& text) {
  return load_source(SourceFile{"output", text}, files_only({}));
}

template <class Draft>
void Import::check_draft(Draft& draft, const SourcePtr& beside) {
  const std::array<SourcePtr, 2> sources = {beside, loaded(write_draft(draft))};
  const std::vector<Issue> issues = combine(sources).issues;
  for (const Issue& issue : issues) {
    draft.left_out = true;
    draft.comments.push_back(
        cat("not carried over: ", issue.field, ": ", issue.what, " (it is left out)"));
    ImportRemark remark{true, draft.origin};
    remark.issue.what = cat("the result cannot be used: ", issue.field, ": ", issue.what);
    report_.remarks.push_back(std::move(remark));
  }
}

void Import::check() {
  std::string roots;
  for (DraftTrustRoot& root : work_.drafts.trust_roots) {
    if (!root.left_out) check_draft(root, loaded(""));
    if (!root.left_out) roots += cat(write_draft(root), "---\n");
  }
  const SourcePtr good_roots = loaded(roots);
  for (DraftPolicy& policy : work_.drafts.policies) {
    if (!is_left_out(policy)) check_draft(policy, good_roots);
  }
  std::set<int> broken;
  for (const DraftPolicy& policy : work_.drafts.policies) {
    if (is_left_out(policy)) broken.insert(policy.group);
  }
  for (DraftPolicy& policy : work_.drafts.policies) {
    if (policy.group == 0 || is_left_out(policy) || !broken.contains(policy.group)) continue;
    policy.left_out = true;
    policy.comments.push_back(
        "Left out as well: it must pass together with one that could not be carried over.");
  }
}

std::string Import::written() const {
  std::vector<std::string> parts;
  for (const DraftTrustRoot& root : work_.drafts.trust_roots)
    parts.push_back(write_draft(root));
  for (const DraftPolicy& policy : work_.drafts.policies)
    parts.push_back(write_draft(policy));
  ImportComments head = {cat("Made by `signet policy import` from ", report_.file, ".")};
  head.insert(head.end(), work_.drafts.head.begin(), work_.drafts.head.end());
  return cat(write_comments(head, 0), "---\n", join(parts, "---\n"));
}

Result<Imported> Import::run() {
  std::vector<Issue> issues = problems();
  if (!issues.empty()) return unusable(issues);
  convert();
  if (!report_.errors.empty()) return unusable(report_.errors);
  if (work_.drafts.policies.empty() && work_.drafts.trust_roots.empty()) {
    return Error(
        Reason::policy_invalid,
        cat(printable(report_.file), ": holds no policy that import knows; it reads ", kKnown));
  }
  check();
  Imported imported{written(), std::move(report_.remarks)};
  const SourcePtr output = loaded(imported.text);
  issues = combine(std::span(&output, 1)).issues;
  if (!issues.empty()) return unusable(issues);
  return imported;
}

}  // namespace

bool Imported::complete() const {
  return std::none_of(remarks.begin(), remarks.end(),
                      [](const ImportRemark& remark) { return remark.loss; });
}

Result<Imported> import_policies(const SourceFile& input, const ImportOptions& options) {
  return Import(input, options).run();
}

}  // namespace signet
