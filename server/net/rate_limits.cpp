#include "server/net/rate_limits.hpp"

#include <algorithm>

#include "core/base/text.hpp"

namespace signet {
namespace {

constexpr std::size_t kLogins = 4096;
constexpr std::chrono::seconds kProbe{1};  // until the next one may ask where it has not come back

std::string key_of(const HttpRequest& request) {
  return cat(request.url.origin(), "\n", request.credential);
}

}  // namespace

RateLimits::RateLimits() : until_(kLogins) {}

std::optional<RateLimits::Seconds> RateLimits::wait_for(const HttpRequest& request, Deadline now) {
  const std::string key = key_of(request);
  const Deadline* const until = until_.find(key, now);
  if (until == nullptr) return std::nullopt;
  if (now < *until) return std::max(std::chrono::ceil<Seconds>(*until - now), Seconds(1));
  until_.put(key, now + kProbe, Deadline::max());
  return std::nullopt;
}

void RateLimits::limited(const HttpRequest& request, Seconds span, Deadline now) {
  until_.put(key_of(request), now + std::min(span, kLongest), Deadline::max());
}

void RateLimits::answered(const HttpRequest& request) {
  until_.erase(key_of(request));
}

}  // namespace signet
