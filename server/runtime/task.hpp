#pragma once
// Task, Deadline, within: every wait of this program has a deadline, passed down and never
// re-invented.

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <functional>
#include <utility>

#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace signet {

namespace asio = boost::asio;

template <class T>
using Task = asio::awaitable<T>;
using Deadline = std::chrono::steady_clock::time_point;
// Wall time; only gatherers and refreshers hold one.
using Clock = std::function<TimePoint()>;

inline constexpr auto kToken = asio::as_tuple(asio::use_awaitable);

inline Deadline deadline_in(std::chrono::milliseconds span) {
  return std::chrono::steady_clock::now() + span;
}
// The earlier of a deadline and a step's own bound.
inline Deadline sooner(Deadline deadline, std::chrono::milliseconds step) {
  return std::min(deadline, deadline_in(step));
}

// Runs `op` until `deadline`; Reason::deadline past it. `op` must answer with Results: operator||
// waits for a success, so an op that throws would be noticed only when the timer fires.
template <class T>
Task<Result<T>> within(Deadline deadline, Task<Result<T>> op) {
  using namespace asio::experimental::awaitable_operators;
  asio::steady_timer timer(co_await asio::this_coro::executor, deadline);
  auto winner = co_await (std::move(op) || timer.async_wait(kToken));
  if (auto* result = std::get_if<0>(&winner)) co_return std::move(*result);
  co_return Error(Reason::deadline, "the deadline passed");
}

}  // namespace signet
