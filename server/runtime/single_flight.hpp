#pragma once
// One run per key, whoever asks meanwhile gets the same answer. The flight belongs to nobody who
// waits, so an impatient caller cannot fail the others; it must bound itself.

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "server/runtime/task.hpp"
#include "server/runtime/waiters.hpp"

namespace signet {

template <class K, class T, class Hash = std::hash<K>>
class SingleFlight {
 public:
  using Work = std::function<Task<Result<T>>()>;

  // Flights run on `executor`; none: on that of the caller who starts one. Beyond `most` of them a
  // new key is told Reason::overloaded.
  explicit SingleFlight(asio::any_io_executor executor = {},
                        std::size_t most = static_cast<std::size_t>(-1))
      : executor_(std::move(executor)), most_(most), flights_(std::make_shared<Flights>()) {}
  SingleFlight(const SingleFlight&) = delete;
  SingleFlight& operator=(const SingleFlight&) = delete;

  // The answer of the flight of `key`, which `work` starts where there is none; Reason::deadline
  // past `deadline`, while the flight goes on. What `work` refers to must outlive the loop. Name
  // the function before the co_await (g++ 12).
  Task<Result<T>> run(K key, Work work, Deadline deadline) {
    asio::any_io_executor executor = co_await asio::this_coro::executor;
    if (executor_) executor = executor_;
    std::shared_ptr<Flight> flight;
    const auto found = flights_->find(key);
    if (found != flights_->end()) flight = found->second;
    if (!flight && flights_->size() >= most_) {
      co_return Error(Reason::overloaded, "too many requests to registries are in progress");
    }
    if (!flight) flight = start(executor, key, std::move(work));
    if (!flight->answer) co_await flight->landed.wait(deadline);
    if (flight->answer) co_return *flight->answer;
    co_return Error(Reason::deadline, "the deadline passed");
  }

  bool is_flying(const K& key) const { return flights_->contains(key); }
  std::size_t in_flight() const { return flights_->size(); }

  // Cancels every flight; who waits is told. For the end of the program.
  void stop() {
    const Flights flying = *flights_;
    for (const auto& [key, flight] : flying)
      flight->cancel.emit(asio::cancellation_type::terminal);
  }

 private:
  struct Flight {
    std::optional<Result<T>> answer;
    Waiters landed;
    asio::cancellation_signal cancel;
  };
  using Flights = std::unordered_map<K, std::shared_ptr<Flight>, Hash>;

  std::shared_ptr<Flight> start(asio::any_io_executor executor, const K& key, Work work) {
    const auto flight = std::make_shared<Flight>();
    flights_->emplace(key, flight);
    // fly() answers whatever happens, so there is no exception to look at. The signal must outlive
    // the coroutine that it cancels, so it goes a turn later.
    const auto finish = [executor, flight](const std::exception_ptr&) {
      asio::post(executor, [flight] {});
    };
    asio::co_spawn(executor, fly(flights_, key, flight, std::move(work)),
                   asio::bind_cancellation_slot(flight->cancel.slot(), finish));
    return flight;  // it may have landed already
  }

  // Holds the map itself, not the SingleFlight: the loop may end it later than its owner.
  static Task<void> fly(std::shared_ptr<Flights> flights, K key, std::shared_ptr<Flight> flight,
                        Work work) {
    try {
      flight->answer = co_await work();
    } catch (const std::exception& failure) {
      flight->answer = Error(Reason::internal, std::string("internal error: ") + failure.what());
    } catch (...) {
      flight->answer = Error(Reason::internal, "internal error: an unknown exception");
    }
    flights->erase(key);
    flight->landed.notify();
  }

  asio::any_io_executor executor_;
  std::size_t most_;
  std::shared_ptr<Flights> flights_;
};

}  // namespace signet
