#include "server/web/session.hpp"

#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "server/web/conversation.hpp"

namespace signet {
namespace {

using Socket = asio::ip::tcp::socket;
using TlsStream = asio::ssl::stream<Socket&>;

// "unknown ca" (alert 48) or "certificate unknown" of a client is the only sign on this side that
// the API server does not trust us.
std::string_view handshake_result(const boost::system::error_code& failure, bool timed_out) {
  if (timed_out) return "timeout";
  if (failure.category() != asio::error::get_ssl_category()) return "other";
  const std::string message = failure.message();
  const bool distrust = message.find("unknown ca") != std::string::npos ||
                        message.find("certificate unknown") != std::string::npos ||
                        message.find("bad certificate") != std::string::npos;
  return distrust ? "unknown_ca" : "other";
}

void prepare(Socket& socket) {
  boost::system::error_code ignored;
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
}

}  // namespace

Task<void> serve_plain(Socket socket, SessionHost& host, Session& session) {
  prepare(socket);
  const GaugeHold counted(host.metrics.connections, host.listener);
  Watchdog watchdog(socket);
  Conversation<Socket> conversation(socket, watchdog, host, session);
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
    host.metrics.tls_handshakes.add({result});
    host.log.write(LogLine(LogLevel::debug, "http", "handshake_failed", "no TLS handshake")
                       .with("result", result)
                       .with("error", failure.message()));
    co_return;
  }
  host.metrics.tls_handshakes.add({"ok"});
  Conversation<TlsStream> conversation(stream, watchdog, host, session);
  co_await conversation.run();
  watchdog.guard(host.timers.goodbye);
  co_await stream.async_shutdown(kToken);
}

}  // namespace signet
