#include "server/net/connection.hpp"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/error.hpp>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "server/net/reply_head.hpp"

namespace signet {
namespace {

using boost::system::error_code;
using std::chrono::steady_clock;
using Milliseconds = std::chrono::milliseconds;

constexpr std::size_t kAddressesTried = 8;
constexpr std::size_t kReadBytes = 32 * kKiB;

// The caller's deadline is told apart from a step that took too long.
Error timed_out(const Url& url, std::string_view doing, Deadline deadline) {
  if (steady_clock::now() >= deadline) return {Reason::deadline, "the deadline passed"};
  return {Reason::registry_timeout, cat(url.host_header(), " took too long: ", doing)};
}

Milliseconds share_of(Deadline end, std::size_t waiting, Milliseconds most) {
  const auto left = std::chrono::duration_cast<Milliseconds>(end - steady_clock::now());
  return std::clamp(left / static_cast<long>(waiting), Milliseconds(0), most);
}

// A peer that vanished is noticed within a minute, also by a reply that may be silent for long.
void keep_alive(asio::ip::tcp::socket& socket) {
  const auto set = [&socket](int level, int option, int value) {
    ::setsockopt(socket.native_handle(), level, option, &value, sizeof value);
  };
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
  set(IPPROTO_TCP, TCP_KEEPIDLE, 30);
  set(IPPROTO_TCP, TCP_KEEPINTVL, 10);
  set(IPPROTO_TCP, TCP_KEEPCNT, 3);
}

Error not_connected(const Url& url, const error_code& failure, Deadline deadline) {
  if (failure == boost::beast::error::timeout) return timed_out(url, "connecting", deadline);
  return {Reason::registry_unreachable,
          cat("cannot connect to ", url.host_header(), ": ", failure.message())};
}

}  // namespace

Addresses in_dialling_order(const Addresses& addresses) {
  Addresses six;
  Addresses four;
  for (const asio::ip::address& address : addresses) {
    (address.is_v6() ? six : four).push_back(address);
  }
  Addresses order;
  for (std::size_t i = 0; i < std::max(six.size(), four.size()); ++i) {
    if (i < six.size()) order.push_back(six[i]);
    if (i < four.size()) order.push_back(four[i]);
  }
  if (order.size() > kAddressesTried) order.resize(kAddressesTried);
  return order;
}

Connection::Connection(Url url, NetTimers timers, Plain plain)
    : url_(std::move(url)),
      timers_(timers),
      plain_(std::move(plain)),
      opened_(steady_clock::now()) {}

Task<Result<std::unique_ptr<Connection>>> Connection::dial(Url url, Addresses addresses,
                                                           TlsContext context, NetTimers timers,
                                                           Deadline deadline) {
  const bool tls = url.tls;
  auto connected = co_await connect(std::move(url), std::move(addresses), timers, deadline);
  if (!connected || !tls) co_return connected;
  const auto secured = co_await (*connected)->handshake(std::move(context), deadline);
  if (!secured) co_return secured.error();
  co_return connected;
}

Task<Result<std::unique_ptr<Connection>>> Connection::dial_through(Proxy proxy, Url url,
                                                                   Addresses addresses,
                                                                   TlsContext context,
                                                                   NetTimers timers,
                                                                   Deadline deadline) {
  auto connected = co_await connect(proxy.url, std::move(addresses), timers, deadline);
  if (!connected) co_return connected.error().under("the proxy");
  Connection& connection = **connected;
  const auto tunnel = co_await connection.ask_proxy(std::move(proxy), url, deadline);
  if (!tunnel) co_return tunnel.error();
  connection.url_ = std::move(url);
  const auto secured = co_await connection.handshake(std::move(context), deadline);
  if (!secured) co_return secured.error();
  co_return connected;
}

Task<Result<std::unique_ptr<Connection>>> Connection::connect(Url url, Addresses addresses,
                                                              NetTimers timers, Deadline deadline) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  const Addresses order = in_dialling_order(addresses);
  const Deadline end = sooner(deadline, timers.connect);
  error_code failure = asio::error::host_unreachable;
  for (std::size_t i = 0; i < order.size(); ++i) {
    Plain stream(executor);
    stream.expires_after(share_of(end, order.size() - i, timers.connect_one));
    const asio::ip::tcp::endpoint endpoint(order[i], url.port);
    const auto [refusal] = co_await stream.async_connect(endpoint, kToken);
    failure = refusal;
    if (failure) continue;
    error_code ignored;
    stream.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
    keep_alive(stream.socket());
    // The peer is the address that was checked (registry.md H.2).
    if (stream.socket().remote_endpoint(ignored).address() != order[i]) {
      failure = asio::error::host_unreachable;
      continue;
    }
    std::unique_ptr<Connection> connection(new Connection(url, timers, std::move(stream)));
    co_return connection;
  }
  co_return not_connected(url, failure, deadline);
}

Task<Result<void>> Connection::handshake(TlsContext context, Deadline deadline) {
  context_ = std::move(context);
  secure_.emplace(std::move(*plain_), *context_);
  plain_.reset();
  const auto named = expect_host(secure_->native_handle(), url_.host);
  if (!named) co_return named.error();
  lowest().expires_at(sooner(deadline, timers_.handshake));
  const auto [failure] = co_await secure_->async_handshake(asio::ssl::stream_base::client, kToken);
  if (!failure) co_return Result<void>();
  if (failure == boost::beast::error::timeout) {
    co_return timed_out(url_, "the TLS handshake", deadline);
  }
  if (failure == asio::error::connection_reset) {
    co_return failed("in the TLS handshake", failure, deadline);
  }
  co_return Error(Reason::registry_tls,
                  handshake_failure(secure_->native_handle(), url_.host_header(), failure));
}

// The origin's credentials stay out of this request, the proxy's out of all others (registry.md
// E.7).
Task<Result<void>> Connection::ask_proxy(Proxy proxy, Url origin, Deadline deadline) {
  const std::string target = cat(origin.authority(), ":", std::to_string(origin.port));
  std::string request = cat("CONNECT ", target, " HTTP/1.1\r\nHost: ", target, "\r\n");
  if (!proxy.authorization.empty()) {
    request.append(cat("Proxy-Authorization: ", proxy.authorization, "\r\n"));
  }
  request.append("\r\n");
  const auto asked = co_await write(std::move(request), deadline);
  if (!asked) co_return asked.error().under("the proxy");
  const auto text = co_await read_proxy_head(sooner(deadline, timers_.proxy));
  if (!text) co_return text.error().under("the proxy");
  const auto head = parse_reply_head(*text);
  if (!head) co_return head.error().under("the proxy");
  if (head->status >= 200 && head->status < 300) co_return Result<void>();
  const std::string_view cure =
      head->status == 407 ? "; give its user and password in HTTPS_PROXY" : "";
  co_return Error(Reason::registry_unreachable, cat("the proxy refuses ", origin.host_header(),
                                                    " with ", std::to_string(head->status), cure));
}

// One octet too many would belong to the origin, which has not been asked yet.
Task<Result<std::string>> Connection::read_proxy_head(Deadline deadline) {
  lowest().expires_at(deadline);
  buffer_.resize(kReadBytes);
  std::string head;
  while (!head.ends_with("\r\n\r\n")) {
    const auto [failure, size] = co_await plain_->async_read_some(asio::buffer(buffer_), kToken);
    if (failure) co_return failed("while it was asked for a tunnel", failure, deadline);
    head.append(buffer_, 0, size);
    const auto end = head.find("\r\n\r\n");
    const bool too_much = end != std::string::npos && end + 4 != head.size();
    if (too_much || head.size() > kReplyFieldBytes) {
      co_return Error(Reason::registry_protocol, "it answers CONNECT with more than a head");
    }
  }
  co_return head;
}

Task<Result<void>> Connection::exchange(std::string request, ReplyReader& reader,
                                        Deadline deadline) {
  ++exchanges_;
  buffer_.resize(kReadBytes);
  const auto written = co_await write(std::move(request), deadline);
  if (!written) co_return written.error();
  co_return co_await read(reader, deadline);
}

Task<Result<void>> Connection::write(std::string octets, Deadline deadline) {
  lowest().expires_at(sooner(deadline, timers_.write));
  error_code failure;
  if (secure_) {
    const auto [ended, sent] = co_await asio::async_write(*secure_, asio::buffer(octets), kToken);
    failure = ended;
  } else {
    const auto [ended, sent] = co_await asio::async_write(*plain_, asio::buffer(octets), kToken);
    failure = ended;
  }
  if (failure) co_return failed("while it was asked", failure, deadline);
  co_return Result<void>();
}

Task<Result<void>> Connection::read(ReplyReader& reader, Deadline deadline) {
  const Deadline asked = steady_clock::now();
  Deadline begun = asked;
  while (!reader.done()) {
    const bool first = !reader.started();
    const Milliseconds pause = reader.silence().value_or(timers_.between_reads);
    const Deadline step = first ? asked + timers_.first_byte : steady_clock::now() + pause;
    const auto came = co_await read_some(reader, step, deadline);
    if (!came) co_return came.error();
    if (first) begun = steady_clock::now();
    // A drip that keeps every timer happy still ends (registry.md E.1).
    const auto spent = std::chrono::duration_cast<Milliseconds>(steady_clock::now() - begun);
    const bool slow =
        reader.received() * 1000 < timers_.least_rate * static_cast<std::size_t>(spent.count());
    if (!reader.done() && !reader.silence() && spent > timers_.rate_grace && slow) {
      co_return timed_out(url_, "its reply drips", deadline);
    }
  }
  lowest().expires_never();
  std::string().swap(buffer_);  // an idle connection needs none
  co_return Result<void>();
}

Task<Result<void>> Connection::read_some(ReplyReader& reader, Deadline step, Deadline deadline) {
  lowest().expires_at(std::min(step, deadline));
  error_code failure;
  std::size_t size = 0;
  if (secure_) {
    const auto [ended, got] = co_await secure_->async_read_some(asio::buffer(buffer_), kToken);
    failure = ended;
    size = got;
  } else {
    const auto [ended, got] = co_await plain_->async_read_some(asio::buffer(buffer_), kToken);
    failure = ended;
    size = got;
  }
  Result<void> taken;
  if (size > 0) taken = reader.feed(std::string_view(buffer_).substr(0, size));
  if (taken && failure == asio::error::eof) taken = reader.end(Ending::clean);
  if (taken && failure == asio::ssl::error::stream_truncated) taken = reader.end(Ending::truncated);
  if (!taken) co_return taken.error().under(url_.host_header());
  if (failure && !reader.done()) co_return failed("while it answered", failure, deadline);
  co_return Result<void>();
}

void Connection::close() {
  lowest().close();
}

bool Connection::quiet() {
  if (secure_) {
    // Asio has put all that came into the BIO, also the records that nobody has read yet.
    SSL* const session = secure_->native_handle();
    if (SSL_has_pending(session) == 1 || BIO_pending(SSL_get_rbio(session)) > 0) return false;
  }
  char octet = 0;
  const auto got = ::recv(lowest().socket().native_handle(), &octet, 1, MSG_PEEK | MSG_DONTWAIT);
  return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

Connection::Plain& Connection::lowest() {
  return secure_ ? secure_->next_layer() : *plain_;
}

Error Connection::failed(std::string_view doing, const error_code& failure, Deadline deadline) {
  if (failure == boost::beast::error::timeout) return timed_out(url_, doing, deadline);
  if (failure.category() == asio::error::get_ssl_category()) {
    return {Reason::registry_tls,
            handshake_failure(secure_->native_handle(), url_.host_header(), failure)};
  }
  return {Reason::registry_unreachable,
          cat("the connection to ", url_.host_header(), " broke ", doing, ": ", failure.message())};
}

}  // namespace signet
