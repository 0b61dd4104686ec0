#include "server/app/build_time.hpp"

#include "core/base/text.hpp"

namespace signet {

TimePoint build_time() {
  return TimePoint(std::chrono::seconds(SIGNET_BUILD_DAY * 86400LL));
}

Result<void> sound_clock(TimePoint now, TimePoint built) {
  if (now >= built) return {};
  return Error(Reason::clock,
               cat("the clock says ", format_time(now), ", and this program is from ",
                   format_time(built), "; set the clock"));
}

}  // namespace signet
