// What a registry, the network or the name service may do wrong, and the reason each gets.

#include "tests/server/net/transport_fixture.hpp"

namespace signet {
namespace {

using namespace testing;
using namespace std::chrono_literals;

using HttpsFaultsTest = TransportFixture;

TEST_F(HttpsFaultsTest, SilenceIsATimeout) {
  const Loopback server(loop, {stay_silent}, pki.server("DNS:reg.test"));
  settings.timers.first_byte = kShort;
  EXPECT_EQ(reason_of(get(https(server))), Reason::registry_timeout);
}

TEST_F(HttpsFaultsTest, SilenceUntilTheCallersDeadlineIsTheDeadline) {
  const Loopback server(loop, {stay_silent}, pki.server("DNS:reg.test"));
  EXPECT_EQ(reason_of(get(https(server)), deadline_in(kShort)), Reason::deadline);
}

TEST_F(HttpsFaultsTest, AnAttemptIsBoundedAsAWhole) {
  const Loopback server(loop, {stay_silent}, pki.server("DNS:reg.test"));
  settings.timers.attempt = kShort;
  EXPECT_EQ(reason_of(get(https(server))), Reason::registry_timeout);
}

TEST_F(HttpsFaultsTest, SilenceInTheHandshakeIsATimeout) {
  const Loopback server(loop, {stay_silent});  // never speaks TLS, never closes
  settings.timers.handshake = kShort;
  EXPECT_EQ(reason_of(get(https(server))), Reason::registry_timeout);
}

Task<void> begin_and_stop(Peer& peer) {
  const std::string request = co_await peer.read_request();
  co_await peer.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nbeg");
  co_await stay_silent(peer);
}

TEST_F(HttpsFaultsTest, SilenceWithinABodyIsATimeout) {
  const Loopback server(loop, {begin_and_stop}, pki.server("DNS:reg.test"));
  settings.timers.between_reads = kShort;
  EXPECT_EQ(reason_of(get(https(server))), Reason::registry_timeout);
}

Task<void> drip(Peer& peer) {
  const std::string request = co_await peer.read_request();
  bool taken = co_await peer.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
  while (taken) {
    co_await Peer::pause(2ms);
    taken = co_await peer.write("x");
  }
}

TEST_F(HttpsFaultsTest, ADripThatKeepsEveryTimerHappyIsATimeout) {
  const Loopback server(loop, {drip}, pki.server("DNS:reg.test"));
  settings.timers.rate_grace = kShort;
  settings.timers.attempt = kLong;
  const auto reply = send(get(https(server)));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().reason(), Reason::registry_timeout);
  EXPECT_NE(reply.error().what().find("drips"), std::string::npos);
}

TEST_F(HttpsFaultsTest, AShortBodyIsABrokenConnection) {
  const Loopback server(loop, {once("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort")},
                        pki.server("DNS:reg.test"));
  EXPECT_EQ(reason_of(get(https(server))), Reason::registry_unreachable);
  EXPECT_EQ(transport->idle(), 0U);
}

TEST_F(HttpsFaultsTest, ClosingWithoutAReplyIsABrokenConnection) {
  const Loopback server(loop, {once("")}, pki.server("DNS:reg.test"));
  EXPECT_EQ(reason_of(get(https(server))), Reason::registry_unreachable);
  EXPECT_EQ(server.accepted(), 1U);
}

Task<void> close_rudely(Peer& peer) {
  const std::string request = co_await peer.read_request();
  co_await peer.write("HTTP/1.1 200 OK\r\n\r\nall of it?");
}

TEST_F(HttpsFaultsTest, ABodyThatEndsWithTheConnectionMustEndWithCloseNotify) {
  const Loopback polite(loop, {once("HTTP/1.1 200 OK\r\n\r\nall of it")},
                        pki.server("DNS:reg.test"));
  HttpRequest hashed = get(https(polite));
  hashed.hash_verified = true;
  const auto reply = send(hashed);
  ASSERT_TRUE(reply) << reply.error().what();
  EXPECT_EQ(reply->body, "all of it");
  EXPECT_EQ(transport->idle(), 0U);
  EXPECT_EQ(reason_of(get(https(polite))), Reason::registry_protocol);

  const Loopback rude(loop, {close_rudely}, pki.server("DNS:reg.test"));
  hashed.url = *Url::parse(https(rude));
  EXPECT_EQ(reason_of(hashed), Reason::registry_unreachable);
}

TEST_F(HttpsFaultsTest, AmbiguousFramingIsAProtocolError) {
  for (const char* reply :
       {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: "
        "chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nok",
        "<html>Sign in</html>", "SSH-2.0-OpenSSH_9.2\r\n"}) {
    SCOPED_TRACE(reply);
    const Loopback server(loop, {always(reply)}, pki.server("DNS:reg.test"));
    EXPECT_EQ(reason_of(get(https(server))), Reason::registry_protocol);
    EXPECT_EQ(transport->idle(), 0U);
  }
}

struct Flood {
  std::string head;
  std::size_t sent = 0;
};

// Offers 300 MB for as long as somebody takes it.
Task<void> flood(Peer& peer, Flood& about) {
  const std::string request = co_await peer.read_request();
  bool taken = co_await peer.write(about.head);
  const std::string chunk = "10000\r\n" + std::string(65536, 'x') + "\r\n";
  while (taken && about.sent < 300'000'000) {
    taken = co_await peer.write(chunk);
    about.sent += chunk.size();
  }
}

TEST_F(HttpsFaultsTest, CutsAFloodAtItsLimit) {
  for (const char* head : {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                           "HTTP/1.1 200 OK\r\nContent-Length: 300000000\r\n\r\n"}) {
    SCOPED_TRACE(head);
    Flood about{head};
    const Loopback server(loop, {[&about](Peer& peer) { return flood(peer, about); }},
                          pki.server("DNS:reg.test"));
    HttpRequest request = get(https(server));
    request.body_limit = 1'000'000;
    EXPECT_EQ(reason_of(std::move(request)), Reason::limit_exceeded);
    while (loop.poll() > 0) {
    }
    EXPECT_LT(about.sent, 30'000'000U);
    EXPECT_EQ(transport->idle(), 0U);
  }
}

TEST_F(HttpsFaultsTest, CutsAFloodOfAnError) {
  Flood about{"HTTP/1.1 404 Not Found\r\nContent-Length: 300000000\r\n\r\n"};
  const Loopback server(loop, {[&about](Peer& peer) { return flood(peer, about); }},
                        pki.server("DNS:reg.test"));
  const auto reply = send(get(https(server)));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 404U);
  EXPECT_EQ(reply->body.size(), kErrorBodyBytes);
  EXPECT_EQ(transport->idle(), 0U);
}

TEST_F(HttpsFaultsTest, AClosedPortIsUnreachable) {
  std::optional<Loopback> server(std::in_place, loop, std::vector<Script>{stay_silent});
  const std::string url = https(*server);
  server.reset();
  const auto reply = send(get(url));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().reason(), Reason::registry_unreachable);
  EXPECT_EQ(reply.error().what().find("127.0.0.1"), std::string::npos);
}

TEST_F(HttpsFaultsTest, TriesEveryAddress) {
  const Loopback server(loop, {always(ok("found"))}, pki.server("DNS:many.test"));
  resolver.add("many.test", "127.0.0.77");
  resolver.add("many.test", "::1");
  resolver.add("many.test", "127.0.0.1");
  const auto reply = send(get(https(server, "many.test")));
  ASSERT_TRUE(reply) << reply.error().what();
  EXPECT_EQ(reply->body, "found");
}

TEST_F(HttpsFaultsTest, AnUnknownNameIsADnsFailure) {
  EXPECT_EQ(reason_of(get("https://nowhere.test/v2/")), Reason::registry_dns);
}

TEST_F(HttpsFaultsTest, ASilentNameServerIsADnsFailureUnlessTheDeadlineComesFirst) {
  resolver.silent = true;
  settings.timers.dns = kShort;
  EXPECT_EQ(reason_of(get("https://reg.test/v2/")), Reason::registry_dns);
  EXPECT_EQ(reason_of(get("https://reg.test/v2/"), deadline_in(1ms)), Reason::deadline);
}

TEST_F(HttpsFaultsTest, APassedDeadlineSendsNothing) {
  const Loopback server(loop, {always(ok("x"))}, pki.server("DNS:reg.test"));
  EXPECT_EQ(reason_of(get(https(server)), Deadline::min()), Reason::deadline);
}

}  // namespace
}  // namespace signet
