#pragma once
// What a good policy allows that its author may not have meant; for people, never a decision.

#include <string>
#include <vector>

#include "core/policy/model.hpp"

namespace signet {

// A sentence each, with its field (policy.md 8).
std::vector<std::string> risks_of(const Policy& policy);

}  // namespace signet
