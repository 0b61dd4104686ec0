#pragma once
// The live connections of a server: counted, capped, drained. A session that waits for its next
// request marks itself idle, so that a drain ends it at once; the others may finish first.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <exception>
#include <functional>
#include <list>

#include "server/runtime/task.hpp"
#include "server/runtime/waiters.hpp"

namespace signet {

class Sessions;

// What a running session knows about itself.
class Session {
 public:
  // No further request: answer with "Connection: close".
  bool draining() const;
  // Around the wait for the next request; a drain cancels an idle session.
  void set_idle(bool idle);
  bool idle() const { return idle_; }

 private:
  friend class Sessions;
  explicit Session(Sessions& sessions) : sessions_(sessions) {}

  Sessions& sessions_;
  asio::cancellation_signal cancel_;
  bool idle_ = false;
};

class Sessions {
 public:
  using Body = std::function<Task<void>(Session&)>;
  using OnException = std::function<void(std::exception_ptr)>;

  // `on_exception` hears of a body that threw anything but its own cancellation.
  Sessions(asio::any_io_executor executor, std::size_t cap, OnException on_exception);
  Sessions(const Sessions&) = delete;
  Sessions& operator=(const Sessions&) = delete;

  // Runs `body` as a session; false where the cap is reached or a drain has begun: close the
  // socket.
  bool start(Body body);

  // Ends idle sessions now, lets the others finish until `deadline` and cancels them then.
  Task<void> drain(Deadline deadline);

  std::size_t count() const { return live_.size(); }
  std::size_t cap() const { return cap_; }
  bool draining() const { return draining_; }

 private:
  friend class Session;
  struct Live {
    Live(Sessions& sessions, Body body_) : session(sessions), body(std::move(body_)) {}
    Session session;
    Body body;
  };

  void ended(std::list<Live>::iterator live, const std::exception_ptr& failure);

  asio::any_io_executor executor_;
  std::size_t cap_;
  OnException on_exception_;
  std::list<Live> live_;
  Waiters all_ended_;
  bool draining_ = false;
};

}  // namespace signet
