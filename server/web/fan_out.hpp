#pragma once
// Runs one task for each item, a few at a time, and hands back what is ready at the deadline. A
// task that throws or is late leaves its item empty; the answer never waits for it.

#include <boost/asio/co_spawn.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "server/runtime/waiters.hpp"

namespace signet {

template <class T>
class FanOut {
 public:
  using Work = std::function<Task<T>(std::size_t index)>;

  struct Results {
    std::vector<std::optional<T>> values;
    std::vector<std::string> failures;  // what was thrown, by index; empty: nothing
  };

  // After run() no further item is begun; what a late task itself refers to must outlive the loop.
  FanOut(std::size_t count, std::size_t at_once, Work work)
      : batch_(std::make_shared<Batch>()), at_once_(at_once) {
    batch_->results.values.resize(count);
    batch_->results.failures.resize(count);
    batch_->work = std::move(work);
  }

  Task<Results> run(Deadline deadline) {
    const auto executor = co_await asio::this_coro::executor;
    const std::size_t count = batch_->results.values.size();
    for (std::size_t i = 0; i < std::min(count, at_once_); ++i) {
      ++batch_->live;
      asio::co_spawn(executor, take_turns(batch_), [batch = batch_](std::exception_ptr) {
        --batch->live;
        batch->ended.notify();
      });
    }
    // Also when this wait is cancelled: nobody takes another turn after it.
    const Abandon abandon{*batch_};
    while (batch_->live > 0 && std::chrono::steady_clock::now() < deadline) {
      co_await batch_->ended.wait(deadline);
    }
    if (batch_->live > 0) co_return batch_->results;
    co_return std::move(batch_->results);
  }

 private:
  struct Batch {
    Results results;
    Work work;
    std::size_t next = 0;
    std::size_t live = 0;
    bool abandoned = false;
    Waiters ended;
  };

  struct Abandon {
    Batch& batch;
    ~Abandon() { batch.abandoned = true; }
  };

  static Task<void> take_turns(std::shared_ptr<Batch> batch) {
    while (!batch->abandoned && batch->next < batch->results.values.size()) {
      const std::size_t index = batch->next++;
      try {
        batch->results.values[index] = co_await batch->work(index);
      } catch (const std::exception& failure) {
        batch->results.failures[index] = failure.what();
      } catch (...) {
        batch->results.failures[index] = "unknown exception";
      }
    }
  }

  std::shared_ptr<Batch> batch_;
  std::size_t at_once_;
};

}  // namespace signet
