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
#include <exception>
#include <functional>
#include <string>
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

// The answer of `op`, and Reason::internal where it throws: nothing above the first await of a
// request throws.
template <class T>
Task<Result<T>> guarded(Task<Result<T>> op) {
  std::string what = "an unknown exception";
  try {
    co_return co_await std::move(op);
  } catch (const std::exception& failure) {
    what = failure.what();
  } catch (...) {
  }
  co_return Error(Reason::internal, "internal error: " + what);
}

// Runs `op` until `deadline`; Reason::deadline past it. operator|| waits for a success, so what
// throws is guarded.
template <class T>
Task<Result<T>> within(Deadline deadline, Task<Result<T>> op) {
  using namespace asio::experimental::awaitable_operators;
  asio::steady_timer timer(co_await asio::this_coro::executor, deadline);
  auto winner = co_await (guarded(std::move(op)) || timer.async_wait(kToken));
  if (auto* result = std::get_if<0>(&winner)) co_return std::move(*result);
  co_return Error(Reason::deadline, "the deadline passed");
}

}  // namespace signet
