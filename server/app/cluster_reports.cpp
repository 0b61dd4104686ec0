#include "server/app/cluster_reports.hpp"

#include <algorithm>

#include "core/base/text.hpp"

namespace signet {
namespace {

constexpr std::string_view kGroupVersion = "signet.dev/v1alpha1";

std::string_view text_of(ConditionStatus status) {
  switch (status) {
    case ConditionStatus::yes:
      return "True";
    case ConditionStatus::no:
      return "False";
    case ConditionStatus::unknown:
      return "Unknown";
  }
  return "Unknown";
}

StatusCondition enforced(const Enforcement& enforcement) {
  if (!enforcement.holds) {
    return {"Enforced", "Unknown", "NotKnown", "the webhook configurations are not known"};
  }
  if (!*enforcement.holds) return {"Enforced", "False", "NotRegistered", enforcement.why};
  return {"Enforced", "True", "Registered", "Pods are validated by a webhook of this service"};
}

void add_enforced(ObjectStatus& status, const Enforcement& enforcement) {
  status.conditions.push_back(enforced(enforcement));
  if (enforcement.holds.value_or(true)) return;
  for (StatusCondition& one : status.conditions) {
    if (one.type != "Ready" || one.status != "True") continue;
    one = StatusCondition{"Ready", "False", "NotEnforced", enforcement.why};
  }
}

// The owners that Kubernetes itself knows.
std::string_view version_of_owner(std::string_view kind) {
  if (kind == "ReplicationController") return "v1";
  if (kind == "Job" || kind == "CronJob") return "batch/v1";
  const bool known =
      kind == "ReplicaSet" || kind == "StatefulSet" || kind == "DaemonSet" || kind == "Deployment";
  return known ? "apps/v1" : "";
}

std::string api_version_of(const ObjectKind& kind) {
  return kind.group.empty() ? kind.version : cat(kind.group, "/", kind.version);
}

// What an Event is about: an object that exists. That of a Namespace is seen in it, by its people.
EventObject regarding(const Review& review) {
  const PodObject& object = review.object;
  if (!object.controller.empty()) {
    return {std::string(version_of_owner(object.controller)), object.controller, review.ns,
            object.controller_name};
  }
  if (review.operation == Operation::update && !review.name.empty()) {
    return {api_version_of(review.kind), review.kind.kind, review.ns, review.name};
  }
  return {"v1", "Namespace", review.ns, review.ns};
}

std::string first_line_of(std::string_view text) {
  return std::string(text.substr(0, text.find('\n')));
}

bool is_open(const PolicyFinding& finding) {
  return finding.outcome == Outcome::unknown && finding.effect != Effect::deny &&
         finding.mode == Mode::enforce;
}

bool objects(const PolicyFinding& finding) {
  return finding.outcome != Outcome::pass;
}

// The first image that a policy of this sort speaks about, in words.
template <class Match>
std::optional<std::string> said_of(std::span<const JudgedImage> images, const Match& match) {
  for (const JudgedImage& image : images) {
    for (const PolicyFinding& finding : image.verdict->policies) {
      if (!match(finding)) continue;
      return cat("image ", printable(image.image.reference), ": ", finding.name, ": ",
                 printable(finding.detail, 512));
    }
  }
  return std::nullopt;
}

EventNote warning_about(const Review& review, std::string_view reason, std::string note) {
  return EventNote{regarding(review), EventType::warning, std::string(reason), "VerifyImage",
                   std::move(note)};
}

}  // namespace

std::string_view plural_of(PolicyKindName kind) {
  switch (kind) {
    case PolicyKindName::trust_root:
      return "trustroots";
    case PolicyKindName::cluster_policy:
      return "clustertrustpolicies";
    case PolicyKindName::policy:
      return "trustpolicies";
  }
  return "";
}

WantedStatuses statuses_for(const std::vector<PolicyObjectStatus>& objects_,
                            const Enforcement& enforcement) {
  WantedStatuses wanted;
  for (const PolicyObjectStatus& object : objects_) {
    const ObjectName& name = object.object;
    ObjectStatus status;
    status.generation = object.generation;
    for (const PolicyCondition& one : object.conditions) {
      status.conditions.push_back(
          StatusCondition{one.type, std::string(text_of(one.status)), one.reason, one.message});
    }
    if (name.kind != PolicyKindName::trust_root) add_enforced(status, enforcement);
    StatusTarget target{std::string(name_of(name.kind)), std::string(plural_of(name.kind)), name.ns,
                        name.name, object.uid};
    wanted.emplace(std::move(target), std::move(status));
  }
  return wanted;
}

std::optional<EventNote> event_of(const Review& review, std::span<const JudgedImage> images,
                                  const Decision& decision) {
  if (review.dry_run) return std::nullopt;
  if (!decision.allowed) {
    // Its controller tells of it: FailedCreate, with our words.
    if (!review.object.controller.empty()) return std::nullopt;
    return warning_about(review, "ImageVerificationFailed", first_line_of(decision.message));
  }
  if (auto open = said_of(images, is_open)) {
    return warning_about(review, "ImageVerificationError", std::move(*open));
  }
  if (decision.word != DecisionWord::warn && decision.word != DecisionWord::audit) {
    return std::nullopt;
  }
  auto note = said_of(images, objects);
  if (!note && !decision.warnings.empty()) note = first_line_of(decision.warnings.front());
  if (!note) return std::nullopt;
  return warning_about(review, "ImageVerificationWarning", std::move(*note));
}

std::optional<EventNote> event_of(const StatusTarget& target, const StatusCondition& ready,
                                  const std::string& was) {
  const bool good = ready.status == "True";
  // That a new policy is fine is no news.
  if (ready.status == "Unknown" || (good && was != "False")) return std::nullopt;
  const bool is_root = target.kind == name_of(PolicyKindName::trust_root);
  EventNote note;
  note.regarding =
      EventObject{std::string(kGroupVersion), target.kind, target.ns, target.name, target.uid};
  note.type = good ? EventType::normal : EventType::warning;
  note.reason = cat(is_root ? "TrustRoot" : "Policy", good ? "Ready" : "Invalid");
  if (ready.reason == "NotEnforced") note.reason = "PolicyNotEnforced";
  note.action = "Reconcile";
  note.note = ready.message.empty() ? ready.reason : first_line_of(ready.message);
  return note;
}

}  // namespace signet
