#pragma once
// Accepts connections on one address and runs a session for each, up to its seats; beyond them the
// newest is closed. Running out of file descriptors, or an exception, is a pause and not an end.

#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <string>

#include "server/runtime/config.hpp"
#include "server/runtime/sessions.hpp"
#include "server/runtime/waiters.hpp"
#include "server/web/seats.hpp"
#include "server/web/session.hpp"

namespace signet {

struct ListenerSettings {
  ListenAddress address;
  SeatLimits seats;
  // The context for the next connection; empty: plain HTTP.
  std::function<TlsContext()> tls;
};

class Listener {
 public:
  // `host` as sessions see it; its router and the rest outlive the listener.
  Listener(asio::any_io_executor executor, ListenerSettings settings, SessionHost host);
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener();

  // Binds and begins to accept; the address with the port that was taken. Fails with
  // config_not_ready.
  Result<ListenAddress> open();
  // From now on every answer ends its connection; new ones are still accepted.
  void close_connections_after_answers() { host_.closing = true; }
  // Accepts no more, lets requests in progress finish until `deadline`, then cancels them. The
  // listener may go when this has returned.
  Task<void> stop(Deadline deadline);

  std::size_t sessions() const { return sessions_.count(); }

 private:
  Task<void> accept_all();
  Task<boost::system::error_code> accept_one();
  void start(asio::ip::tcp::socket socket);
  void shed_waiting();

  asio::any_io_executor executor_;
  ListenerSettings settings_;
  SessionHost host_;
  asio::ip::tcp::acceptor acceptor_;
  Seats seats_;
  Sessions sessions_;
  // Given up for a moment where no descriptor is left, so that those who wait can be sent away.
  int spare_descriptor_ = -1;
  Waiters stopped_;
  bool accepting_ = false;
};

}  // namespace signet
