#include "server/web/time_budget.hpp"

#include <algorithm>

#include "server/runtime/duration.hpp"
#include "server/web/message.hpp"

namespace signet {

using std::chrono::milliseconds;

milliseconds granted_time(std::string_view query, const TimeSettings& settings) {
  const auto text = query_value(query, "timeout");
  if (!text) return settings.default_timeout;
  return parse_duration(*text).value_or(settings.default_timeout);
}

milliseconds work_time(milliseconds granted, const TimeSettings& settings) {
  constexpr milliseconds kLeast{200};
  const milliseconds margin =
      std::min(std::clamp(granted * 15 / 100, milliseconds(500), milliseconds(1500)), granted / 2);
  return std::max(kLeast, std::min(settings.max_work, granted - margin));
}

}  // namespace signet
