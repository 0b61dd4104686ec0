#pragma once
// When this program was configured, to the day; SOURCE_DATE_EPOCH decides where it is set.

#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace signet {

TimePoint build_time();

// Fails with `clock`: a clock that runs behind the program itself cannot judge certificates
// (security.md FI-23).
Result<void> sound_clock(TimePoint now, TimePoint built = build_time());

}  // namespace signet
