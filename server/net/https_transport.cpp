#include "server/net/https_transport.hpp"

#include <chrono>

#include "core/base/text.hpp"
#include "server/net/connection.hpp"
#include "server/net/connection_pool.hpp"
#include "server/net/host_port.hpp"
#include "server/net/reply_reader.hpp"

namespace signet {
namespace {

using std::chrono::steady_clock;

constexpr std::uint16_t kHttp = 80;

// A repeated POST could act twice.
bool is_repeatable(const HttpRequest& request) {
  return request.method == "GET" || request.method == "HEAD";
}

}  // namespace

bool NetSettings::is_plain_http(std::string_view host, std::uint16_t port) const {
  for (const std::string& listed : plain_http) {
    if (HostPort::parse(listed).names(host, port, kHttp)) return true;
  }
  return false;
}

Result<std::unique_ptr<HttpsTransport>> HttpsTransport::make(asio::any_io_executor executor,
                                                             Resolver& resolver,
                                                             NetSettings settings) {
  const auto standard = make_client_context(ClientTls{settings.ca_pem, false});
  if (!standard) return standard.error().under("registry.ca");
  for (const auto& [host, pem] : settings.ca_pem_by_host) {
    const auto context = make_client_context(ClientTls{pem, false});
    if (!context) return context.error().under(cat("the CA of ", host));
  }
  return std::unique_ptr<HttpsTransport>(
      new HttpsTransport(std::move(executor), resolver, std::move(settings)));
}

HttpsTransport::HttpsTransport(asio::any_io_executor executor, Resolver& resolver,
                               NetSettings settings)
    : executor_(std::move(executor)),
      resolver_(resolver),
      settings_(std::move(settings)),
      filter_(settings_.addresses),
      pool_(std::make_unique<ConnectionPool>(settings_.pool)),
      turns_(settings_.turns),
      reply_bytes_(settings_.reply_bytes) {}

HttpsTransport::~HttpsTransport() = default;

// Known to close() for as long as it lives.
class HttpsTransport::InUse {
 public:
  InUse(HttpsTransport& transport, Connection& connection)
      : transport_(transport), connection_(connection) {
    transport_.in_use_.insert(&connection_);
  }
  ~InUse() { transport_.in_use_.erase(&connection_); }
  InUse(const InUse&) = delete;
  InUse& operator=(const InUse&) = delete;

 private:
  HttpsTransport& transport_;
  Connection& connection_;
};

void HttpsTransport::close() {
  closed_ = true;
  close_idle();
  for (Connection* connection : in_use_)
    connection->close();
}

void HttpsTransport::trust(std::string ca_pem, std::map<std::string, std::string> ca_pem_by_host) {
  settings_.ca_pem = std::move(ca_pem);
  settings_.ca_pem_by_host = std::move(ca_pem_by_host);
  contexts_.clear();
  pool_->clear();
}

void HttpsTransport::close_idle() {
  pool_->clear();
}

std::size_t HttpsTransport::idle() const {
  return pool_->size();
}

Task<Result<HttpReply>> HttpsTransport::send(HttpRequest request, Deadline deadline) {
  if (!request.url.tls && !request.plain_ok &&
      !settings_.is_plain_http(request.url.host, request.url.port)) {
    co_return Error(Reason::registry_protocol,
                    cat(request.url.host_header(),
                        " would be asked over plain HTTP, which registry.plainHttp does not list"));
  }
  if (steady_clock::now() >= deadline) {
    co_return Error(Reason::deadline, "the deadline passed before anything was asked");
  }
  auto octets = request_octets(request, settings_.user_agent);
  if (!octets) co_return octets.error();
  Claim claim{request.url.origin(), request.tenant};
  const auto turn = co_await turns_.take(std::move(claim), deadline);
  if (!turn) co_return turn.error();
  if (closed_) co_return Error(Reason::deadline, "the program ends");
  const Deadline attempt = request.stream ? deadline : sooner(deadline, settings_.timers.attempt);
  auto reply = co_await exchange(std::move(request), *std::move(octets), attempt);
  const bool step_ended = !reply && reply.error().reason() == Reason::deadline;
  if (step_ended && steady_clock::now() < deadline) {
    co_return reply.error().as(Reason::registry_timeout);
  }
  co_return reply;
}

Task<Result<HttpReply>> HttpsTransport::exchange(HttpRequest request, std::string octets,
                                                 Deadline deadline) {
  if (is_repeatable(request)) {
    Dialled idle = pool_->take(request.url.origin(), steady_clock::now());
    if (idle) {
      const InUse in_use(*this, *idle);
      ReplyReader reader(request, &reply_bytes_);
      const auto ended = co_await idle->exchange(octets, reader, deadline);
      if (ended) co_return finish(std::move(request.url), std::move(idle), reader);
      // The peer closed it while it lay idle: that says nothing about a fresh one.
      const bool stale =
          !reader.started() && ended.error().reason() == Reason::registry_unreachable;
      if (!stale) co_return ended.error();
    }
  }
  auto fresh = co_await dial(request.url, deadline);
  if (!fresh) co_return fresh.error();
  ReplyReader reader(request, &reply_bytes_);
  Dialled connection = *std::move(fresh);
  const InUse in_use(*this, *connection);
  const auto ended = co_await connection->exchange(std::move(octets), reader, deadline);
  if (!ended) co_return ended.error();
  co_return finish(std::move(request.url), std::move(connection), reader);
}

HttpReply HttpsTransport::finish(Url url, Dialled connection, ReplyReader& reader) {
  if (reader.reusable()) pool_->put(url.origin(), std::move(connection), steady_clock::now());
  HttpReply reply = reader.take();
  reply.url = std::move(url);
  return reply;
}

Task<Result<HttpsTransport::Dialled>> HttpsTransport::dial(Url url, Deadline deadline) {
  const Proxy* const proxy = settings_.proxies.proxy_for(url);
  Result<Addresses> addresses = Addresses();
  if (proxy == nullptr) {
    addresses = co_await addresses_of(url, deadline);
  } else {
    addresses = co_await addresses_of_proxy(*proxy, url, deadline);
  }
  if (!addresses) co_return addresses.error();
  TlsContext context;
  if (url.tls) {
    const auto made = context_for(url);
    if (!made) co_return made.error();
    context = *made;
  }
  if (proxy == nullptr) {
    co_return co_await Connection::dial(std::move(url), *addresses, std::move(context),
                                        settings_.timers, deadline);
  }
  co_return co_await Connection::dial_through(*proxy, std::move(url), *addresses,
                                              std::move(context), settings_.timers, deadline);
}

// The addresses of the origin that may be dialled.
Task<Result<Addresses>> HttpsTransport::addresses_of(Url url, Deadline deadline) {
  if (!filter_.permits_port(url.host, url.port)) {
    co_return filter_.permitted(url.host, url.port, Addresses());
  }
  const auto found = co_await resolve(url.host, deadline);
  if (!found) co_return found.error();
  co_return filter_.permitted(url.host, url.port, *found);
}

// Behind a proxy nobody here sees where a name leads; an address in its place is filtered all the
// same (registry.md E.7). The proxy is the administrator's choice.
Task<Result<Addresses>> HttpsTransport::addresses_of_proxy(Proxy proxy, Url url,
                                                           Deadline deadline) {
  boost::system::error_code failure;
  const auto literal = asio::ip::make_address(url.host, failure);
  const bool permitted = filter_.permits_port(url.host, url.port) &&
                         (failure || filter_.permits(url.host, url.port, literal));
  if (!permitted) co_return filter_.permitted(url.host, url.port, Addresses());
  auto found = co_await resolve(proxy.url.host, deadline);
  if (!found) co_return found.error().under("the proxy");
  co_return found;
}

Task<Result<Addresses>> HttpsTransport::resolve(std::string host, Deadline deadline) {
  const Deadline end = sooner(deadline, settings_.timers.dns);
  auto found = co_await resolver_.resolve(host, end);
  const bool ended = !found && found.error().reason() == Reason::deadline;
  if (ended && steady_clock::now() < deadline) {
    co_return Error(Reason::registry_dns,
                    cat("the name server did not answer in time for ", printable(host)));
  }
  co_return found;
}

Result<TlsContext> HttpsTransport::context_for(const Url& url) {
  std::string owner;
  for (const auto& [host, pem] : settings_.ca_pem_by_host) {
    // Whose certificates to trust is a matter of the host, unless a port is named.
    if (HostPort::parse(host).names(url.host, url.port, url.port)) owner = host;
  }
  const auto known = contexts_.find(owner);
  if (known != contexts_.end()) return known->second;
  std::string pem = settings_.ca_pem;
  if (!owner.empty()) pem = cat(pem, "\n", settings_.ca_pem_by_host[owner]);
  ClientTls tls{std::move(pem), settings_.system_anchors};
  tls.keys = settings_.client_keys;
  auto made = make_client_context(std::move(tls));
  if (made) contexts_.emplace(owner, *made);
  return made;
}

}  // namespace signet
