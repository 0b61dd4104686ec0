#include "server/runtime/sessions.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

namespace signet {
namespace {

constexpr std::chrono::milliseconds kCancelled{1000};  // for cancelled sessions to unwind

bool is_cancellation(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const boost::system::system_error& error) {
    return error.code() == asio::error::operation_aborted;
  } catch (...) {
    return false;
  }
}

}  // namespace

bool Session::draining() const {
  return sessions_.draining();
}

void Session::set_idle(bool idle) {
  idle_ = idle;
}

Sessions::Sessions(asio::any_io_executor executor, std::size_t cap, OnException on_exception)
    : executor_(std::move(executor)), cap_(cap), on_exception_(std::move(on_exception)) {}

bool Sessions::start(Body body) {
  if (draining_ || live_.size() >= cap_) return false;
  live_.emplace_back(*this, std::move(body));
  const auto live = std::prev(live_.end());
  // The session's own signal must outlive the coroutine that it cancels, so it goes a turn later.
  const auto finish = [this, live](const std::exception_ptr& failure) {
    asio::post(executor_, [this, live, failure] { ended(live, failure); });
  };
  asio::co_spawn(executor_, live->body(live->session),
                 asio::bind_cancellation_slot(live->session.cancel_.slot(), finish));
  return true;
}

Task<void> Sessions::drain(Deadline deadline) {
  draining_ = true;
  for (Live& live : live_) {
    if (live.session.idle_) live.session.cancel_.emit(asio::cancellation_type::terminal);
  }
  if (!live_.empty()) co_await all_ended_.wait(deadline);
  for (Live& live : live_)
    live.session.cancel_.emit(asio::cancellation_type::terminal);
  if (!live_.empty()) co_await all_ended_.wait(deadline_in(kCancelled));
}

void Sessions::ended(std::list<Live>::iterator live, const std::exception_ptr& failure) {
  live_.erase(live);
  if (failure && !is_cancellation(failure)) on_exception_(failure);
  if (live_.empty()) all_ended_.notify();
}

}  // namespace signet
