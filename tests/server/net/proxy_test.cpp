#include "server/net/proxy.hpp"

#include "tests/server/net/transport_fixture.hpp"

namespace signet {
namespace {

using namespace testing;

Proxies proxies(const std::string& proxy, const std::string& exceptions = "") {
  ProxyVariables variables;
  variables.https_proxy = proxy;
  variables.no_proxy = exceptions;
  return *Proxies::parse(variables);
}

bool is_proxied(const Proxies& all, const std::string& url) {
  return all.proxy_for(*Url::parse(url)) != nullptr;
}

TEST(ProxiesTest, ReadsAProxyWithAndWithoutItsScheme) {
  for (const char* text :
       {"http://proxy.test:3128", "proxy.test:3128", "HTTP://proxy.test:3128/"}) {
    SCOPED_TRACE(text);
    const Proxies all = proxies(text);
    const Proxy* const proxy = all.proxy_for(*Url::parse("https://reg.io/"));
    ASSERT_NE(proxy, nullptr);
    EXPECT_EQ(proxy->url.host, "proxy.test");
    EXPECT_EQ(proxy->url.port, 3128);
    EXPECT_EQ(proxy->authorization, "");
  }
}

TEST(ProxiesTest, TakesUserAndPasswordFromTheUrl) {
  const Proxies all = proxies("http://me:p%40ss@proxy.test");
  const Proxy* const proxy = all.proxy_for(*Url::parse("https://reg.io/"));
  ASSERT_NE(proxy, nullptr);
  EXPECT_EQ(proxy->authorization, "Basic bWU6cEBzcw==");
  EXPECT_EQ(proxy->url.port, 80);
}

TEST(ProxiesTest, RefusesWhatItCannotUseWithoutRepeatingAPassword) {
  for (const char* text : {"https://me:secret@proxy.test", "socks5://me:secret@proxy.test",
                           "http://me:secret%@proxy.test", "http://me:secret@proxy.test:x"}) {
    SCOPED_TRACE(text);
    ProxyVariables variables;
    variables.https_proxy = text;
    const auto parsed = Proxies::parse(variables);
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().reason(), Reason::config_not_ready);
    EXPECT_EQ(parsed.error().what().find("secret"), std::string::npos);
  }
}

TEST(ProxiesTest, ProxiesHttpsOfOtherMachinesAlone) {
  const Proxies all = proxies("proxy.test");
  EXPECT_TRUE(is_proxied(all, "https://reg.io/"));
  EXPECT_FALSE(is_proxied(all, "http://reg.io/"));
  EXPECT_FALSE(is_proxied(all, "https://localhost:5000/"));
  EXPECT_FALSE(is_proxied(all, "https://127.0.0.2/"));
  EXPECT_FALSE(is_proxied(all, "https://[::1]/"));
  EXPECT_FALSE(is_proxied(Proxies(), "https://reg.io/"));
  EXPECT_FALSE(is_proxied(proxies(""), "https://reg.io/"));
}

TEST(ProxiesTest, ObeysNoProxy) {
  struct Row {
    const char* exceptions;
    const char* url;
    bool proxied;
  };
  const std::vector<Row> rows = {
      {"*", "https://reg.io/", false},
      {" a.com , reg.io", "https://reg.io/", false},
      {"REG.io", "https://reg.io/", false},
      {"reg.io", "https://sub.reg.io/", false},
      {"reg.io", "https://notreg.io/", true},
      {".reg.io", "https://reg.io/", true},
      {".reg.io", "https://sub.reg.io/", false},
      {"*.reg.io", "https://reg.io/", true},
      {"*.reg.io", "https://sub.reg.io/", false},
      {"reg.io:8443", "https://reg.io/", true},
      {"reg.io:8443", "https://reg.io:8443/", false},
      {"10.0.0.0/8", "https://10.1.2.3/", false},
      {"10.0.0.0/8", "https://11.1.2.3/", true},
      {"10.9.9.9/8", "https://10.1.2.3/", false},
      {"10.1.2.3", "https://10.1.2.3/", false},
      {"10.0.0.0/8", "https://reg.io/", true},
      {"fd00::/8", "https://[fd00::1]/", false},
      {",,:x,.", "https://reg.io/", true},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(std::string(row.exceptions) + " " + row.url);
    EXPECT_EQ(is_proxied(proxies("proxy.test", row.exceptions), row.url), row.proxied);
  }
}

Task<void> answer_connect(Peer& peer, std::string reply, std::string& seen) {
  seen = co_await peer.read_request();
  co_await peer.write(std::move(reply));
  co_await stay_silent(peer);
}

struct ProxiedTransportTest : TransportFixture {
  Script proxy_answering(const std::string& reply) {
    return [this, reply](Peer& peer) { return answer_connect(peer, reply, seen); };
  }
  void use(const Loopback& proxy) {
    resolver.add("proxy.test", "127.0.0.1");
    settings.proxies = proxies("http://me:pass@proxy.test:" + std::to_string(proxy.port()));
  }

  std::string seen;
};

TEST_F(ProxiedTransportTest, AsksForATunnelWithTheProxysCredentialsAlone) {
  const Loopback proxy(loop, {proxy_answering("HTTP/1.1 502 Bad Gateway\r\n\r\n")});
  use(proxy);
  HttpRequest request = get("https://reg.test:8443/v2/");
  request.headers.emplace_back("Authorization", "Bearer secret");

  const auto reply = send(std::move(request));

  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().reason(), Reason::registry_unreachable);
  EXPECT_EQ(seen,
            "CONNECT reg.test:8443 HTTP/1.1\r\nHost: reg.test:8443\r\n"
            "Proxy-Authorization: Basic bWU6cGFzcw==\r\n\r\n");
}

TEST_F(ProxiedTransportTest, SaysThatTheProxyWantsOtherCredentials) {
  const Loopback proxy(loop, {proxy_answering("HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n")});
  use(proxy);
  const auto reply = send(get("https://reg.test/v2/"));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().reason(), Reason::registry_unreachable);
  EXPECT_NE(reply.error().what().find("HTTPS_PROXY"), std::string::npos);
}

TEST_F(ProxiedTransportTest, RefusesAProxyThatSaysMoreThanAHead) {
  for (const std::string& reply : {std::string("HTTP/1.1 200 OK\r\n\r\nx"),
                                   "HTTP/1.1 200 OK\r\n" + std::string(20'000, 'x')}) {
    const Loopback proxy(loop, {proxy_answering(reply)});
    transport.reset();
    use(proxy);
    EXPECT_EQ(reason_of(get("https://reg.test/v2/")), Reason::registry_protocol);
  }
}

TEST_F(ProxiedTransportTest, ASilentProxyIsATimeout) {
  const Loopback proxy(loop, {stay_silent});
  use(proxy);
  settings.timers.proxy = kShort;
  EXPECT_EQ(reason_of(get("https://reg.test/v2/")), Reason::registry_timeout);
}

TEST_F(ProxiedTransportTest, FiltersAddressesAndPortsBeforeTheProxyIsAsked) {
  const Loopback proxy(loop, {stay_silent});
  use(proxy);
  settings.addresses.enabled = true;
  EXPECT_EQ(reason_of(get("https://10.0.0.1/v2/")), Reason::registry_blocked);
  EXPECT_EQ(reason_of(get("https://169.254.169.254/v2/")), Reason::registry_blocked);
  EXPECT_EQ(reason_of(get("https://reg.test:6379/v2/")), Reason::registry_blocked);
  EXPECT_EQ(proxy.accepted(), 0U);
}

// Carries octets both ways once it has agreed to.
Task<void> carry(asio::ip::tcp::socket& from, asio::ip::tcp::socket& to) {
  char piece[16'384];
  while (true) {
    const auto [failure, size] = co_await from.async_read_some(asio::buffer(piece), kToken);
    if (failure) co_return;
    const auto [broken, sent] = co_await asio::async_write(to, asio::buffer(piece, size), kToken);
    if (broken) co_return;
  }
}

Task<void> tunnel(asio::ip::tcp::acceptor& acceptor, std::uint16_t origin) {
  using namespace asio::experimental::awaitable_operators;
  auto [refused, client] = co_await acceptor.async_accept(kToken);
  if (refused) co_return;
  std::string request;
  while (!request.ends_with("\r\n\r\n")) {
    char octet = 0;
    const auto [failure, size] = co_await client.async_read_some(asio::buffer(&octet, 1), kToken);
    if (failure) co_return;
    request.push_back(octet);
  }
  asio::ip::tcp::socket server(acceptor.get_executor());
  const asio::ip::tcp::endpoint endpoint(asio::ip::make_address("127.0.0.1"), origin);
  co_await server.async_connect(endpoint, kToken);
  const std::string agreed = "HTTP/1.1 200 Connection established\r\n\r\n";
  co_await asio::async_write(client, asio::buffer(agreed), kToken);
  co_await (carry(client, server) || carry(server, client));
}

TEST_F(ProxiedTransportTest, ChecksTheOriginThroughTheTunnel) {
  const Loopback origin(loop, {always(ok("inside"))}, pki.server("DNS:far.test"));
  asio::ip::tcp::acceptor acceptor(loop,
                                   asio::ip::tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0));
  settings.proxies =
      proxies("http://127.0.0.1:" + std::to_string(acceptor.local_endpoint().port()));
  const auto ignore = [](const std::exception_ptr&) {};
  asio::co_spawn(loop, tunnel(acceptor, origin.port()), ignore);
  EXPECT_EQ(send(get("https://far.test/v2/"))->body, "inside");
  EXPECT_EQ(send(get("https://far.test/v2/"))->body, "inside");
  EXPECT_EQ(origin.accepted(), 1U);

  asio::co_spawn(loop, tunnel(acceptor, origin.port()), ignore);
  EXPECT_EQ(reason_of(get("https://other.test/v2/")), Reason::registry_tls);
}

}  // namespace
}  // namespace signet
