#include "server/net/https_transport.hpp"

#include "tests/server/net/transport_fixture.hpp"

namespace signet {
namespace {

using namespace testing;
using namespace std::chrono_literals;

using HttpsTransportTest = TransportFixture;

Task<void> remember_request(Peer& peer, std::string& seen) {
  seen = co_await peer.read_request();
  co_await peer.write(ok("hello", "X-A: b\r\n"));
}

TEST_F(HttpsTransportTest, ExchangesOverTls) {
  std::string seen;
  const Loopback server(loop, {[&seen](Peer& peer) { return remember_request(peer, seen); }},
                        pki.server("DNS:reg.test"));
  HttpRequest request = get(https(server));
  request.headers.emplace_back("Accept", "x/y");

  const auto reply = send(std::move(request));

  ASSERT_TRUE(reply) << reply.error().what();
  EXPECT_EQ(reply->status, 200U);
  EXPECT_EQ(reply->body, "hello");
  EXPECT_EQ(*reply->header("x-a"), "b");
  EXPECT_EQ(reply->url.str(), https(server));
  EXPECT_TRUE(seen.starts_with("GET /v2/ HTTP/1.1\r\n"));
  EXPECT_NE(seen.find("Host: reg.test:" + std::to_string(server.port())), std::string::npos);
  EXPECT_NE(seen.find("Accept-Encoding: identity\r\n"), std::string::npos);
  EXPECT_NE(seen.find("Accept: x/y\r\n"), std::string::npos);
}

TEST_F(HttpsTransportTest, UsesPlainHttpForListedHostsAlone) {
  const Loopback server(loop, {always(ok("plain"))});
  settings.plain_http = {"other.test", "reg.test:" + std::to_string(server.port())};
  resolver.add("sub.reg.test", "127.0.0.1");
  EXPECT_EQ(reason_of(get(http(server, "sub.reg.test"))), Reason::registry_protocol);
  EXPECT_EQ(reason_of(get(http(server, "127.0.0.1"))), Reason::registry_protocol);
  EXPECT_EQ(server.accepted(), 0U);
  EXPECT_EQ(send(get(http(server)))->body, "plain");
}

Task<void> answer_unasked(Peer& peer) {
  co_await peer.write("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
  co_await stay_silent(peer);
}

TEST_F(HttpsTransportTest, NeverFallsBackToPlainHttp) {
  const Loopback server(loop, {answer_unasked});
  settings.plain_http = {"reg.test"};
  const auto reply = send(get(https(server)));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().reason(), Reason::registry_tls);
  EXPECT_NE(reply.error().what().find("--plain-http"), std::string::npos);
  EXPECT_EQ(server.accepted(), 1U);
}

TEST_F(HttpsTransportTest, ReusesAConnection) {
  const Loopback server(loop, {always(ok("again"))}, pki.server("DNS:reg.test"));
  EXPECT_EQ(send(get(https(server)))->body, "again");
  EXPECT_EQ(transport->idle(), 1U);
  EXPECT_EQ(send(get(https(server)))->body, "again");
  EXPECT_EQ(server.accepted(), 1U);
  EXPECT_EQ(resolver.asked, 1);
  transport->close_idle();
  EXPECT_EQ(transport->idle(), 0U);
  EXPECT_EQ(send(get(https(server)))->body, "again");
  EXPECT_EQ(server.accepted(), 2U);
}

Task<void> answer_one_then_close_on_the_next(Peer& peer) {
  const std::string first = co_await peer.read_request();
  co_await peer.write(ok("first"));
  const std::string second = co_await peer.read_request();
}

TEST_F(HttpsTransportTest, ReplacesAConnectionThatWentStale) {
  const Loopback server(loop, {answer_one_then_close_on_the_next, always(ok("fresh"))},
                        pki.server("DNS:reg.test"));
  EXPECT_EQ(send(get(https(server)))->body, "first");
  const auto second = send(get(https(server)));
  ASSERT_TRUE(second) << second.error().what();
  EXPECT_EQ(second->body, "fresh");
  EXPECT_EQ(server.accepted(), 2U);
}

TEST_F(HttpsTransportTest, DropsAConnectionThatWasClosedWhileIdle) {
  const Loopback server(loop, {once(ok("one")), once(ok("two"))}, pki.server("DNS:reg.test"));
  EXPECT_EQ(send(get(https(server)))->body, "one");
  loop.poll();
  EXPECT_EQ(send(get(https(server)))->body, "two");
}

TEST_F(HttpsTransportTest, NeverSendsAPostOverAUsedConnection) {
  const Loopback server(loop, {always(ok("x"))}, pki.server("DNS:reg.test"));
  EXPECT_TRUE(send(get(https(server))));
  HttpRequest post("POST", *Url::parse(https(server)));
  EXPECT_TRUE(send(std::move(post)));
  EXPECT_EQ(server.accepted(), 2U);
}

TEST_F(HttpsTransportTest, DropsAConnectionThatSaysMoreThanAsked) {
  const Loopback server(loop, {always(ok("x") + "HTTP/1.1 200 OK\r\n"), always(ok("y"))},
                        pki.server("DNS:reg.test"));
  EXPECT_EQ(send(get(https(server)))->body, "x");
  EXPECT_EQ(transport->idle(), 0U);
  EXPECT_EQ(send(get(https(server)))->body, "y");
}

TEST_F(HttpsTransportTest, KeepsFewIdleConnections) {
  const Loopback server(loop, {always(ok("x"))}, pki.server("DNS:reg.test"));
  settings.pool.idle_per_origin = 0;
  EXPECT_TRUE(send(get(https(server))));
  EXPECT_EQ(transport->idle(), 0U);
}

TEST_F(HttpsTransportTest, RetiresAConnectionAfterItsRequests) {
  const Loopback server(loop, {always(ok("x"))}, pki.server("DNS:reg.test"));
  settings.pool.requests = 2;
  EXPECT_TRUE(send(get(https(server))));
  EXPECT_EQ(transport->idle(), 1U);
  EXPECT_TRUE(send(get(https(server))));
  EXPECT_EQ(transport->idle(), 0U);
}

TEST_F(HttpsTransportTest, ForgetsConnectionsThatAreTooOld) {
  const Loopback server(loop, {always(ok("x"))}, pki.server("DNS:reg.test"));
  settings.pool.idle_life = 0ms;
  EXPECT_TRUE(send(get(https(server))));
  EXPECT_TRUE(send(get(https(server))));
  EXPECT_EQ(server.accepted(), 2U);
}

TEST_F(HttpsTransportTest, ReadsAHeadOfAHugeBody) {
  const Loopback server(loop, {always("HTTP/1.1 200 OK\r\nContent-Length: 300000000\r\n\r\n")},
                        pki.server("DNS:reg.test"));
  HttpRequest head("HEAD", *Url::parse(https(server)));
  const auto reply = send(std::move(head));
  ASSERT_TRUE(reply);
  EXPECT_EQ(*reply->header("Content-Length"), "300000000");
  EXPECT_EQ(transport->idle(), 1U);
}

TEST_F(HttpsTransportTest, GivesAnyStatusAsAReply) {
  const Loopback server(
      loop, {always("HTTP/1.1 503 No\r\nContent-Length: 24\r\n\r\n<html>broken</html>\n\n\n\n\n")},
      pki.server("DNS:reg.test"));
  const auto reply = send(get(https(server)));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 503U);
  EXPECT_TRUE(reply->body.starts_with("<html>"));
}

Task<void> close_when_asked(Peer& peer, HttpsTransport& transport) {
  const std::string request = co_await peer.read_request();
  transport.close();
  co_await stay_silent(peer);
}

TEST_F(HttpsTransportTest, ClosingEndsWhatIsUnderWayAndSendsNothingMore) {
  const Loopback server(loop, {[this](Peer& peer) { return close_when_asked(peer, *transport); }},
                        pki.server("DNS:reg.test"));
  EXPECT_EQ(reason_of(get(https(server))), Reason::registry_unreachable);
  EXPECT_EQ(reason_of(get(https(server))), Reason::deadline);
  EXPECT_EQ(server.accepted(), 1U);
}

TEST_F(HttpsTransportTest, RefusesACaThatIsNone) {
  settings.ca_pem = "rubbish";
  const auto made = HttpsTransport::make(loop.get_executor(), resolver, settings);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().reason(), Reason::config_not_ready);
  EXPECT_NE(made.error().what().find("registry.ca"), std::string::npos);

  settings.ca_pem = "";
  settings.ca_pem_by_host["reg.test"] = "rubbish";
  const auto by_host = HttpsTransport::make(loop.get_executor(), resolver, settings);
  ASSERT_FALSE(by_host);
  EXPECT_NE(by_host.error().what().find("reg.test"), std::string::npos);
}

}  // namespace
}  // namespace signet
