#pragma once
// How long a review may take (webhook.md A.2): the answer must be there before the API server gives
// up, for then `failurePolicy` would decide and not the policies.

#include <chrono>
#include <string_view>

namespace signet {

struct TimeSettings {
  std::chrono::milliseconds default_timeout{
      10'000};  // where none is named, or none that can be read
  std::chrono::milliseconds max_work{8'000};
};

// What the API server grants: `timeout=10s` of the query.
std::chrono::milliseconds granted_time(std::string_view query, const TimeSettings& settings);
// What is left for work: 15 % are kept back, at least 0.5 s and at most 1.5 s, but never more than
// half; at least 200 ms.
std::chrono::milliseconds work_time(std::chrono::milliseconds granted,
                                    const TimeSettings& settings);

}  // namespace signet
