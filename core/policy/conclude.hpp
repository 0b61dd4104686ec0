#pragma once
// From what every policy found to one answer, and what else a person should hear.

#include "core/policy/plan.hpp"
#include "core/policy/verdict.hpp"

namespace signet {

// All applicable policies must pass; the strictest mode wins (policy.md 2, 5).
void conclude(const Plan& plan, Verdict& verdict);

// Where no ClusterTrustPolicy applies and `noMatch` denies, nothing is looked up (policy.md 6).
bool is_denied_unmatched(const Plan& plan);
Verdict denied_unmatched(const Plan& plan);

}  // namespace signet
