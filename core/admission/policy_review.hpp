#pragma once
// /validate-policy: whether an object of signet.dev may be stored, by the loader that will read it
// (webhook.md G.7). What it refuses would deny what it matches; what it lets in is judged again.

#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/policy/model.hpp"

namespace signet {

// The bytes of an answer. Fails only while no uid is known. `policies`: those in force, whose
// TrustRoots are there: a reference to another is warned of; null: nobody knows which there are.
Result<std::string> answer_policy_review(std::string_view review, const PolicySet* policies);

}  // namespace signet
