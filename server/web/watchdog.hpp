#pragma once
// Closes a socket when the current step of its session has taken too long. The deadline is that of
// the step as a whole: bytes that arrive do not move it.

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>

#include "server/runtime/task.hpp"

namespace signet {

class Watchdog {
 public:
  explicit Watchdog(asio::ip::tcp::socket& socket)
      : timer_(socket.get_executor()), state_(std::make_shared<State>()) {
    state_->socket = &socket;
  }
  ~Watchdog() { state_->socket = nullptr; }
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  // The next step may take this long.
  void guard(std::chrono::milliseconds span) {
    rest();
    timer_.expires_after(span);
    timer_.async_wait(
        [state = state_, step = state_->step](const boost::system::error_code& failure) {
          // A timer that fired just before it was moved is told apart by the number of its step.
          if (failure || state->socket == nullptr || state->step != step) return;
          state->barked = true;
          boost::system::error_code ignored;
          state->socket->close(ignored);
        });
  }
  // The next step has a deadline of its own.
  void rest() {
    ++state_->step;
    timer_.cancel();
  }
  bool barked() const { return state_->barked; }

 private:
  struct State {
    asio::ip::tcp::socket* socket = nullptr;
    unsigned step = 0;
    bool barked = false;
  };
  asio::steady_timer timer_;
  std::shared_ptr<State> state_;
};

}  // namespace signet
