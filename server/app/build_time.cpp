#include "server/app/build_time.hpp"

namespace signet {

TimePoint build_time() {
  return TimePoint(std::chrono::seconds(SIGNET_BUILD_DAY * 86400LL));
}

}  // namespace signet
