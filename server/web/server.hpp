#pragma once
// The web server as a whole: the admission port over TLS, health and metrics over HTTP, each on its
// own address.
//
//   WebServer server(loop.get_executor(), settings, webhook, probes, tls, memory, metrics,
//                    log);
//   const auto listening = server.open();          // binds all three; ports that were 0 are filled
//   ...
//   server.begin_drain();                          // SIGTERM: not ready, answers end connections
//   co_await server.stop(deadline_in(drain));      // after the delay: no new ones, finish, cancel
//
// Everything it is given outlives it; it may go when stop() has returned.

#include "server/web/listener.hpp"
#include "server/web/probes.hpp"
#include "server/web/tls_reload.hpp"
#include "server/web/webhook.hpp"

namespace signet {

struct WebSettings {
  ListenAddress listen;
  ListenAddress health_listen;
  ListenAddress metrics_listen;
  SeatLimits seats;                           // on the admission port
  std::size_t body_bytes = 64 * 1024 * 1024;  // of all requests being read or parsed
  SessionTimers timers;
};

struct Listening {
  ListenAddress admission;
  ListenAddress health;
  ListenAddress metrics;
};

class WebServer {
 public:
  WebServer(asio::any_io_executor executor, const WebSettings& settings, Webhook& webhook,
            Probes& probes, TlsReload& tls, Memory& memory, Metrics& metrics, Log& log);
  WebServer(const WebServer&) = delete;
  WebServer& operator=(const WebServer&) = delete;

  Result<Listening> open();
  void begin_drain();
  Task<void> stop(Deadline deadline);

 private:
  SessionHost host(const Router& router, std::string listener, const SessionTimers& timers);

  Probes& probes_;
  Memory& memory_;
  Metrics& metrics_;
  Log& log_;
  Budget bodies_;
  Router admission_routes_;
  Router health_routes_;
  Router metrics_routes_;
  Listener admission_;
  Listener health_;
  Listener metrics_listener_;
};

}  // namespace signet
