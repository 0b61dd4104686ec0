#include "server/runtime/background.hpp"

#include <algorithm>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <cmath>
#include <random>

namespace signet {

std::chrono::milliseconds next_wait(const Schedule& schedule, unsigned failures, double dice) {
  constexpr unsigned kDoublings = 20;
  const auto every = static_cast<double>(schedule.every.count());
  const auto retry = static_cast<double>(schedule.first_retry.count());
  double wait = every;
  if (failures > 0) wait = std::min(every, std::ldexp(retry, std::min(failures - 1, kDoublings)));
  wait *= 1 + schedule.jitter * (2 * dice - 1);
  return std::chrono::milliseconds(static_cast<long>(wait));
}

Background::Background(asio::any_io_executor executor, OnError on_error)
    : executor_(std::move(executor)),
      on_error_(std::move(on_error)),
      random_(std::random_device()()) {}

void Background::repeat(std::string name, Schedule schedule, Work work) {
  if (stopped_) return;
  loops_.emplace_back(std::move(name), schedule, std::move(work));
  const auto loop = std::prev(loops_.end());
  // The loop's own signal must outlive the coroutine that it cancels, so it goes a turn later.
  const auto finish = [this, loop](const std::exception_ptr&) {
    asio::post(executor_, [this, loop] { ended(loop); });
  };
  asio::co_spawn(executor_, run(loop), asio::bind_cancellation_slot(loop->cancel.slot(), finish));
}

Task<void> Background::run(std::list<Loop>::iterator loop) {
  unsigned failures = 0;
  asio::steady_timer timer(executor_);
  while (!stopped_) {
    const auto outcome = co_await guarded(loop->work());
    if (stopped_) break;
    failures = outcome ? 0 : failures + 1;
    if (!outcome) on_error_(loop->name, outcome.error());
    const double dice = std::uniform_real_distribution<>(0, 1)(random_);
    timer.expires_after(next_wait(loop->schedule, failures, dice));
    co_await timer.async_wait(kToken);
  }
}

void Background::stop() {
  stopped_ = true;
  for (Loop& loop : loops_)
    loop.cancel.emit(asio::cancellation_type::terminal);
}

Task<bool> Background::join(Deadline deadline) {
  stop();
  if (!loops_.empty()) co_await all_ended_.wait(deadline);
  co_return loops_.empty();
}

void Background::ended(std::list<Loop>::iterator loop) {
  loops_.erase(loop);
  if (loops_.empty()) all_ended_.notify();
}

}  // namespace signet
