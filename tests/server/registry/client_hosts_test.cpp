// Which hosts the client contacts: every refusal here sends no packet.

#include <gtest/gtest.h>

#include <algorithm>

#include "server/registry/client.hpp"
#include "tests/server/registry/client_fixture.hpp"

namespace signet {
namespace {

using testing::FakeLogin;
using testing::FakeRegistry;
using testing::FakeReply;
using testing::Lines;

class RegistryHostsTest : public testing::ClientFixture {
 protected:
  // What comes of asking for an image, and how many requests it took.
  Reason asked(const std::string& name) {
    internet.requests.clear();
    made.reset();
    return reason_of(resolve("1", name));
  }
};

TEST_F(RegistryHostsTest, RefusesInsideNamesAndOddPortsBeforeAnyPacket) {
  for (const char* name :
       {"localhost/x", "registry:443/x", "a.localhost/x", "nas.local/x", "vault.internal/x",
        "reg.team.svc/x", "reg.team.svc.cluster.local/x", "metadata.google.internal/x",
        "reg.io:5000/x", "reg.io:22/x", "reg.io:6379/x"}) {
    SCOPED_TRACE(name);
    EXPECT_EQ(asked(name), Reason::registry_blocked);
    EXPECT_TRUE(internet.requests.empty());
  }
}

TEST_F(RegistryHostsTest, AsksListedHostsOnly) {
  settings.allowed_hosts = {"reg.io", "*.corp.example", "reg.team.svc:5000"};
  for (const char* name : {"evil.example/x", "reg.io.evil.example/x", "xreg.io/x", "corp.example/x",
                           "reg.io:5000/x", "reg.team.svc/x", "nginx"}) {
    SCOPED_TRACE(name);
    EXPECT_EQ(asked(name), Reason::registry_blocked);
    EXPECT_TRUE(internet.requests.empty());
  }
  for (const char* name :
       {"reg.io/x", "a.corp.example/x", "a.b.corp.example/x", "reg.team.svc:5000/x"}) {
    SCOPED_TRACE(name);
    EXPECT_NE(asked(name), Reason::registry_blocked);
    EXPECT_EQ(internet.requests.size(), 1U);
  }
}

// What is under way goes on by the policies that it began with.
TEST_F(RegistryHostsTest, HostsOfBeforeCountForAWhile) {
  settings.allowed_hosts = {"old.io"};
  client().allow({"new.io"});
  EXPECT_EQ(reason_of(resolve("1", "new.io/x")), Reason::registry_dns);
  EXPECT_EQ(reason_of(resolve("1", "old.io/x")), Reason::registry_dns);
  client().allow({"new.io"});
  EXPECT_EQ(reason_of(resolve("1", "old.io/x")), Reason::registry_blocked);
}

TEST_F(RegistryHostsTest, TakesDockerHubByItsName) {
  settings.allowed_hosts = {"docker.io"};

  EXPECT_EQ(asked("nginx"), Reason::registry_dns);
  ASSERT_EQ(internet.requests.size(), 1U);
  EXPECT_EQ(internet.requests[0].url.str(),
            "https://registry-1.docker.io/v2/library/nginx/manifests/1");
}

TEST_F(RegistryHostsTest, CountsHostsOfOtherSettingsAsListed) {
  settings.allowed_hosts = {"other.example"};
  settings.net.plain_http = {"plain.test:5000"};
  settings.net.ca_pem_by_host["own.test:8443"] = "pem";
  settings.net.addresses.allow_private.push_back(AllowPrivate{"inside.test:9000", {}});
  settings.auth_realms["tokened.test"] = {};

  for (const char* name :
       {"plain.test:5000/x", "own.test:8443/x", "inside.test:9000/x", "tokened.test/x"}) {
    SCOPED_TRACE(name);
    EXPECT_EQ(asked(name), Reason::registry_dns);
  }
  EXPECT_EQ(asked("own.test:8444/x"), Reason::registry_blocked);
}

TEST_F(RegistryHostsTest, AHostInAnotherSettingOpensNoOtherPort) {
  settings.allowed_hosts = {"other.example"};
  settings.net.plain_http = {"plain.test"};
  settings.net.ca_pem_by_host["own.test"] = "pem";
  settings.net.addresses.allow_private.push_back(AllowPrivate{"inside.test", {}});

  EXPECT_EQ(asked("plain.test:80/x"), Reason::registry_dns);
  EXPECT_EQ(asked("own.test/x"), Reason::registry_dns);
  EXPECT_EQ(asked("inside.test/x"), Reason::registry_dns);
  for (const char* name : {"plain.test:5000/x", "own.test:5000/x", "inside.test:2379/x"}) {
    SCOPED_TRACE(name);
    EXPECT_EQ(asked(name), Reason::registry_blocked);
    EXPECT_TRUE(internet.requests.empty());
  }
}

TEST_F(RegistryHostsTest, AsksOnlyListedHostsThroughAProxy) {
  ProxyVariables variables;
  variables.https_proxy = "proxy.test:3128";
  variables.no_proxy = "direct.io";
  settings.net.proxies = *Proxies::parse(variables);
  settings.allowed_hosts = {"listed.io", "*"};

  EXPECT_EQ(asked("listed.io/x"), Reason::registry_dns);
  EXPECT_EQ(asked("direct.io/x"), Reason::registry_dns);
  EXPECT_EQ(asked("stranger.io/x"), Reason::registry_blocked);
  settings.net.proxies = Proxies();
  EXPECT_EQ(asked("stranger.io/x"), Reason::registry_dns);
}

TEST_F(RegistryHostsTest, NeverAsksAMetadataServiceByName) {
  settings.allowed_hosts = {"metadata.google.internal", "*"};

  EXPECT_EQ(asked("metadata.google.internal/x"), Reason::registry_blocked);
  EXPECT_TRUE(internet.requests.empty());
}

TEST_F(RegistryHostsTest, AsksAnyHostWhereTheFilterIsOff) {
  settings.net.addresses.enabled = false;
  for (const char* name : {"localhost:5000/x", "reg.local/x", "127.0.0.1:5000/x"}) {
    EXPECT_EQ(asked(name), Reason::registry_dns) << name;
  }
}

TEST_F(RegistryHostsTest, SpeaksPlainHttpOnlyWhereListed) {
  settings.net.plain_http = {"plain.test:5000"};

  asked("plain.test:5000/x");
  EXPECT_EQ(internet.requests.at(0).url.origin(), "http://plain.test:5000");
  asked("10.1.2.3/x");
  EXPECT_EQ(internet.requests.at(0).url.origin(), "https://10.1.2.3:443");
}

class RedirectTest : public testing::ClientFixture {
 protected:
  RedirectTest() { internet.registries["https://cdn.test:443"] = &cdn; }

  FakeReply to(const std::string& location, unsigned status = 307) {
    return FakeReply{status, {{"Location", location}}, ""};
  }
  FakeRegistry cdn;
};

TEST_F(RedirectTest, FollowsABlobElsewhereWithoutTheLogin) {
  const Descriptor payload = registry.put_blob("payload");
  registry.login = FakeLogin::basic;
  registry.user = "me";
  registry.password = "secret";
  registry.blobs_at = "https://cdn.test";
  cdn.fail("GET /" + payload.digest.str(), FakeReply{200, {}, "payload"});
  log_in("me", "secret");

  EXPECT_EQ(*blob(payload), "payload");
  EXPECT_EQ(cdn.authorizations(), Lines{""});
}

TEST_F(RedirectTest, NeverGivesTheLoginBackOnTheWayHome) {
  const Descriptor payload = registry.put_blob("payload");
  registry.login = FakeLogin::basic;
  registry.user = "me";
  registry.password = "secret";
  log_in("me", "secret");
  ASSERT_TRUE(blob(payload));
  registry.forget_requests();
  registry.fail("GET /v2/team/app/blobs/", to("https://cdn.test/a"));
  cdn.fail("GET /a", to("https://reg.io/home"));
  registry.fail("GET /home", FakeReply{200, {}, "payload"});

  EXPECT_TRUE(blob(payload));
  EXPECT_EQ(registry.authorizations(), (Lines{"Basic " + base64("me:secret"), ""}));
}

TEST_F(RedirectTest, FollowsNoRedirectToAPlaceThatIsNotAllowed) {
  const Descriptor payload = registry.put_blob("payload");
  const std::vector<std::pair<const char*, Reason>> rows = {
      {"http://cdn.test/x", Reason::registry_protocol},
      {"http://reg.io/x", Reason::registry_protocol},
      {"https://user@cdn.test/x", Reason::registry_protocol},
      {"https://cdn.test/a b", Reason::registry_protocol},
      {"https://vault.internal/x", Reason::registry_blocked},
      {"https://localhost/x", Reason::registry_blocked},
      {"https://kubernetes.default.svc/x", Reason::registry_blocked},
      {"https://metadata.google.internal/x", Reason::registry_blocked},
  };
  for (const auto& [location, reason] : rows) {
    SCOPED_TRACE(location);
    internet.requests.clear();
    registry.heal();
    registry.fail("GET /v2/team/app/blobs/", to(location));
    EXPECT_EQ(reason_of(blob(payload)), reason);
    EXPECT_EQ(internet.requests.size(), 1U);
  }
}

TEST_F(RedirectTest, FollowsNoneToAnotherPortOfAnInsideHost) {
  const Descriptor payload = registry.put_blob("payload");
  settings.net.addresses.allow_private.push_back(AllowPrivate{"cdn.test", {}});
  registry.fail("GET /v2/team/app/blobs/", to("https://cdn.test:2375/x"));

  EXPECT_EQ(reason_of(blob(payload)), Reason::registry_blocked);
  EXPECT_EQ(internet.requests.size(), 1U);
}

TEST_F(RedirectTest, KeepsManifestsAtTheirOrigin) {
  put_image("1");
  registry.fail("HEAD /v2/team/app/manifests/1", to("/v2/team/app/manifests/2"), 1);
  put_image("2");
  EXPECT_TRUE(resolve("1"));

  registry.fail("GET /v2/team/app/manifests/1", to("https://cdn.test/v2/x/manifests/1"));
  EXPECT_EQ(reason_of(manifest("1")), Reason::registry_protocol);
  EXPECT_TRUE(cdn.requests().empty());
}

TEST_F(RedirectTest, BoundsTheHops) {
  const Descriptor payload = registry.put_blob("payload");
  for (int hop = 0; hop < 6; ++hop) {
    cdn.fail("GET /" + std::to_string(hop), to("https://cdn.test/" + std::to_string(hop + 1)));
  }
  cdn.fail("GET /last", FakeReply{200, {}, "payload"});
  registry.fail("GET /v2/team/app/blobs/", to("https://cdn.test/0"));
  EXPECT_EQ(reason_of(blob(payload)), Reason::registry_protocol);
  EXPECT_EQ(cdn.requests().size(), 5U);

  cdn.heal();
  for (int hop = 0; hop < 3; ++hop) {
    cdn.fail("GET /" + std::to_string(hop), to("https://cdn.test/" + std::to_string(hop + 1)));
  }
  cdn.fail("GET /3", to("https://cdn.test/last"));
  cdn.fail("GET /last", FakeReply{200, {}, "payload"});
  EXPECT_TRUE(blob(payload));
}

TEST_F(RedirectTest, GetsAnAnonymousTokenOfTheOtherHostsOwn) {
  const Descriptor payload = registry.put_blob("payload");
  registry.login = FakeLogin::basic;
  registry.user = "me";
  registry.password = "secret";
  registry.blobs_at = "https://cdn.test/v2/mirror/blobs";
  cdn.put_blob("payload");
  cdn.login = FakeLogin::bearer;
  log_in("me", "secret");

  EXPECT_EQ(*blob(payload), "payload");
  EXPECT_EQ(cdn.authorizations(), (Lines{"", "", "Bearer fake.token"}));
}

TEST_F(RedirectTest, ShowsNoLoginToAnotherHostThatAsksForOne) {
  const Descriptor payload = registry.put_blob("payload");
  registry.login = FakeLogin::basic;
  registry.user = "me";
  registry.password = "secret";
  registry.blobs_at = "https://cdn.test/v2/mirror/blobs";
  cdn.put_blob("payload");
  cdn.login = FakeLogin::basic;
  cdn.user = "me";
  cdn.password = "secret";
  log_in("me", "secret");

  EXPECT_EQ(reason_of(blob(payload)), Reason::registry_auth);
  EXPECT_EQ(cdn.authorizations(), Lines{""});
}

}  // namespace
}  // namespace signet
