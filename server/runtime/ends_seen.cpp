#include "server/runtime/ends_seen.hpp"

#include <algorithm>

namespace signet {
namespace {

constexpr std::int64_t kHours = 24;

std::int64_t hour_of(TimePoint at) {
  return std::chrono::floor<std::chrono::hours>(at.time_since_epoch()).count();
}

void forget(std::map<std::int64_t, TimePoint>& hours, TimePoint now) {
  hours.erase(hours.begin(), hours.lower_bound(hour_of(now) - kHours));
}

TimePoint earliest(const std::map<std::int64_t, TimePoint>& hours) {
  const auto least = std::min_element(
      hours.begin(), hours.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return least->second;
}

}  // namespace

TimePoint EndsSeen::saw(std::string_view label, TimePoint end, TimePoint now) {
  auto known = labels_.find(label);
  if (known == labels_.end()) known = labels_.emplace(label, Hours()).first;
  Hours& hours = known->second;
  const auto [hour, first] = hours.try_emplace(hour_of(now), end);
  if (first) forget(hours, now);
  hour->second = std::min(hour->second, end);
  return earliest(hours);
}

std::map<std::string, TimePoint> EndsSeen::since(TimePoint now) {
  std::map<std::string, TimePoint> left;
  for (auto label = labels_.begin(); label != labels_.end();) {
    forget(label->second, now);
    if (label->second.empty()) {
      label = labels_.erase(label);
      continue;
    }
    left.emplace(label->first, earliest(label->second));
    ++label;
  }
  return left;
}

}  // namespace signet
