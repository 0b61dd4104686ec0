#pragma once
// One run per key, whoever asks meanwhile gets the same answer. The flight belongs to nobody who
// waits, so an impatient caller cannot fail the others; it must bound itself.

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "server/runtime/task.hpp"
#include "server/runtime/waiters.hpp"

namespace signet {

template <class K, class T>
class SingleFlight {
 public:
  using Work = std::function<Task<Result<T>>()>;

  explicit SingleFlight(asio::any_io_executor executor)
      : executor_(std::move(executor)), flights_(std::make_shared<Flights>()) {}
  SingleFlight(const SingleFlight&) = delete;
  SingleFlight& operator=(const SingleFlight&) = delete;

  // The answer of the flight of `key`, which `work` starts where there is none; Reason::deadline
  // past `deadline`, while the flight goes on. What `work` refers to must outlive the loop. Name
  // the function before the co_await (g++ 12).
  Task<Result<T>> run(K key, Work work, Deadline deadline) {
    const auto found = flights_->find(key);
    const std::shared_ptr<Flight> flight =
        found == flights_->end() ? start(key, std::move(work)) : found->second;
    if (!flight->answer) co_await flight->landed.wait(deadline);
    if (flight->answer) co_return *flight->answer;
    co_return Error(Reason::deadline, "the deadline passed");
  }

  std::size_t in_flight() const { return flights_->size(); }

 private:
  struct Flight {
    std::optional<Result<T>> answer;
    Waiters landed;
  };
  using Flights = std::map<K, std::shared_ptr<Flight>>;

  std::shared_ptr<Flight> start(const K& key, Work work) {
    const auto flight = std::make_shared<Flight>();
    flights_->emplace(key, flight);
    // fly() answers whatever happens, so there is no exception to look at.
    asio::co_spawn(executor_, fly(flights_, key, flight, std::move(work)),
                   [](const std::exception_ptr&) {});
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
  std::shared_ptr<Flights> flights_;
};

}  // namespace signet
