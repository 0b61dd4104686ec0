#pragma once
// Points in time are whole seconds of UTC. Nothing in core/ reads a clock: "now" is an argument.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace signet {

using TimePoint = std::chrono::sys_seconds;

// RFC 3339 with seconds and a zone ("Z" or an offset); fractions are cut off.
Result<TimePoint> parse_time(std::string_view text);
// RFC 3339 in UTC: 2026-01-31T10:00:00Z.
std::string format_time(TimePoint at);
// The same as a MicroTime of Kubernetes, which has six decimals.
std::string format_micro_time(TimePoint at);
// The proleptic Gregorian calendar; nothing if a field is out of range.
std::optional<TimePoint> make_time(int year, int month, int day, int hour, int minute, int second);

// A window of time, both ends inside it; an absent end is open.
struct Validity {
  std::optional<TimePoint> start;
  std::optional<TimePoint> end;

  bool contains(TimePoint at) const { return (!start || *start <= at) && (!end || at <= *end); }
  friend bool operator==(const Validity&, const Validity&) = default;
};

}  // namespace signet
