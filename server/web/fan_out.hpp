#pragma once
// Runs one task for each item, some at a time, and hands back what is ready at the deadline. A task
// that throws or is late leaves its item empty; the answer never waits for it.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/runtime/sessions.hpp"
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

  FanOut(std::size_t count, std::size_t at_once, Work work)
      : batch_(std::make_shared<Batch>()), at_once_(at_once) {
    batch_->results.values.resize(count);
    batch_->results.failures.resize(count);
    batch_->work = std::move(work);
  }

  // Each turn is one of `errands`, whose owner joins what is late. After run() no further item is
  // begun.
  Task<Results> run(Deadline deadline, Sessions* errands) {
    const std::size_t count = batch_->results.values.size();
    for (std::size_t i = 0; i < std::min(count, at_once_); ++i) {
      auto turn = std::make_shared<const Turn>(batch_);
      errands->start(
          [turn = std::move(turn)](Session&) mutable { return take_turns(std::move(turn)); });
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

  // One that takes turns: counted until it is done, cancelled, or was never begun.
  struct Turn {
    explicit Turn(std::shared_ptr<Batch> batch_) : batch(std::move(batch_)) { ++batch->live; }
    ~Turn() {
      --batch->live;
      batch->ended.notify();
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

    std::shared_ptr<Batch> batch;
  };

  static Task<void> take_turns(std::shared_ptr<const Turn> turn) {
    const auto batch = turn->batch;
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
