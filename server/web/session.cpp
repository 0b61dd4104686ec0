#include "server/web/session.hpp"

#include <netinet/tcp.h>

#include <algorithm>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <functional>

#include "server/web/conversation.hpp"

namespace signet {
namespace {

using Socket = asio::ip::tcp::socket;
using TlsStream = asio::ssl::stream<Socket&>;

bool says(const std::string& message, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
    return message.find(word) != std::string::npos;
  });
}

// "unknown ca" (alert 48) or "certificate unknown" of a client is the only sign on this side that
// the API server does not trust us; a certificate that we refuse is the client's.
std::string_view handshake_result(const boost::system::error_code& failure, bool timed_out) {
  if (timed_out) return "timeout";
  if (failure.category() != asio::error::get_ssl_category()) return "other";
  const std::string message = failure.message();
  if (says(message, {"certificate verify failed", "peer did not return a certificate"})) {
    return "bad_certificate";
  }
  if (says(message, {"unknown ca", "certificate unknown", "bad certificate"})) return "unknown_ca";
  return "protocol";
}

// Counts the end of a session, however it comes.
class Farewell {
 public:
  Farewell(SessionHost& host, std::function<std::string_view()> why)
      : host_(host), why_(std::move(why)) {}
  ~Farewell() { host_.metrics.connections_closed.add({host_.listener, why_()}); }
  Farewell(const Farewell&) = delete;
  Farewell& operator=(const Farewell&) = delete;

 private:
  SessionHost& host_;
  std::function<std::string_view()> why_;
};

// A peer that is gone is noticed after a minute (webhook.md A.9).
void prepare(Socket& socket) {
  using Idle = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_KEEPIDLE>;
  using Interval = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_KEEPINTVL>;
  using Probes = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_KEEPCNT>;
  boost::system::error_code ignored;
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
  socket.set_option(Idle(30), ignored);
  socket.set_option(Interval(10), ignored);
  socket.set_option(Probes(3), ignored);
}

}  // namespace

Task<void> serve_plain(Socket socket, SessionHost& host, Session& session) {
  prepare(socket);
  const GaugeHold counted(host.metrics.connections, host.listener);
  Watchdog watchdog(socket);
  Conversation<Socket> conversation(socket, watchdog, host, session);
  const Farewell farewell(host, [&] { return conversation.ended_by(); });
  co_await conversation.run();
  boost::system::error_code ignored;
  socket.shutdown(Socket::shutdown_both, ignored);
}

Task<void> serve_tls(Socket socket, TlsContext context, SessionHost& host, Session& session) {
  prepare(socket);
  const GaugeHold counted(host.metrics.connections, host.listener);
  // `context` is a parameter, so it lives as long as the stream does.
  TlsStream stream(socket, *context);
  Watchdog watchdog(socket);
  watchdog.guard(host.timers.handshake);
  const auto [failure] = co_await stream.async_handshake(asio::ssl::stream_base::server, kToken);
  if (failure) {
    const std::string_view result = handshake_result(failure, watchdog.barked());
    host.metrics.tls_handshakes.add({"none", result});
    host.metrics.connections_closed.add({host.listener, watchdog.barked() ? "timeout" : "error"});
    host.log.write(LogLine(LogLevel::debug, "http", "handshake_failed", "no TLS handshake")
                       .with("result", result)
                       .with("error", failure.message()));
    co_return;
  }
  host.metrics.tls_handshakes.add({version_of(stream.native_handle()), "ok"});
  Conversation<TlsStream> conversation(stream, watchdog, host, session);
  const Farewell farewell(host, [&] { return conversation.ended_by(); });
  co_await conversation.run();
  watchdog.guard(host.timers.goodbye);
  co_await stream.async_shutdown(kToken);
}

}  // namespace signet
