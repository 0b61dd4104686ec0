#pragma once
// What the cluster is told: the statuses of policies as the API server has them, and the Events of
// what was decided (webhook.md J.3). Pure conversions.

#include <optional>
#include <span>

#include "core/admission/decision.hpp"
#include "server/kube/events.hpp"
#include "server/kube/status_writer.hpp"
#include "server/verify/policy_objects.hpp"

namespace signet {

// The resource, as paths name it: "trustroots".
std::string_view plural_of(PolicyKindName kind);

// Whether Pods are validated by a webhook that trusts us, as all policies say it.
struct Enforcement {
  std::optional<bool> holds;  // nothing: it is not watched, or not known yet
  std::string why;            // where it does not
};

// A policy that is fine and that no webhook enforces is not ready.
WantedStatuses statuses_for(const std::vector<PolicyObjectStatus>& objects,
                            const Enforcement& enforcement);

// Nothing for what went well, for dry runs, and for what the controller of an object says itself.
std::optional<EventNote> event_of(const Review& review, std::span<const JudgedImage> images,
                                  const Decision& decision);
// Of a policy that became ready, or ceased to be.
std::optional<EventNote> event_of(const StatusTarget& target, const StatusCondition& ready,
                                  const std::string& was);

}  // namespace signet
