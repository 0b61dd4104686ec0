#pragma once
// Work that repeats for as long as the program runs: refreshers and reloaders. All of it is joined
// at shutdown; a failure is told and retried with back-off, never fatal.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <chrono>
#include <functional>
#include <list>
#include <random>
#include <string>
#include <string_view>

#include "server/runtime/task.hpp"
#include "server/runtime/waiters.hpp"

namespace signet {

struct Schedule {
  std::chrono::milliseconds every;
  std::chrono::milliseconds first_retry = std::chrono::seconds(1);  // doubled up to `every`
  double jitter = 0.1;  // of the wait, either way, so that replicas do not march in step
};

// How long to wait after `failures` failed runs in a row; `dice` is from [0, 1).
std::chrono::milliseconds next_wait(const Schedule& schedule, unsigned failures, double dice);

class Background {
 public:
  using Work = std::function<Task<Result<void>>()>;
  using OnError = std::function<void(std::string_view name, const Error& error)>;

  Background(asio::any_io_executor executor, OnError on_error);
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  // Runs `work` now and then by its schedule. What it refers to must outlive join().
  void repeat(std::string name, Schedule schedule, Work work);

  // Ends the waits and cancels the runs. Nothing repeats afterwards.
  void stop();
  // Stops and waits until every loop has ended, at most until `deadline`; false if some has not.
  Task<bool> join(Deadline deadline);

  std::size_t running() const { return loops_.size(); }

 private:
  struct Loop {
    Loop(std::string name_, Schedule schedule_, Work work_)
        : name(std::move(name_)), schedule(schedule_), work(std::move(work_)) {}
    std::string name;
    Schedule schedule;
    Work work;
    asio::cancellation_signal cancel;
  };

  Task<void> run(std::list<Loop>::iterator loop);
  void ended(std::list<Loop>::iterator loop);

  asio::any_io_executor executor_;
  OnError on_error_;
  std::list<Loop> loops_;
  Waiters all_ended_;
  std::minstd_rand random_;
  bool stopped_ = false;
};

}  // namespace signet
