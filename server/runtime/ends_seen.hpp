#pragma once
// The earliest of the ends that were seen in the last 24 hours, by label: what expires first among
// what is in use. Kept by the hour. Pure.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "core/base/time.hpp"

namespace signet {

class EndsSeen {
 public:
  // The earliest for this label, this one among them.
  TimePoint saw(std::string_view label, TimePoint end, TimePoint now);
  // What is left when all that was seen more than 24 hours before `now` is forgotten.
  std::map<std::string, TimePoint> since(TimePoint now);

 private:
  using Hours = std::map<std::int64_t, TimePoint>;  // the earliest of each
  std::map<std::string, Hours, std::less<>> labels_;
};

}  // namespace signet
