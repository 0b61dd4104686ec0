// The client over real sockets and TLS, against the fake registry on a loopback port.

#include "tests/support/fake_registry_server.hpp"

#include <gtest/gtest.h>

#include "server/net/https_transport.hpp"
#include "server/registry/client.hpp"
#include "tests/server/registry/client_fixture.hpp"

namespace signet {
namespace {

using testing::FakeConduct;
using testing::FakeLogin;
using testing::FakeRegistry;
using testing::FakeRegistryServer;
using testing::FakeReply;
using testing::FakeScheme;
using testing::Lines;

class FakeRegistryTest : public ::testing::Test {
 protected:
  // A client that may talk to the server and knows its CA.
  void connect(FakeRegistryServer& server) {
    settings.net.addresses.enabled = false;
    settings.net.ca_pem = server.ca_pem();
    transport = *HttpsTransport::make(loop.get_executor(), resolver, settings.net);
    client = std::make_unique<RegistryClient>(
        loop.get_executor(), *transport, [] { return TimePoint(); }, settings);
    repository = *Repository::parse(server.host() + "/team/app");
  }
  Result<FetchedManifest> manifest(std::chrono::milliseconds span = std::chrono::seconds(30)) {
    auto found =
        testing::run_on(loop, client->manifest(repository, "1", Access::own, deadline_in(span)));
    transport->close_idle();
    return found;
  }

  asio::io_context loop;
  FakeRegistry registry;
  SystemResolver resolver{loop.get_executor()};
  RegistrySettings settings;
  std::unique_ptr<HttpsTransport> transport;
  std::unique_ptr<RegistryClient> client;
  Repository repository;
};

TEST_F(FakeRegistryTest, ServesTheBearerDanceOverTls) {
  const Digest digest = registry.put_manifest("team/app", "{}", "1");
  registry.login = FakeLogin::bearer;
  FakeRegistryServer server(registry);
  connect(server);

  const auto found = manifest();

  ASSERT_TRUE(found) << found.error().what();
  EXPECT_EQ(found->digest, digest);
  EXPECT_EQ(registry.requests().size(), 3U);
}

TEST_F(FakeRegistryTest, ServesPlainHttpWhereItIsListed) {
  registry.put_manifest("team/app", "{}", "1");
  FakeRegistryServer server(registry, FakeScheme::http);
  settings.net.plain_http = {server.host()};
  connect(server);

  EXPECT_TRUE(manifest());
}

TEST_F(FakeRegistryTest, IsNotContactedAtAPrivateAddress) {
  registry.put_manifest("team/app", "{}", "1");
  FakeRegistryServer server(registry);
  connect(server);
  settings.net.addresses.enabled = true;
  settings.allowed_hosts = {server.host()};
  transport = *HttpsTransport::make(loop.get_executor(), resolver, settings.net);
  client = std::make_unique<RegistryClient>(
      loop.get_executor(), *transport, [] { return TimePoint(); }, settings);

  const auto found = manifest();

  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().reason(), Reason::registry_blocked);
  EXPECT_EQ(server.connections(), 0U);
}

TEST_F(FakeRegistryTest, IsNotContactedWhereItIsNotListed) {
  FakeRegistryServer server(registry);
  settings.allowed_hosts = {"reg.io"};
  connect(server);

  const auto found = manifest();

  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().reason(), Reason::registry_blocked);
  EXPECT_EQ(server.connections(), 0U);
}

TEST_F(FakeRegistryTest, MisbehavesAsItIsTold) {
  registry.put_manifest("team/app", "{}", "1");
  FakeRegistryServer server(registry);
  connect(server);

  registry.fail("GET", FakeReply{200, {}, "", FakeConduct::drops}, 1);
  EXPECT_EQ(manifest().error().reason(), Reason::registry_unreachable);
  registry.fail("GET", FakeReply{200, {}, std::string(1000, 'x'), FakeConduct::cuts_the_body}, 1);
  EXPECT_FALSE(manifest());
  registry.fail("GET", FakeReply{200, {}, "", FakeConduct::stalls}, 1);
  EXPECT_EQ(manifest(std::chrono::milliseconds(50)).error().reason(), Reason::deadline);
  EXPECT_TRUE(manifest());
}

TEST_F(FakeRegistryTest, RefusesAnAnnouncedFloodBeforeReadingIt) {
  FakeRegistryServer server(registry);
  connect(server);
  registry.fail("GET", FakeReply{200, {{"Content-Length", "300000000"}}, "x"});

  const auto found = manifest();

  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().reason(), Reason::limit_exceeded);
}

}  // namespace
}  // namespace signet
