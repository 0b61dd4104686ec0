#pragma once
// The only layer that repeats a request (registry.md E.2, E.3): GET and HEAD, at most three
// attempts, with jitter, within the caller's deadline, and as Retry-After says where that fits. Who
// shows a login that was told to wait is told the same without asking.

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "server/net/rate_limits.hpp"
#include "server/net/settings.hpp"
#include "server/net/transport.hpp"
#include "server/runtime/cache.hpp"

namespace signet {

// What became of one attempt: a status, or the reason why there is none.
struct Attempt {
  unsigned status = 0;
  std::optional<Reason> failure;
  std::optional<std::chrono::seconds> retry_after;
};

Attempt attempt_of(const Result<HttpReply>& outcome, TimePoint now);

// Seconds, an HTTP date, or (where the number is above 10^9) an epoch; nothing for anything else.
std::optional<std::chrono::seconds> parse_retry_after(std::string_view text, TimePoint now);

// How long to wait before the next attempt; nothing where the last outcome is final. `dice` is from
// [0, 1).
std::optional<std::chrono::milliseconds> wait_after(const std::vector<Attempt>& attempts,
                                                    double dice);

class RetryingTransport final : public Transport {
 public:
  using Dice = std::function<double()>;

  // `inner` must outlive this.
  RetryingTransport(Transport& inner, Clock clock, Dice dice, NetTimers timers = {});

  Task<Result<HttpReply>> send(HttpRequest request, Deadline deadline) override;

 private:
  // Tokens of one origin: retries may be a tenth of its requests and three a second, so that a
  // failing registry is not hit three times as hard (registry.md E.2).
  struct Budget {
    double tokens = 0;
    Deadline filled;
  };

  Task<Result<HttpReply>> attempt(HttpRequest request, Deadline deadline);
  void count_request(const std::string& origin);
  bool take_retry(const std::string& origin);

  Transport& inner_;
  Clock clock_;
  Dice dice_;
  NetTimers timers_;
  RateLimits limits_;
  Cache<std::string, Budget> budgets_;
};

}  // namespace signet
