#pragma once
// Runs a Task on a loop of its own, or on one that a test shares with others. A test that hangs
// ends here after a minute, as an exception.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

#include "server/runtime/task.hpp"

namespace signet::testing {

template <class T>
Task<void> keep_result(Task<T> task, std::optional<T>& result) {
  result.emplace(co_await std::move(task));
}

// The loop goes on only until the task has ended; what else is on it waits for the next run.
template <class T>
T run_on(asio::io_context& loop, Task<T> task) {
  std::optional<T> result;
  std::exception_ptr failure;
  bool ended = false;
  asio::co_spawn(loop, keep_result(std::move(task), result), [&](std::exception_ptr thrown) {
    failure = std::move(thrown);
    ended = true;
  });
  loop.restart();
  const auto last = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!ended) {
    if (std::chrono::steady_clock::now() > last) throw std::runtime_error("the task hangs");
    if (loop.run_one_until(last) == 0 && loop.stopped() && !ended) {
      throw std::runtime_error("the loop has nothing left to do, and the task has not ended");
    }
  }
  if (failure) std::rethrow_exception(failure);
  return std::move(*result);
}

struct Nothing {};
inline Task<Nothing> with_nothing(Task<void> task) {
  co_await std::move(task);
  co_return Nothing();
}

inline void run_on(asio::io_context& loop, Task<void> task) {
  run_on(loop, with_nothing(std::move(task)));
}

template <class T>
T run(Task<T> task) {
  asio::io_context loop;
  return run_on(loop, std::move(task));
}

}  // namespace signet::testing
