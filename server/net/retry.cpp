#include "server/net/retry.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/base/text.hpp"

namespace signet {
namespace {

using Milliseconds = std::chrono::milliseconds;
using Seconds = std::chrono::seconds;

constexpr std::size_t kAttempts = 3;
constexpr std::size_t kAttemptsOfOneStatus = 2;  // the same 5xx twice will be the same a third time
constexpr double kFirstWait = 100;               // milliseconds, tripled each time
constexpr double kLongestWait = 1000;
constexpr std::uint64_t kLeastEpoch = 1'000'000'000;
constexpr std::array kRepeatable = {408U, 429U, 499U, 500U, 502U, 503U, 504U, 522U};
constexpr std::size_t kOriginsRetried = 256;
constexpr double kMostTokens = 10;
constexpr double kTokensPerRequest = 0.1;
constexpr double kTokensPerSecond = 3;

bool may_repeat(const Attempt& attempt) {
  if (attempt.failure) return *attempt.failure == Reason::registry_unreachable;
  return std::find(kRepeatable.begin(), kRepeatable.end(), attempt.status) != kRepeatable.end();
}

bool is_same_server_error(const Attempt& a, const Attempt& b) {
  return !a.failure && !b.failure && a.status >= 500 && a.status == b.status;
}

// Names as RFC 9110 5.6.7 spells them.
std::optional<int> month_of(std::string_view name) {
  constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto at = std::find(kMonths.begin(), kMonths.end(), name);
  if (at == kMonths.end()) return std::nullopt;
  return static_cast<int>(at - kMonths.begin()) + 1;
}

std::optional<int> two_digits(std::string_view text, std::size_t at) {
  if (!is_digit(text[at]) || !is_digit(text[at + 1])) return std::nullopt;
  return (text[at] - '0') * 10 + (text[at + 1] - '0');
}

// IMF-fixdate: "Sun, 06 Nov 1994 08:49:37 GMT".
std::optional<TimePoint> parse_http_date(std::string_view text) {
  if (text.size() != 29 || text.substr(3, 2) != ", " || !text.ends_with(" GMT")) return {};
  if (text[19] != ':' || text[22] != ':') return {};
  const auto day = two_digits(text, 5);
  const auto month = month_of(text.substr(8, 3));
  const auto century = two_digits(text, 12);
  const auto year = two_digits(text, 14);
  const auto hour = two_digits(text, 17);
  const auto minute = two_digits(text, 20);
  const auto second = two_digits(text, 23);
  if (!day || !month || !century || !year || !hour || !minute || !second) return {};
  return make_time(*century * 100 + *year, *month, *day, *hour, *minute, *second);
}

HttpReply reply_of_a_limit(Url url, Seconds wait) {
  HttpReply reply;
  reply.status = 429;
  reply.headers.emplace_back("Retry-After", std::to_string(wait.count()));
  reply.url = std::move(url);
  return reply;
}

std::optional<Seconds> until(TimePoint then, TimePoint now) {
  return std::max(then - now, Seconds(0));
}

}  // namespace

Attempt attempt_of(const Result<HttpReply>& outcome, TimePoint now) {
  Attempt attempt;
  if (!outcome) {
    attempt.failure = outcome.error().reason();
    return attempt;
  }
  attempt.status = outcome->status;
  const std::string* const field = outcome->header("Retry-After");
  if (field != nullptr) attempt.retry_after = parse_retry_after(*field, now);
  if (attempt.status == 429 && !attempt.retry_after) attempt.retry_after = RateLimits::kDefault;
  return attempt;
}

std::optional<Seconds> parse_retry_after(std::string_view text, TimePoint now) {
  const auto number = parse_number(text);
  if (number && *number > kLeastEpoch) {
    constexpr std::uint64_t kLatest = 253'402'300'799;  // the end of the year 9999
    return until(TimePoint(Seconds(std::min(*number, kLatest))), now);
  }
  if (number) return Seconds(*number);
  const auto date = parse_http_date(text);
  if (!date) return std::nullopt;
  return until(*date, now);
}

std::optional<Milliseconds> wait_after(const std::vector<Attempt>& attempts, double dice) {
  const Attempt& last = attempts.back();
  if (attempts.size() >= kAttempts || !may_repeat(last)) return std::nullopt;
  const auto alike = std::count_if(attempts.begin(), attempts.end(), [&](const Attempt& attempt) {
    return is_same_server_error(attempt, last);
  });
  if (alike >= static_cast<long>(kAttemptsOfOneStatus)) return std::nullopt;
  if (last.retry_after) return *last.retry_after;
  const double most =
      std::min(kFirstWait * std::pow(3, static_cast<double>(attempts.size() - 1)), kLongestWait);
  return Milliseconds(static_cast<long>(most * dice));
}

RetryingTransport::RetryingTransport(Transport& inner, Clock clock, Dice dice, NetTimers timers)
    : inner_(inner),
      clock_(std::move(clock)),
      dice_(std::move(dice)),
      timers_(timers),
      budgets_(kOriginsRetried) {}

Task<Result<HttpReply>> RetryingTransport::send(HttpRequest request, Deadline deadline) {
  const Deadline end = sooner(deadline, timers_.operation);
  const std::string origin = request.url.origin();
  const bool repeatable = request.method == "GET" || request.method == "HEAD";
  count_request(origin);
  std::vector<Attempt> attempts;
  while (true) {
    request.attempt = static_cast<unsigned>(attempts.size()) + 1;
    auto outcome = co_await attempt(request, end);
    attempts.push_back(attempt_of(outcome, clock_()));
    const auto wait = wait_after(attempts, dice_());
    const auto now = std::chrono::steady_clock::now();
    if (!repeatable || !wait || now >= end || *wait >= end - now || !take_retry(origin)) {
      co_return outcome;
    }
    asio::steady_timer timer(co_await asio::this_coro::executor, now + *wait);
    const auto [failure] = co_await timer.async_wait(kToken);
    if (failure) co_return outcome;
  }
}

// One that was told to wait gets that answer again, without being sent.
Task<Result<HttpReply>> RetryingTransport::attempt(HttpRequest request, Deadline deadline) {
  const auto wait = limits_.wait_for(request, std::chrono::steady_clock::now());
  if (wait) co_return reply_of_a_limit(std::move(request.url), *wait);
  HttpRequest copy = request;
  auto outcome = co_await inner_.send(std::move(copy), deadline);
  if (!outcome) co_return outcome;
  const Attempt told = attempt_of(outcome, clock_());
  if (told.status == 429) {
    limits_.limited(request, *told.retry_after, std::chrono::steady_clock::now());
  } else {
    limits_.answered(request);
  }
  co_return outcome;
}

void RetryingTransport::count_request(const std::string& origin) {
  const Deadline now = std::chrono::steady_clock::now();
  Budget budget = budgets_.get(origin, now).value_or(Budget{kMostTokens, now});
  const std::chrono::duration<double> passed = now - budget.filled;
  budget.tokens =
      std::min(kMostTokens, budget.tokens + kTokensPerRequest + passed.count() * kTokensPerSecond);
  budget.filled = now;
  budgets_.put(origin, budget, Deadline::max());
}

bool RetryingTransport::take_retry(const std::string& origin) {
  const Deadline now = std::chrono::steady_clock::now();
  auto budget = budgets_.get(origin, now);
  if (!budget || budget->tokens < 1) return false;
  budget->tokens -= 1;
  budgets_.put(origin, *budget, Deadline::max());
  return true;
}

}  // namespace signet
