#include "core/admission/policy_review.hpp"

#include <nlohmann/json.hpp>

#include "core/admission/response.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/policy/loader.hpp"
#include "core/policy/risks.hpp"

namespace signet {
namespace {

constexpr std::string_view kGroup = "signet.dev";

std::optional<PolicyKindName> kind_named(std::string_view word) {
  for (const auto kind :
       {PolicyKindName::trust_root, PolicyKindName::cluster_policy, PolicyKindName::policy}) {
    if (name_of(kind) == word) return kind;
  }
  return std::nullopt;
}

// Secrets, ConfigMaps and CRLs may come later than what names them, and say so in its status.
Result<Blob> nothing_yet(const std::string&, const MaterialRef& wanted) {
  if (wanted.kind != MaterialRef::Kind::file) {
    return Error(Reason::config_not_ready, "is not read here");
  }
  return Error(Reason::policy_invalid,
               "is for files of a policy directory; write `pem`, `secretRef` or `configMapRef`");
}

Decision refused(std::string message) {
  Decision decision;
  decision.reason = Reason::policy_invalid;
  decision.message = shortened(std::move(message), kDenialBytes);
  return decision;
}

std::vector<Issue> issues_of(const LoadedSource& source) {
  std::vector<Issue> issues;
  for (const Issue& issue : source.issues) {
    if (!issue.of_material) issues.push_back(issue);
  }
  return issues;
}

// A TrustRoot may come later, or be on its way: whoever applies both at once is not refused.
std::vector<std::string> warnings_of(const LoadedSource& source, const PolicySet* policies) {
  std::vector<std::string> warnings;
  for (const TrustRootUse& use : source.uses) {
    if (policies == nullptr || policies->trust_roots.contains(use.name)) continue;
    warnings.push_back(cat(printable(use.place.field), ": ", no_such_trust_root(use.name)));
  }
  for (const auto& document : source.documents) {
    if (!document.policy) continue;
    for (const Risk& risk : risks_of(*document.policy, kWarnings))
      warnings.push_back(risk.str());
  }
  if (warnings.size() > kWarnings) warnings.resize(kWarnings);
  for (std::string& warning : warnings)
    warning = shortened(std::move(warning), kWarningBytes);
  return warnings;
}

Decision denial(const ObjectName& object, const std::vector<Issue>& issues) {
  std::string message = cat(printable(object.str(), 400), " is invalid:");
  std::vector<Cause> causes;
  for (const Issue& issue : issues) {
    Cause cause{printable(issue.field, 256), printable(issue.what, 512)};
    const std::string line = cat("\n", cause.field, cause.field.empty() ? "" : ": ", cause.message);
    if (message.size() + line.size() <= kDenialBytes) message += line;
    if (causes.size() < kCauses) causes.push_back(std::move(cause));
  }
  Decision decision = refused(std::move(message));
  decision.causes = std::move(causes);
  return decision;
}

Decision judge(const Json& request, const Review& review, const PolicySet* policies) {
  Decision allowed;
  allowed.allowed = true;
  const std::string operation = text_or_empty(request, "operation");
  if (operation == "DELETE" || review.subresource == "status") return allowed;
  const auto kind = kind_named(review.kind.kind);
  if (review.group != kGroup || !kind) {
    return refused(
        cat("/validate-policy judges TrustRoots, ClusterTrustPolicies and "
            "TrustPolicies of signet.dev, not ",
            quoted(review.kind.kind, 80)));
  }
  const auto object = object_member(request, "object");
  if (!object) return refused(cat("the review has no object: ", object.error().what()));
  const std::string ns = *kind == PolicyKindName::policy ? review.ns : std::string();
  const ObjectName name{*kind, ns, review.name};
  const SourceFile source{name.str(), (*object)->dump(), name};
  const SourcePtr loaded = load_source(source, nothing_yet);
  const std::vector<Issue> issues = issues_of(*loaded);
  if (!issues.empty()) return denial(name, issues);
  allowed.warnings = warnings_of(*loaded, policies);
  return allowed;
}

Result<Review> envelope_of(const Json& document, const Json& request) {
  Review review;
  review.api_version = text_or_empty(document, "apiVersion");
  const bool known = review.api_version == "admission.k8s.io/v1" ||
                     review.api_version == "admission.k8s.io/v1beta1";
  if (!known || text_or_empty(document, "kind") != "AdmissionReview") {
    return Error(Reason::malformed_request, "this is no AdmissionReview of a known version");
  }
  review.uid = text_or_empty(request, "uid");
  if (review.uid.empty() || review.uid.size() > kUidBytes) {
    return Error(Reason::malformed_request, "the request has no uid");
  }
  review.ns = text_or_empty(request, "namespace");
  review.name = text_or_empty(request, "name");
  review.subresource = text_or_empty(request, "subResource");
  if (const auto kind = object_member(request, "kind")) {
    review.group = text_or_empty(**kind, "group");
    review.kind.kind = text_or_empty(**kind, "kind");
  }
  return review;
}

}  // namespace

Result<std::string> answer_policy_review(std::string_view review, const PolicySet* policies) {
  const auto document = parse_json(review, {kReviewBytes, kReviewDepth});
  if (!document) return document.error().as(Reason::malformed_request);
  const auto request = object_member(*document, "request");
  if (!request) return request.error().as(Reason::malformed_request);
  const auto envelope = envelope_of(*document, **request);
  if (!envelope) return envelope.error();
  return render_response(*envelope, judge(**request, *envelope, policies));
}

}  // namespace signet
