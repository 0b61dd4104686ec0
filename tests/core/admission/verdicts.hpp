#pragma once
// Verdicts for tests, as evaluate() would give them.

#include <string>
#include <utility>

#include "core/admission/decision.hpp"

namespace signet {

inline Digest some_digest() {
  return *Digest::parse("sha256:" + std::string(64, 'a'));
}

inline PolicyFinding finding_of(std::string policy, Outcome outcome, Effect effect, Reason reason) {
  PolicyFinding finding;
  finding.name = "ClusterTrustPolicy/" + std::move(policy);
  finding.outcome = outcome;
  finding.effect = effect;
  finding.reason = reason;
  finding.detail = "a reason for people";
  return finding;
}

inline JudgedImage judged(std::string reference, Reason reason, std::size_t index = 0) {
  const std::string at = std::to_string(index);
  JudgedImage image;
  image.image = PodImage{ImageSlot::container, "c" + at, reference,
                         "/spec/containers/" + at + "/image", "spec.containers[" + at + "].image"};
  Verdict& verdict = image.verdict.edit();
  verdict.image = std::move(reference);
  verdict.digest = some_digest();
  verdict.reason = reason;
  verdict.detail = "a reason for people";
  switch (standing_of(reason)) {
    case Standing::trusted:
      verdict.outcome = Outcome::pass;
      break;
    case Standing::unchecked:
      verdict.outcome = Outcome::unknown;
      break;
    case Standing::refused:
    case Standing::malformed:
      verdict.outcome = Outcome::fail;
      break;
  }
  const Effect effect = verdict.allowed() ? Effect::none : Effect::deny;
  verdict.policies.push_back(finding_of("teams", verdict.outcome, effect, reason));
  return image;
}

inline Review pod_review() {
  Review review;
  review.api_version = "admission.k8s.io/v1";
  review.uid = "u-1";
  review.kind = ObjectKind{"", "v1", "Pod"};
  review.resource = "pods";
  review.ns = "shop";
  review.name = "web";
  review.operation = Operation::create;
  return review;
}

}  // namespace signet
