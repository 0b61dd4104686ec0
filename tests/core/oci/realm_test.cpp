#include "core/oci/realm.hpp"

#include <gtest/gtest.h>

namespace signet {
namespace {

constexpr std::uint16_t kHttps = 443;

struct RealmRow {
  const char* name;
  Endpoint registry;
  Endpoint realm;
  RealmTrust trust;
};

RealmTrust judge(const RealmRow& row, RealmRule rule) {
  return judge_realm(row.registry, row.realm, {}, rule);
}

// registry.md J.5.
TEST(RealmTest, GivesCredentialsToTheRegistrysOwnPeopleOnly) {
  const std::vector<RealmRow> rows = {
      {"same host", {true, "reg.io", kHttps}, {true, "reg.io", kHttps}, RealmTrust::credentials},
      {"same host and port",
       {true, "reg.io", 5000},
       {true, "reg.io", 5000},
       RealmTrust::credentials},
      {"same host, the usual port",
       {true, "reg.io", 5000},
       {true, "reg.io", kHttps},
       RealmTrust::credentials},
      {"same host, an odd port",
       {true, "reg.io", kHttps},
       {true, "reg.io", 8443},
       RealmTrust::refused},
      {"plain realm of a TLS registry",
       {true, "reg.io", kHttps},
       {false, "reg.io", 80},
       RealmTrust::refused},
      {"plain realm of the plain registry",
       {false, "reg.io", 5000},
       {false, "reg.io", 5000},
       RealmTrust::credentials},
      {"plain realm elsewhere",
       {false, "reg.io", 5000},
       {false, "auth.io", 5000},
       RealmTrust::refused},
      {"Docker Hub",
       {true, "registry-1.docker.io", kHttps},
       {true, "auth.docker.io", kHttps},
       RealmTrust::credentials},
      {"GitLab",
       {true, "registry.gitlab.com", kHttps},
       {true, "gitlab.com", kHttps},
       RealmTrust::credentials},
      {"a stranger",
       {true, "reg.io", kHttps},
       {true, "evil.example", kHttps},
       RealmTrust::anonymous},
      {"a look-alike",
       {true, "reg.io", kHttps},
       {true, "reg.io.evil.example", kHttps},
       RealmTrust::anonymous},
  };
  for (const RealmRow& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(judge(row, RealmRule::strict), row.trust);
    EXPECT_EQ(judge(row, RealmRule::registrable_domain), row.trust);
  }
}

struct Siblings {
  const char* registry;
  const char* realm;
  bool related;
};

TEST(RealmTest, CountsSiblingsOfOneRegistrableDomainUnlessStrict) {
  const std::vector<Siblings> rows = {
      {"docker-hub.artifactory.local", "artifactory.local", true},
      {"registry.corp.example", "login.corp.example", true},
      {"registry.corp.example", "corp.example", true},
      {"registry.corp.co.uk", "auth.corp.co.uk", true},
      {"a.co.uk", "b.co.uk", false},
      {"a.azurecr.io", "b.azurecr.io", false},
      {"a.jfrog.io", "b.jfrog.io", false},
      {"a.github.io", "b.github.io", false},
      {"reg.team-a.svc.cluster.local", "auth.team-b.svc.cluster.local", false},
      {"a.compute.internal", "b.compute.internal", false},
      {"10.0.0.1", "10.0.0.2", false},
      {"1.2.3.4", "9.2.3.4", false},
      {"2001:db8::1", "2001:db8::2", false},
      {"registry", "auth", false},
      {"reg.io", "evil.example", false},
      {"com", "com", false},
  };
  for (const Siblings& row : rows) {
    SCOPED_TRACE(row.registry);
    EXPECT_EQ(share_a_registrable_domain(row.registry, row.realm), row.related);
    if (!row.related) continue;
    const Endpoint registry{true, row.registry, kHttps};
    const Endpoint realm{true, row.realm, kHttps};
    EXPECT_EQ(judge_realm(registry, realm, {}, RealmRule::registrable_domain),
              RealmTrust::credentials);
    EXPECT_EQ(judge_realm(registry, realm, {}, RealmRule::strict), RealmTrust::anonymous);
  }
}

TEST(RealmTest, TrustsConfiguredHostsByNameAndPort) {
  const Endpoint registry{true, "reg.io", kHttps};
  const auto judged = [&](const Endpoint& realm, const char* configured) {
    return judge_realm(registry, realm, {configured}, RealmRule::strict);
  };

  EXPECT_EQ(judged({true, "auth.example", kHttps}, "auth.example"), RealmTrust::credentials);
  EXPECT_EQ(judged({true, "auth.example", kHttps}, "Auth.example:443"), RealmTrust::credentials);
  EXPECT_EQ(judged({true, "auth.example", 8443}, "auth.example:8443"), RealmTrust::credentials);
  EXPECT_EQ(judged({true, "auth.example", 8443}, "auth.example"), RealmTrust::refused);
  EXPECT_EQ(judged({true, "x.auth.example", kHttps}, "auth.example"), RealmTrust::anonymous);
  EXPECT_EQ(judged({false, "auth.example", 80}, "auth.example:80"), RealmTrust::refused);
  EXPECT_EQ(judged({true, "2001:db8::1", kHttps}, "[2001:db8::1]"), RealmTrust::credentials);
}

}  // namespace
}  // namespace signet
