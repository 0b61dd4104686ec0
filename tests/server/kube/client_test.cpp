#include "server/kube/client.hpp"

#include <gtest/gtest.h>

#include "core/base/text.hpp"
#include "tests/server/net/loopback.hpp"
#include "tests/server/net/pki.hpp"
#include "tests/support/run.hpp"
#include "tests/support/temporary_directory.hpp"

namespace signet::testing {
namespace {

using std::chrono::seconds;

struct KubeClientTest : ::testing::Test {
  KubeAccess access_to(const Loopback& server, const std::string& host = "127.0.0.1") {
    KubeAccess access;
    access.server.host = host;
    access.server.port = server.port();
    access.ca.file = directory.write("ca.crt", pki.ca_pem());
    access.token.file = directory.write("token", "first\n");
    return access;
  }
  KubeClient& make(KubeAccess access) {
    auto made = KubeClient::make(loop.get_executor(), std::move(access), [this] { return now; });
    client = *std::move(made);
    return *client;
  }
  Result<KubeReply> get(const std::string& path = "/api/v1/namespaces") {
    return run_on(loop, client->send(KubeRequest("GET", path), deadline_in(seconds(20))));
  }
  // Answers with the token that came, and 401 to every one but `good`.
  static Task<void> judge_tokens(Peer& peer, std::string* good) {
    while (true) {
      const std::string request = co_await peer.read_request();
      if (request.empty()) co_return;
      const bool known =
          request.find(cat("Authorization: Bearer ", *good, "\r\n")) != std::string::npos;
      const std::string reply = known ? ok("yes") : "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n";
      const bool written = co_await peer.write(reply);
      if (!written) co_return;
    }
  }
  Script judging() {
    return [this](Peer& peer) { return judge_tokens(peer, &good); };
  }

  asio::io_context loop;
  ServerPki pki;
  TemporaryDirectory directory;
  Deadline now{seconds(1'000'000)};
  std::string good = "first";
  std::unique_ptr<KubeClient> client;
};

TEST_F(KubeClientTest, ShowsTheTokenAndTrustsTheCaOfTheClusterAlone) {
  Loopback server(loop, {judging()}, pki.server("IP:127.0.0.1"));
  make(access_to(server));
  const auto reply = get();
  ASSERT_TRUE(reply) << reply.error().what();
  EXPECT_EQ(reply->body, "yes");
}

TEST_F(KubeClientTest, AServerWithAnotherAddressInItsCertificateIsRefused) {
  Loopback server(loop, {judging()}, pki.server("IP:127.0.0.2,DNS:kubernetes"));
  make(access_to(server));
  const auto reply = get();
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().reason(), Reason::registry_tls);
}

TEST_F(KubeClientTest, AnIpv6AddressIsVerifiedToo) {
  Loopback server(loop, {judging()}, pki.server("IP:0:0:0:0:0:0:0:1"), "::1");
  make(access_to(server, "::1"));
  const auto reply = get();
  ASSERT_TRUE(reply) << reply.error().what();

  Loopback wrong(loop, {judging()}, pki.server("IP:fd00:0:0:0:0:0:0:1"), "::1");
  make(access_to(wrong, "::1"));
  EXPECT_FALSE(get());
}

TEST_F(KubeClientTest, ReadsTheTokenAgainAfterAMinute) {
  Loopback server(loop, {judging()}, pki.server("IP:127.0.0.1"));
  make(access_to(server));
  ASSERT_EQ(get()->status, 200U);

  directory.write("token", "second");
  now += seconds(59);
  EXPECT_EQ(get()->status, 200U) << "the first is shown, which is good";
  now += seconds(1);
  EXPECT_EQ(get()->status, 401U) << "the second is shown, which is not";
}

TEST_F(KubeClientTest, ATokenThatWasReplacedIsFoundOnA401AndShownOnce) {
  Loopback server(loop, {judging()}, pki.server("IP:127.0.0.1"));
  make(access_to(server));
  ASSERT_EQ(get()->status, 200U);

  good = "second";
  EXPECT_EQ(get()->status, 401U) << "no newer token is there";
  directory.write("token", "second");
  EXPECT_EQ(get()->status, 200U);

  directory.write("token", "");
  now += seconds(60);
  EXPECT_EQ(get()->status, 200U) << "an empty file is no token";
}

TEST_F(KubeClientTest, ACaThatWasReplacedIsTrustedWithinAMinute) {
  const ServerPki next;
  Loopback server(loop, {judging()}, next.server("IP:127.0.0.1"));
  make(access_to(server));
  EXPECT_FALSE(get());

  directory.write("ca.crt", "garbage");
  now += seconds(60);
  EXPECT_FALSE(get()) << "what is no PEM changes nothing";
  directory.write("ca.crt", next.ca_pem());
  EXPECT_FALSE(get()) << "not read yet";
  now += seconds(60);
  EXPECT_TRUE(get());
}

TEST_F(KubeClientTest, WithoutATokenNothingIsAsked) {
  Loopback server(loop, {judging()}, pki.server("IP:127.0.0.1"));
  KubeAccess access = access_to(server);
  access.token.file = directory.str() + "/missing";
  make(std::move(access));
  const auto reply = get();
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().reason(), Reason::config_not_ready);
  EXPECT_EQ(server.accepted(), 0U);
}

TEST_F(KubeClientTest, ShowsAClientCertificateWhereTheKubeconfigHasOne) {
  ServerTls settings;
  settings.keys = pki.keys("IP:127.0.0.1");
  settings.client_ca_pem = pki.ca_pem();
  Loopback server(loop, {always(ok("yes"))}, *make_server_context(settings));
  KubeAccess access = access_to(server);
  make(access);
  EXPECT_FALSE(get());

  const KeyPair mine = pki.keys("DNS:me");
  access.token = {};
  access.client_certificate.text = mine.chain_pem;
  access.client_key.text = SecretString(mine.key_pem);
  make(std::move(access));
  const auto reply = get();
  ASSERT_TRUE(reply) << reply.error().what();
}

Task<void> answer_chunked(Peer& peer, std::vector<std::string> chunks) {
  const std::string request = co_await peer.read_request();
  co_await peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (const std::string& chunk : chunks) {
    char size[20];
    std::snprintf(size, sizeof(size), "%zx\r\n", chunk.size());
    co_await peer.write(cat(size, chunk, "\r\n"));
  }
  co_await peer.write("0\r\n\r\n");
}

TEST_F(KubeClientTest, StreamsLinesOfAnySizeWhateverTheChunks) {
  const std::string large = "{\"a\":\"" + std::string(10 * kMiB, 'x') + "\"}";
  const std::vector<std::string> chunks = {"one\ntwo\nth", "ree\n", large.substr(0, 5'000'000),
                                           large.substr(5'000'000) + "\n"};
  Loopback server(loop, {[&](Peer& peer) { return answer_chunked(peer, chunks); }},
                  pki.server("IP:127.0.0.1"));
  make(access_to(server));
  KubeRequest request("GET", "/api/v1/namespaces?watch=1");
  request.body_limit = 16 * kMiB;
  std::vector<std::size_t> sizes;

  const auto reply = run_on(loop, client->stream(
                                      request,
                                      [&](std::string_view line) {
                                        sizes.push_back(line.size());
                                        return Result<void>();
                                      },
                                      seconds(20), deadline_in(seconds(60))));

  ASSERT_TRUE(reply) << reply.error().what();
  EXPECT_EQ(reply->status, 200U);
  EXPECT_EQ(sizes, (std::vector<std::size_t>{3, 3, 5, large.size()}));
}

TEST_F(KubeClientTest, ALineBeyondItsBoundEndsTheStream) {
  Loopback server(loop,
                  {[](Peer& peer) { return answer_chunked(peer, {std::string(101, 'x') + "\n"}); }},
                  pki.server("IP:127.0.0.1"));
  make(access_to(server));
  for (const std::size_t bound : {101, 100}) {
    KubeRequest request("GET", "/w?watch=1");
    request.body_limit = bound;
    const auto reply = run_on(loop, client->stream(
                                        request, [](std::string_view) { return Result<void>(); },
                                        seconds(20), deadline_in(seconds(20))));
    EXPECT_EQ(reply.has_value(), bound == 101);
    if (!reply) {
      EXPECT_EQ(reply.error().reason(), Reason::limit_exceeded);
    }
  }
}

Task<void> stay_silent_after_a_line(Peer& peer) {
  const std::string request = co_await peer.read_request();
  co_await peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\na\n\r\n");
  co_await stay_silent(peer);
}

TEST_F(KubeClientTest, AStreamThatFallsSilentEnds) {
  Loopback server(loop, {stay_silent_after_a_line}, pki.server("IP:127.0.0.1"));
  make(access_to(server));
  const auto reply = run_on(
      loop, client->stream(
                KubeRequest("GET", "/w?watch=1"), [](std::string_view) { return Result<void>(); },
                std::chrono::milliseconds(50), deadline_in(seconds(30))));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().reason(), Reason::registry_timeout);
}

TEST_F(KubeClientTest, ARefusedStreamIsAReply) {
  const std::string status = R"({"kind":"Status","message":"too old","code":410})";
  Loopback server(loop,
                  {always(cat("HTTP/1.1 410 Gone\r\nRetry-After: 3\r\nContent-Length: ",
                              std::to_string(status.size()), "\r\n\r\n", status))},
                  pki.server("IP:127.0.0.1"));
  make(access_to(server));
  const auto reply = run_on(
      loop, client->stream(
                KubeRequest("GET", "/w?watch=1"), [](std::string_view) { return Result<void>(); },
                seconds(20), deadline_in(seconds(20))));
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->status, 410U);
  EXPECT_EQ(reply->message(), "too old");
  EXPECT_EQ(reply->retry_after, std::chrono::milliseconds(3000));
}

TEST_F(KubeClientTest, AListOfNineMebibytesIsRead) {
  const std::string body(9 * kMiB, 'x');
  Loopback server(loop, {always(ok(body))}, pki.server("IP:127.0.0.1"));
  make(access_to(server));
  for (const std::size_t bound : {body.size(), body.size() - 1}) {
    KubeRequest request("GET", "/api/v1/namespaces");
    request.body_limit = bound;
    const auto reply = run_on(loop, client->send(request, deadline_in(seconds(60))));
    EXPECT_EQ(reply.has_value(), bound == body.size());
  }
}

Task<void> remember(Peer& peer, std::string* into) {
  *into = co_await peer.read_request();
  co_await peer.write(ok("{}"));
}

TEST_F(KubeClientTest, WritesWithABodyAndItsType) {
  std::string seen;
  Loopback server(loop, {[&](Peer& peer) { return remember(peer, &seen); }},
                  pki.server("IP:127.0.0.1"));
  make(access_to(server));
  for (const std::string method : {"PUT", "PATCH", "POST"}) {
    KubeRequest request(method, "/api/v1/x?force=true");
    request.body = "{\"a\":1}";
    request.content_type = "application/apply-patch+yaml";
    const auto reply = run_on(loop, client->send(request, deadline_in(seconds(20))));
    ASSERT_TRUE(reply) << reply.error().what();
    EXPECT_TRUE(seen.starts_with(cat(method, " /api/v1/x?force=true HTTP/1.1\r\n"))) << seen;
    EXPECT_NE(seen.find("Content-Length: 7\r\n"), std::string::npos);
    EXPECT_NE(seen.find("Content-Type: application/apply-patch+yaml\r\n"), std::string::npos);
  }
}

TEST(KubeCall, IsNamedByVerbAndResource) {
  struct Case {
    std::string method;
    std::string path;
    KubeCall wanted;
  };
  const Case cases[] = {
      {"GET", "/api/v1/namespaces?limit=500", {"list", "namespaces"}},
      {"GET", "/api/v1/namespaces/shop", {"get", "namespaces"}},
      {"GET", "/api/v1/namespaces/shop/secrets/pull", {"get", "secrets"}},
      {"GET", "/api/v1/namespaces/shop/secrets?watch=1", {"watch", "secrets"}},
      {"GET", "/apis/signet.dev/v1alpha1/trustroots?watch=1&x=2", {"watch", "trustroots"}},
      {"PATCH",
       "/apis/signet.dev/v1alpha1/namespaces/shop/trustpolicies/a/status?force=true",
       {"patch", "trustpolicies"}},
      {"PUT", "/apis/coordination.k8s.io/v1/namespaces/s/leases/l", {"update", "leases"}},
      {"POST", "/apis/events.k8s.io/v1/namespaces/s/events", {"create", "events"}},
      {"GET", "/", {"list", ""}},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.path);
    EXPECT_EQ(KubeCall::of(one.method, one.path), one.wanted);
  }
}

}  // namespace
}  // namespace signet::testing
