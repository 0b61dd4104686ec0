#pragma once
// plan + evidence + now -> verdict. Pure; the webhook, `signet verify` and recorded tests call this
// one function.

#include "core/policy/plan.hpp"
#include "core/policy/verdict.hpp"

namespace signet {

// More evidence never turns a pass into a failure, so a gatherer may ask after each place and stop
// at a pass.
Verdict evaluate(const Plan& plan, const Evidence& evidence, TimePoint now);

// Whether searching the places that are still missing could change this verdict.
bool wants_more(const Plan& plan, const Evidence& evidence, const Verdict& verdict);

}  // namespace signet
