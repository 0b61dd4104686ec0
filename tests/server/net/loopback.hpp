#pragma once
// A server on the loopback interface that plays scripts, one for each connection, with TLS or
// without. It lives on the test's own loop.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/net/tls.hpp"
#include "server/runtime/task.hpp"

namespace signet::testing {

// One accepted connection, as its script sees it.
class Peer {
 public:
  Peer(asio::ip::tcp::socket socket, TlsContext context) : context_(std::move(context)) {
    if (context_) {
      secure_.emplace(std::move(socket), *context_);
    } else {
      plain_.emplace(std::move(socket));
    }
  }

  Task<bool> handshake() {
    if (!secure_) co_return true;
    const auto [failure] =
        co_await secure_->async_handshake(asio::ssl::stream_base::server, kToken);
    co_return !failure;
  }
  // The octets of one request, up to its empty line; empty where the client has gone.
  Task<std::string> read_request() {
    std::string octets;
    while (octets.find("\r\n\r\n") == std::string::npos) {
      char piece[4096];
      boost::system::error_code failure;
      std::size_t size = 0;
      if (secure_) {
        const auto [ended, got] = co_await secure_->async_read_some(asio::buffer(piece), kToken);
        failure = ended;
        size = got;
      } else {
        const auto [ended, got] = co_await plain_->async_read_some(asio::buffer(piece), kToken);
        failure = ended;
        size = got;
      }
      if (failure) co_return std::string();
      octets.append(piece, size);
    }
    co_return octets;
  }
  // False where the client does not take it.
  Task<bool> write(std::string octets) {
    boost::system::error_code failure;
    if (secure_) {
      const auto [ended, sent] = co_await asio::async_write(*secure_, asio::buffer(octets), kToken);
      failure = ended;
    } else {
      const auto [ended, sent] = co_await asio::async_write(*plain_, asio::buffer(octets), kToken);
      failure = ended;
    }
    co_return !failure;
  }
  Task<void> say_goodbye() {
    if (secure_) co_await secure_->async_shutdown(kToken);
  }
  static Task<void> pause(std::chrono::milliseconds span) {
    asio::steady_timer timer(co_await asio::this_coro::executor, span);
    co_await timer.async_wait(kToken);
  }

 private:
  TlsContext context_;
  std::optional<asio::ip::tcp::socket> plain_;
  std::optional<asio::ssl::stream<asio::ip::tcp::socket>> secure_;
};

// The connection closes when its script ends.
using Script = std::function<Task<void>(Peer&)>;

class Loopback {
 public:
  // The last script serves all further connections too.
  Loopback(asio::io_context& loop, std::vector<Script> scripts, TlsContext context = nullptr,
           const std::string& address = "127.0.0.1", std::uint16_t port = 0)
      : scripts_(std::move(scripts)),
        context_(std::move(context)),
        acceptor_(loop, asio::ip::tcp::endpoint(asio::ip::make_address(address), port)) {
    asio::co_spawn(loop, accept(), [](const std::exception_ptr&) {});
  }

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  std::size_t accepted() const { return accepted_; }

 private:
  Task<void> accept() {
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    while (true) {
      auto [failure, socket] = co_await acceptor_.async_accept(kToken);
      if (failure) co_return;
      const std::size_t number = std::min(accepted_++, scripts_.size() - 1);
      auto peer = std::make_unique<Peer>(std::move(socket), context_);
      asio::co_spawn(executor, play(std::move(peer), scripts_[number]),
                     [](const std::exception_ptr&) {});
    }
  }
  static Task<void> play(std::unique_ptr<Peer> peer, Script script) {
    const bool secured = co_await peer->handshake();
    if (secured) co_await script(*peer);
  }

  std::vector<Script> scripts_;
  TlsContext context_;
  asio::ip::tcp::acceptor acceptor_;
  std::size_t accepted_ = 0;
};

// Answers every request on the connection alike.
inline Task<void> answer_always(Peer& peer, std::string reply) {
  while (true) {
    const std::string request = co_await peer.read_request();
    if (request.empty()) co_return;
    const bool written = co_await peer.write(reply);
    if (!written) co_return;
  }
}
inline Script always(std::string reply) {
  return [reply](Peer& peer) { return answer_always(peer, reply); };
}

// Answers one request and closes, with close_notify.
inline Task<void> answer_once(Peer& peer, std::string reply) {
  const std::string request = co_await peer.read_request();
  co_await peer.write(std::move(reply));
  co_await peer.say_goodbye();
}
inline Script once(std::string reply) {
  return [reply](Peer& peer) { return answer_once(peer, reply); };
}

// Reads and never answers.
inline Task<void> stay_silent(Peer& peer) {
  while (true) {
    const std::string request = co_await peer.read_request();
    if (request.empty()) co_return;
  }
}

inline std::string ok(const std::string& body, const std::string& fields = "") {
  return "HTTP/1.1 200 OK\r\n" + fields + "Content-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

}  // namespace signet::testing
