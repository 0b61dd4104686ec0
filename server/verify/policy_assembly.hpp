#pragma once
// From sources to the set that decides, with the last good version of what is invalid in them.
// Files and objects end here alike.

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/policy/loader.hpp"
#include "server/verify/last_good.hpp"

namespace signet {

// What a setting says of every set.
struct SetRules {
  NoMatch no_match = NoMatch::deny;
  bool dry_run = false;
};

struct Assembled {
  std::shared_ptr<const PolicySet> set;  // complete: what is invalid denies what it would match
  std::vector<Issue> issues;             // of all sources, for people
  std::vector<std::string> kept;         // decided by their last good version
};

// `good` becomes what is to be remembered once the set is in force.
Assembled assemble(std::span<const SourcePtr> sources, const SetRules& rules, LastGood& good);

}  // namespace signet
