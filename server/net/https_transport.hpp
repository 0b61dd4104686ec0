#pragma once
// The real Transport: resolve, filter, connect, TLS, HTTP/1.1, a bounded pool of idle connections.
// The address that was checked is the one that is dialled; nothing is ever retried over plain HTTP.

#include <boost/asio/any_io_executor.hpp>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "server/net/byte_budget.hpp"
#include "server/net/resolver.hpp"
#include "server/net/settings.hpp"
#include "server/net/tls.hpp"
#include "server/net/transport.hpp"
#include "server/net/turns.hpp"

namespace signet {

class Connection;
class ConnectionPool;
class ReplyReader;

class HttpsTransport final : public Transport {
 public:
  // Fails with config_not_ready where a CA is no PEM. `resolver` must outlive the transport, and
  // the transport every Task it returned.
  static Result<std::unique_ptr<HttpsTransport>> make(asio::any_io_executor executor,
                                                      Resolver& resolver, NetSettings settings);
  ~HttpsTransport() override;
  HttpsTransport(const HttpsTransport&) = delete;
  HttpsTransport& operator=(const HttpsTransport&) = delete;

  Task<Result<HttpReply>> send(HttpRequest request, Deadline deadline) override;

  // The authorities of registries from now on, as PEM that was parsed before: for all hosts, and by
  // host. Connections that were made under others end with the request they carry.
  void trust(std::string ca_pem, std::map<std::string, std::string> ca_pem_by_host);

  // Closes the idle connections.
  void close_idle();
  // Nothing is sent any more, and what is under way fails: the program ends.
  void close();
  std::size_t idle() const;
  // Requests that wait for a turn.
  std::size_t waiting() const { return turns_.waiting(); }

 private:
  using Dialled = std::unique_ptr<Connection>;
  class InUse;

  HttpsTransport(asio::any_io_executor executor, Resolver& resolver, NetSettings settings);

  Task<Result<HttpReply>> exchange(HttpRequest request, std::string octets, Deadline deadline);
  HttpReply finish(Url url, Dialled connection, ReplyReader& reader);
  Task<Result<Dialled>> dial(Url url, Deadline deadline);
  Task<Result<Addresses>> addresses_of(Url url, Deadline deadline);
  Task<Result<Addresses>> addresses_of_proxy(Proxy proxy, Url url, Deadline deadline);
  Task<Result<Addresses>> resolve(std::string host, Deadline deadline);
  Result<TlsContext> context_for(const Url& url);

  asio::any_io_executor executor_;
  Resolver& resolver_;
  NetSettings settings_;
  AddressFilter filter_;
  // By the host whose CA it has, "" for all others. Made at first use: reading the system's
  // authorities takes 50 ms, which a run without a registry need not spend.
  std::map<std::string, TlsContext> contexts_;
  std::unique_ptr<ConnectionPool> pool_;
  Turns turns_;
  ByteBudget reply_bytes_;
  std::set<Connection*> in_use_;
  bool closed_ = false;
};

}  // namespace signet
