#pragma once
// When this program was configured, to the day; SOURCE_DATE_EPOCH decides where it is set.

#include "core/base/time.hpp"

namespace signet {

TimePoint build_time();

}  // namespace signet
