#pragma once
// Who was told to wait by a 429: one login at one origin (registry.md E.3). Everything that shows
// the same login there waits too, and where the time is over one request finds out. Pure but for
// its memory: takes "now".

#include <chrono>
#include <optional>
#include <string>

#include "server/net/http_message.hpp"
#include "server/runtime/cache.hpp"

namespace signet {

class RateLimits {
 public:
  using Seconds = std::chrono::seconds;

  RateLimits();

  // How long this request is still to wait, at least a second; nothing where it may be sent. To
  // be asked once for each request, for the first one after the time is its probe.
  std::optional<Seconds> wait_for(const HttpRequest& request, Deadline now);
  // A 429 came: nobody asks for `span`, five minutes at most.
  void limited(const HttpRequest& request, Seconds span, Deadline now);
  // Another answer came.
  void answered(const HttpRequest& request);

  static constexpr Seconds kDefault{10};  // where no Retry-After can be read
  static constexpr Seconds kLongest{300};

 private:
  Cache<std::string, Deadline> until_;
};

}  // namespace signet
