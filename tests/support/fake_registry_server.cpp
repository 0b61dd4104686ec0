#include "tests/support/fake_registry_server.hpp"

#include <algorithm>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>
#include <thread>

#include "core/base/text.hpp"
#include "server/net/tls.hpp"
#include "tests/server/net/pki.hpp"

namespace signet::testing {
namespace {

using asio::ip::tcp;

// A request out of its head; the target is seen as coming to `origin`.
HttpRequest request_in(const std::string& head, const Url& origin) {
  const auto lines = split(head, '\n');
  const auto words = split(trim(lines.front()), ' ');
  HttpRequest request(std::string(words.front()), origin);
  if (words.size() > 1) request.url.target = words[1];
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const std::size_t colon = lines[i].find(':');
    if (colon == std::string_view::npos) continue;
    request.headers.emplace_back(lines[i].substr(0, colon), trim(lines[i].substr(colon + 1)));
  }
  return request;
}

std::size_t body_size_of(const HttpRequest& request) {
  for (const auto& [name, value] : request.headers) {
    if (equals_ignoring_case(name, "Content-Length")) return parse_number(value).value_or(0);
  }
  return 0;
}

// Without a body where it drips.
std::string octets_of(const FakeReply& reply, const std::string& method) {
  if (reply.conduct == FakeConduct::raw) return reply.body;
  std::string octets = cat("HTTP/1.1 ", std::to_string(reply.status), " Fake\r\n");
  bool has_length = false;
  for (const auto& [name, value] : reply.headers) {
    octets += cat(name, ": ", value, "\r\n");
    has_length = has_length || equals_ignoring_case(name, "Content-Length");
  }
  if (!has_length) octets += cat("Content-Length: ", std::to_string(reply.body.size()), "\r\n");
  octets += "\r\n";
  if (method == "HEAD" || reply.conduct == FakeConduct::drips) return octets;
  const bool cut =
      reply.conduct == FakeConduct::cuts_the_body || reply.conduct == FakeConduct::resets_the_body;
  return octets + reply.body.substr(0, cut ? reply.body.size() / 2 : reply.body.size());
}

}  // namespace

class FakeRegistryServer::Engine {
 public:
  Engine(FakeRegistry& registry, FakeScheme scheme, const std::string& names)
      : registry_(registry),
        acceptor_(loop_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
        port_(acceptor_.local_endpoint().port()) {
    if (scheme == FakeScheme::https) {
      context_ = pki_.server("IP:127.0.0.1,DNS:localhost" + (names.empty() ? "" : "," + names));
    }
    origin_ = *Url::parse(cat(context_ ? "https" : "http", "://", host(), "/"));
    asio::co_spawn(loop_, accept(), [](const std::exception_ptr&) {});
    thread_ = std::thread([this] { loop_.run(); });
  }
  ~Engine() {
    loop_.stop();
    thread_.join();
  }
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  std::uint16_t port() const { return port_; }
  std::string host() const { return cat("127.0.0.1:", std::to_string(port_)); }
  std::string ca_pem() const { return pki_.ca_pem(); }
  std::size_t connections() const { return connections_; }

 private:
  Task<void> accept() {
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    while (true) {
      auto [failure, socket] = co_await acceptor_.async_accept(signet::kToken);
      if (failure) co_return;
      ++connections_;
      asio::co_spawn(executor, serve(std::move(socket)), [](const std::exception_ptr&) {});
    }
  }

  Task<void> serve(tcp::socket socket) {
    if (!context_) {
      co_await talk(&socket);
      co_return;
    }
    asio::ssl::stream<tcp::socket> stream(std::move(socket), *context_);
    const auto [failure] =
        co_await stream.async_handshake(asio::ssl::stream_base::server, signet::kToken);
    if (!failure) co_await talk(&stream);
  }

  template <class Stream>
  Task<void> talk(Stream* stream) {
    std::string received;
    while (true) {
      const auto [failure, size] = co_await asio::async_read_until(
          *stream, asio::dynamic_buffer(received), "\r\n\r\n", signet::kToken);
      if (failure) co_return;
      HttpRequest request = request_in(received.substr(0, size), origin_);
      received.erase(0, size);
      const std::size_t body_size = body_size_of(request);
      while (received.size() < body_size) {
        std::string piece(body_size - received.size(), '\0');
        const auto [ended, got] =
            co_await stream->async_read_some(asio::buffer(piece), signet::kToken);
        if (ended) co_return;
        received.append(piece, 0, got);
      }
      request.body = received.substr(0, body_size);
      received.erase(0, body_size);
      const bool goes_on = co_await reply_to(stream, std::move(request));
      if (!goes_on) co_return;
    }
  }

  template <class Stream>
  Task<bool> reply_to(Stream* stream, HttpRequest request) {
    const FakeReply reply = registry_.answer(request);
    co_await pause(std::max(reply.delay, registry_.delay));
    if (reply.conduct == FakeConduct::drops) co_return false;
    if (reply.conduct == FakeConduct::stalls) {
      co_await pause(std::chrono::minutes(10));
      co_return false;
    }
    const std::string octets = octets_of(reply, request.method);
    const auto [failure, size] =
        co_await asio::async_write(*stream, asio::buffer(octets), signet::kToken);
    if (reply.conduct == FakeConduct::drips) co_await drip(stream, reply.body);
    if (reply.conduct == FakeConduct::stalls_after_the_body)
      co_await pause(std::chrono::minutes(10));
    if (reply.conduct == FakeConduct::resets_the_body) {
      stream->lowest_layer().set_option(asio::socket_base::linger(true, 0));
      stream->lowest_layer().close();
    }
    co_return !failure && reply.conduct == FakeConduct::honest;
  }

  template <class Stream>
  Task<void> drip(Stream* stream, std::string body) {
    for (const char octet : body) {
      const auto [failure, size] =
          co_await asio::async_write(*stream, asio::buffer(&octet, 1), signet::kToken);
      if (failure) co_return;
      co_await pause(std::chrono::seconds(1));
    }
  }

  Task<void> pause(std::chrono::milliseconds span) {
    if (span.count() == 0) co_return;
    asio::steady_timer timer(loop_, span);
    co_await timer.async_wait(signet::kToken);
  }

  FakeRegistry& registry_;
  ServerPki pki_;
  TlsContext context_;
  asio::io_context loop_;
  tcp::acceptor acceptor_;
  std::uint16_t port_;
  Url origin_;
  std::atomic<std::size_t> connections_ = 0;
  std::thread thread_;
};

FakeRegistryServer::FakeRegistryServer(FakeRegistry& registry, FakeScheme scheme,
                                       const std::string& names)
    : engine_(std::make_unique<Engine>(registry, scheme, names)) {}
FakeRegistryServer::~FakeRegistryServer() = default;

std::uint16_t FakeRegistryServer::port() const {
  return engine_->port();
}
std::string FakeRegistryServer::host() const {
  return engine_->host();
}
std::string FakeRegistryServer::ca_pem() const {
  return engine_->ca_pem();
}
std::size_t FakeRegistryServer::connections() const {
  return engine_->connections();
}

}  // namespace signet::testing
