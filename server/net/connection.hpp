#pragma once
// One connection to one origin: TCP, with TLS or without, and a deadline on every step. After any
// error it is closed and of no further use.

#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <memory>
#include <optional>
#include <string>

#include "server/net/reply_reader.hpp"
#include "server/net/resolver.hpp"
#include "server/net/settings.hpp"
#include "server/net/tls.hpp"
#include "server/net/url.hpp"

namespace signet {

class Connection {
 public:
  // Tries the addresses in turn, families interleaved, each with a part of the time; TLS where the
  // URL says so. The caller has filtered the addresses.
  static Task<Result<std::unique_ptr<Connection>>> dial(Url url, Addresses addresses,
                                                        TlsContext context, NetTimers timers,
                                                        Deadline deadline);
  // The same through a proxy at these addresses, which then carries TLS to the origin.
  static Task<Result<std::unique_ptr<Connection>>> dial_through(Proxy proxy, Url url,
                                                                Addresses addresses,
                                                                TlsContext context,
                                                                NetTimers timers,
                                                                Deadline deadline);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // One exchange. On success the reply is complete in `reader`.
  Task<Result<void>> exchange(std::string request, ReplyReader& reader, Deadline deadline);

  // Whether nothing came since the last reply and the peer has not closed: an unasked octet could
  // pass for the start of the next reply.
  bool quiet();
  // What is under way on it fails.
  void close();

  Deadline opened() const { return opened_; }
  std::size_t exchanges() const { return exchanges_; }

 private:
  using Plain = boost::beast::tcp_stream;
  using Secure = asio::ssl::stream<boost::beast::tcp_stream>;

  Connection(Url url, NetTimers timers, Plain plain);

  static Task<Result<std::unique_ptr<Connection>>> connect(Url url, Addresses addresses,
                                                           NetTimers timers, Deadline deadline);
  Task<Result<void>> handshake(TlsContext context, Deadline deadline);
  Task<Result<void>> ask_proxy(Proxy proxy, Url origin, Deadline deadline);
  Task<Result<std::string>> read_proxy_head(Deadline deadline);
  Task<Result<void>> write(std::string octets, Deadline deadline);
  Task<Result<void>> read(ReplyReader& reader, Deadline deadline);
  Task<Result<void>> read_some(ReplyReader& reader, Deadline step, Deadline deadline);
  Plain& lowest();
  Error failed(std::string_view doing, const boost::system::error_code& failure, Deadline deadline);

  Url url_;
  NetTimers timers_;
  TlsContext context_;  // outlives the stream, whose callbacks are kept in it
  std::optional<Plain> plain_;
  std::optional<Secure> secure_;
  Deadline opened_;
  std::size_t exchanges_ = 0;
  std::string buffer_;
};

// The order in which addresses are tried: IPv6 first, families in turn, at most eight (RFC 8305 4).
Addresses in_dialling_order(const Addresses& addresses);

}  // namespace signet
