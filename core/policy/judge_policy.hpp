#pragma once
// What one policy makes of its authorities: threshold, delegates, mode, onError.

#include <vector>

#include "core/policy/judge_authority.hpp"

namespace signet {

struct PolicyState {
  const Policy* policy = nullptr;
  std::vector<AuthorityState> authorities;  // empty where it refuses without being asked
  PolicyFinding finding;
};

// Decides the delegates of a cluster policy by what the TrustPolicies turned out to be (policy.md
// 3). Those must be closed.
void judge_delegates(const Hearing& the_case, PolicyState& cluster,
                     const std::vector<PolicyState>& namespaced, SignatureJudge* judge);

// Fills in the finding; every authority must be closed.
void close_policy(const Hearing& the_case, PolicyState& state);

// Of a policy that nobody can tell whether it applies: it could not be checked, whatever onError
// says (security.md SR-33).
PolicyFinding undecided(const Plan& plan, const Policy& policy);

// How many authorities can be satisfied by keys that are all distinct (policy.md 4): each may use
// one of its keys, and no key serves twice.
std::size_t most_distinct(const std::vector<std::vector<std::string>>& keys_of_authorities);

}  // namespace signet
