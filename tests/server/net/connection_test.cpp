#include "server/net/connection.hpp"

#include <gtest/gtest.h>

#include "tests/server/net/loopback.hpp"
#include "tests/server/net/pki.hpp"
#include "tests/support/run.hpp"

namespace signet {
namespace {

using asio::ip::make_address;
using namespace testing;
using namespace std::chrono_literals;

TEST(DiallingOrderTest, InterleavesFamiliesAndTriesEight) {
  const Addresses found = {make_address("1.0.0.1"), make_address("1.0.0.2"),
                           make_address("2600::1"), make_address("1.0.0.3")};
  EXPECT_EQ(in_dialling_order(found),
            (Addresses{make_address("2600::1"), make_address("1.0.0.1"), make_address("1.0.0.2"),
                       make_address("1.0.0.3")}));
  Addresses many;
  for (unsigned char i = 0; i < 50; ++i)
    many.push_back(asio::ip::address_v4({1, 0, 0, i}));
  EXPECT_EQ(in_dialling_order(many).size(), 8U);
}

Task<void> answer_and_stay(Peer& peer) {
  const std::string request = co_await peer.read_request();
  co_await peer.write(ok("x"));
  co_await stay_silent(peer);
}

Task<void> answer_and_speak_unasked(Peer& peer) {
  const std::string request = co_await peer.read_request();
  co_await peer.write(ok("x"));
  co_await Peer::pause(1ms);
  co_await peer.write(ok("of another request"));
  co_await stay_silent(peer);
}

// A connection over TLS, or without, after one exchange.
struct ConnectionTest : ::testing::TestWithParam<bool> {
  std::unique_ptr<Connection> connected(const Loopback& server) {
    const HttpRequest request("GET",
                              *Url::parse((GetParam() ? "https://reg.test:" : "http://reg.test:") +
                                          std::to_string(server.port()) + "/"));
    const TlsContext context = *make_client_context(ClientTls{pki.ca_pem(), false});
    const Addresses addresses = {make_address("127.0.0.1")};
    auto dialled = run_on(
        loop, Connection::dial(request.url, addresses, context, NetTimers(), deadline_in(30s)));
    std::unique_ptr<Connection> connection = *std::move(dialled);
    ReplyReader reader(request);
    const std::string octets = *request_octets(request, "test");
    EXPECT_TRUE(run_on(loop, connection->exchange(octets, reader, deadline_in(30s))));
    EXPECT_TRUE(reader.done());
    reusable = reader.reusable();
    return connection;
  }
  TlsContext server_context() const { return GetParam() ? pki.server("DNS:reg.test") : nullptr; }

  // What the peer does takes a moment to arrive.
  bool becomes_noisy(Connection& connection) {
    const Deadline last = deadline_in(30s);
    while (connection.quiet() && std::chrono::steady_clock::now() < last) {
      run_on(loop, Peer::pause(1ms));
    }
    return !connection.quiet();
  }

  asio::io_context loop;
  ServerPki pki;
  bool reusable = false;
};

TEST_P(ConnectionTest, IsQuietWhileItIsIdle) {
  const Loopback server(loop, {answer_and_stay}, server_context());
  const auto connection = connected(server);
  EXPECT_TRUE(reusable);
  EXPECT_TRUE(connection->quiet());
  EXPECT_EQ(connection->exchanges(), 1U);
}

TEST_P(ConnectionTest, IsNotQuietOnceThePeerSpeaksUnasked) {
  const Loopback server(loop, {answer_and_speak_unasked}, server_context());
  const auto connection = connected(server);
  // Where it came together with the reply, the reader has seen it.
  EXPECT_TRUE(!reusable || becomes_noisy(*connection));
}

TEST_P(ConnectionTest, IsNotQuietOnceThePeerCloses) {
  const Loopback server(loop, {once(ok("x"))}, server_context());
  const auto connection = connected(server);
  EXPECT_TRUE(becomes_noisy(*connection));
}

INSTANTIATE_TEST_SUITE_P(WithAndWithoutTls, ConnectionTest, ::testing::Bool(),
                         [](const auto& with) { return with.param ? "Tls" : "Plain"; });

}  // namespace
}  // namespace signet
