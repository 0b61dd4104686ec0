#pragma once
// Closes a socket when the current step of its session has taken too long. The deadline is that of
// the step as a whole: bytes that arrive do not move it. Steps follow each other much faster than
// they end, so a timer is set only where none would fire in time; one that fires early looks again.

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>

#include "server/runtime/task.hpp"

namespace signet {

class Watchdog {
 public:
  explicit Watchdog(asio::ip::tcp::socket& socket) : state_(std::make_shared<State>(socket)) {}
  ~Watchdog() {
    state_->socket = nullptr;
    state_->timer.cancel();
  }
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  // The next step may take this long.
  void guard(std::chrono::milliseconds span) {
    state_->due = deadline_in(span);
    if (!state_->armed || state_->timer.expiry() > state_->due) watch(state_);
  }
  // The next step has a deadline of its own.
  void rest() { state_->due = Deadline::max(); }
  bool barked() const { return state_->barked; }

 private:
  struct State {
    explicit State(asio::ip::tcp::socket& socket_)
        : socket(&socket_), timer(socket_.get_executor()) {}

    asio::ip::tcp::socket* socket;  // null once its session has gone
    asio::steady_timer timer;
    Deadline due = Deadline::max();
    bool armed = false;
    bool barked = false;
  };

  static void watch(const std::shared_ptr<State>& state) {
    state->armed = true;
    state->timer.expires_at(state->due);
    state->timer.async_wait([state](const boost::system::error_code& failure) {
      // Set anew meanwhile, or nobody is there any more.
      if (failure || state->socket == nullptr) return;
      state->armed = false;
      if (state->due == Deadline::max()) return;
      if (std::chrono::steady_clock::now() < state->due) return watch(state);
      state->barked = true;
      boost::system::error_code ignored;
      state->socket->close(ignored);
    });
  }

  std::shared_ptr<State> state_;
};

}  // namespace signet
