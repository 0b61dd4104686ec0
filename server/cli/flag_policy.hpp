#pragma once
// cosign's trust flags as a policy, so that the command line and the webhook are judged by the same
// code.

#include <memory>

#include "core/policy/model.hpp"
#include "server/cli/arguments.hpp"

namespace signet {

// A policy named "command-line" that matches every image. Reads the files that the flags name;
// fails with policy_invalid and names the file, or the flag, and what is wrong with it.
Result<std::shared_ptr<const PolicySet>> policy_from_flags(const TrustFlags& flags);

}  // namespace signet
