#pragma once
// Coroutines that wait for one event, each up to its own deadline; one that leaves early, or is
// cancelled, takes nothing from the others. Must outlive whoever waits. One thread.

#include <vector>

#include "server/runtime/task.hpp"

namespace signet {

class Waiters {
 public:
  Waiters() = default;
  Waiters(const Waiters&) = delete;
  Waiters& operator=(const Waiters&) = delete;

  // Returns at the next notify() or at the deadline; the caller looks at what it waited for.
  Task<void> wait(Deadline deadline) {
    asio::steady_timer timer(co_await asio::this_coro::executor, deadline);
    const Entry entry(*this, timer);
    co_await timer.async_wait(kToken);
  }

  void notify() {
    for (asio::steady_timer* timer : timers_)
      timer->cancel();
  }

 private:
  class Entry {
   public:
    Entry(Waiters& waiters, asio::steady_timer& timer) : waiters_(waiters), timer_(timer) {
      waiters_.timers_.push_back(&timer_);
    }
    ~Entry() { std::erase(waiters_.timers_, &timer_); }
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;

   private:
    Waiters& waiters_;
    asio::steady_timer& timer_;
  };

  std::vector<asio::steady_timer*> timers_;
};

}  // namespace signet
