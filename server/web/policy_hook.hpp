#pragma once
// The handler of /validate-policy. Whatever fails is "not allowed", with the sentence.

#include "core/policy/model.hpp"
#include "server/runtime/snapshot.hpp"
#include "server/web/router.hpp"

namespace signet {

// `policies` outlives the route.
Route policy_route(const Snapshot<PolicySet>& policies);

}  // namespace signet
