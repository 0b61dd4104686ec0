#pragma once
// How two image patterns lie to each other; for people who write them, never a decision.

#include "core/policy/glob.hpp"

namespace signet {

// Every name that `inner` matches is matched by `outer`. Never wrongly true.
bool covers(const ImageGlob& outer, const ImageGlob& inner);
// There may be a name that both match. Never wrongly false.
bool may_overlap(const ImageGlob& a, const ImageGlob& b);

}  // namespace signet
