// How the client logs in: challenges, tokens, several logins, and where credentials may go.

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

const std::string kTag = "/v2/team/app/manifests/1";
const std::string kTokenLine =
    "GET /token?service=fake&scope=repository%3Ateam%2Fapp%3Apull&client_id=signet";

class RegistryLoginTest : public testing::ClientFixture {
 protected:
  RegistryLoginTest() { put_image("1"); }

  std::size_t count(const std::string& prefix) const {
    const Lines lines = registry.requests();
    return static_cast<std::size_t>(
        std::count_if(lines.begin(), lines.end(),
                      [&](const std::string& line) { return line.starts_with(prefix); }));
  }
};

TEST_F(RegistryLoginTest, FetchesAnAnonymousTokenOnceForARepository) {
  registry.login = FakeLogin::bearer;

  ASSERT_TRUE(resolve("1"));
  ASSERT_TRUE(resolve("1"));

  EXPECT_EQ(registry.requests(),
            (Lines{"HEAD " + kTag, kTokenLine, "HEAD " + kTag, "HEAD " + kTag}));
}

TEST_F(RegistryLoginTest, ShowsThePasswordToTheTokenServerAlone) {
  registry.login = FakeLogin::bearer;
  registry.user = "me";
  registry.password = "pass:word";
  log_in("me", "pass:word");

  ASSERT_TRUE(resolve("1"));

  const std::string basic = "Basic " + base64("me:pass:word");
  EXPECT_EQ(registry.authorizations(), (Lines{"", basic, "Bearer fake.token"}));
}

TEST_F(RegistryLoginTest, AsksForAnotherRepositoryWithoutASecondChallenge) {
  registry.login = FakeLogin::bearer;
  put_image("1", "team/other");

  ASSERT_TRUE(resolve("1"));
  ASSERT_TRUE(resolve("1", "reg.io/team/other"));

  EXPECT_EQ(registry.requests().size(), 5U);
  EXPECT_EQ(registry.requests()[3],
            "GET /token?service=fake&scope=repository%3Ateam%2Fother%3Apull&client_id=signet");
}

TEST_F(RegistryLoginTest, StopsWhenAFreshTokenIsRefused) {
  registry.login = FakeLogin::bearer;
  registry.fail("HEAD", FakeReply{401,
                                  {{"WWW-Authenticate",
                                    R"(Bearer realm="https://reg.io/token",service="fake",)"
                                    R"(scope="repository:team/app:pull,push")"}},
                                  ""});

  EXPECT_EQ(reason_of(resolve("1")), Reason::registry_auth);
  EXPECT_EQ(registry.requests(), (Lines{"HEAD " + kTag, kTokenLine, "HEAD " + kTag}));
}

TEST_F(RegistryLoginTest, RenewsAKeptTokenOnce) {
  registry.login = FakeLogin::bearer;
  ASSERT_TRUE(resolve("1"));
  for (const unsigned status : {401U, 400U, 403U}) {
    SCOPED_TRACE(status);
    registry.forget_requests();
    registry.fail("HEAD", FakeReply{status, {}, ""}, 1);
    EXPECT_TRUE(resolve("1"));
    EXPECT_EQ(registry.requests(), (Lines{"HEAD " + kTag, kTokenLine, "HEAD " + kTag}));
  }
}

TEST_F(RegistryLoginTest, RemembersARefusalOfTheTokenServer) {
  registry.login = FakeLogin::bearer;
  registry.user = "me";
  registry.password = "right";
  log_in("me", "wrong");

  EXPECT_EQ(reason_of(resolve("1")), Reason::registry_auth);
  EXPECT_EQ(reason_of(resolve("1")), Reason::registry_auth);

  EXPECT_EQ(count("GET /token"), 1U);
}

struct TokenRow {
  unsigned status;
  Reason reason;
};

TEST_F(RegistryLoginTest, NamesWhyThereIsNoToken) {
  const std::vector<TokenRow> rows = {
      {401, Reason::registry_auth},        {403, Reason::registry_forbidden},
      {404, Reason::registry_protocol},    {429, Reason::registry_rate_limited},
      {503, Reason::registry_unreachable}, {307, Reason::registry_protocol},
      {204, Reason::registry_protocol},
  };
  registry.login = FakeLogin::bearer;
  for (const TokenRow& row : rows) {
    SCOPED_TRACE(row.status);
    made.reset();
    registry.fail("GET /token", FakeReply{row.status, {{"Location", "https://x.test/"}}, ""}, 1);
    EXPECT_EQ(reason_of(resolve("1")), row.reason);
  }
}

TEST_F(RegistryLoginTest, SendsNothingWithATokenThatNoHeaderCanCarry) {
  registry.login = FakeLogin::bearer;
  registry.fail("GET /token", FakeReply{200, {}, R"({"token":"a\r\nX: y"})"});

  EXPECT_EQ(reason_of(resolve("1")), Reason::registry_protocol);
  EXPECT_EQ(count("HEAD"), 1U);
}

TEST_F(RegistryLoginTest, UsesAnIdentityTokenByPostAndFallsBackToBasic) {
  registry.login = FakeLogin::bearer;
  registry.user = "<token>";
  registry.password = "refresh";
  use(R"({"auths":{"reg.io":{"identitytoken":"refresh"}}})");
  ASSERT_TRUE(resolve("1"));
  EXPECT_EQ(count("POST /token"), 1U);
  EXPECT_EQ(count("GET /token"), 0U);

  for (const unsigned status : {400U, 401U, 404U, 405U}) {
    SCOPED_TRACE(status);
    made.reset();
    registry.forget_requests();
    use(R"({"auths":{"reg.io":{"identitytoken":"refresh"}}})");
    registry.fail("POST", FakeReply{status, {}, ""}, 1);
    ASSERT_TRUE(resolve("1"));
    EXPECT_EQ(count("GET /token"), 1U);
  }
}

TEST_F(RegistryLoginTest, SendsARegistryTokenAsItIs) {
  registry.login = FakeLogin::bearer;
  use(R"({"auths":{"reg.io":{"registrytoken":"fake.token"}}})");

  ASSERT_TRUE(resolve("1"));
  EXPECT_EQ(registry.authorizations(), (Lines{"Bearer fake.token"}));
}

TEST_F(RegistryLoginTest, LogsInToABasicRegistryWithoutAChallengeTheSecondTime) {
  registry.login = FakeLogin::basic;
  registry.user = "me";
  registry.password = "secret";
  log_in("me", "secret");

  ASSERT_TRUE(resolve("1"));
  ASSERT_TRUE(resolve("1"));

  EXPECT_EQ(registry.requests(), (Lines(3, "HEAD " + kTag)));
}

TEST_F(RegistryLoginTest, ReportsABasicRegistryWithoutLoginAtOnce) {
  registry.login = FakeLogin::basic;
  registry.user = "me";

  EXPECT_EQ(reason_of(resolve("1")), Reason::registry_auth);
  EXPECT_EQ(registry.requests().size(), 1U);
}

TEST_F(RegistryLoginTest, UsesNoLoginForAnAnonymousQuestion) {
  registry.login = FakeLogin::basic;
  registry.user = "me";
  registry.password = "secret";
  log_in("me", "secret");

  EXPECT_EQ(reason_of(resolve("1", "reg.io/team/app", Access::anonymous)), Reason::registry_auth);
  EXPECT_EQ(registry.authorizations(), (Lines{""}));
}

TEST_F(RegistryLoginTest, PingsOnceWhereTheChallengeIsHidden) {
  registry.login = FakeLogin::basic;
  registry.user = "me";
  registry.password = "secret";
  for (const unsigned status : {401U, 404U, 403U, 400U}) {
    SCOPED_TRACE(status);
    made.reset();
    registry.forget_requests();
    log_in("me", "secret");
    registry.fail("HEAD", FakeReply{status, {}, ""}, 1);
    EXPECT_TRUE(resolve("1"));
    EXPECT_EQ(registry.requests(), (Lines{"HEAD " + kTag, "GET /v2/", "HEAD " + kTag}));
  }
}

TEST_F(RegistryLoginTest, PingsNoMoreForTheNextMissingTag) {
  log_in("me", "secret");

  EXPECT_EQ(reason_of(resolve("none")), Reason::image_not_found);
  EXPECT_EQ(reason_of(resolve("none")), Reason::image_not_found);

  EXPECT_EQ(count("GET /v2/"), 1U);
}

TEST_F(RegistryLoginTest, PingsNeverWithoutALogin) {
  EXPECT_EQ(reason_of(resolve("none")), Reason::image_not_found);
  EXPECT_EQ(registry.requests().size(), 1U);
}

TEST_F(RegistryLoginTest, TriesLoginsInOrderAndNeverGoesOnAnonymously) {
  registry.login = FakeLogin::basic;
  registry.user = "b";
  registry.password = "right";
  Credentials both = *Credentials::parse(R"({"auths":{"reg.io":{"username":"a","password":"x"}}})",
                                         CredentialOwner::pull_secret);
  both.append(*Credentials::parse(R"({"auths":{"reg.io":{"username":"b","password":"right"}}})",
                                  CredentialOwner::pull_secret));
  client().use(std::make_shared<const Credentials>(both));

  EXPECT_TRUE(resolve("1"));
  registry.forget_requests();
  EXPECT_TRUE(resolve("1"));
  EXPECT_EQ(registry.requests().size(), 1U) << "the login that worked comes first";

  registry.password = "changed";
  made.reset();
  registry.forget_requests();
  client().use(std::make_shared<const Credentials>(both));
  EXPECT_EQ(reason_of(resolve("1")), Reason::registry_auth);
  const Lines sent = registry.authorizations();
  EXPECT_EQ(std::count(sent.begin(), sent.end(), ""), 2) << "one challenge for each login";
}

TEST_F(RegistryLoginTest, AsksAStrangersTokenServerWithoutTheLogin) {
  FakeRegistry stranger;
  stranger.user = "me";
  stranger.password = "secret";
  internet.registries["https://tokens.example:443"] = &stranger;
  registry.login = FakeLogin::bearer;
  registry.realm = "https://tokens.example/token";
  log_in("me", "secret");

  const auto digest = resolve("1");

  ASSERT_FALSE(digest);
  EXPECT_EQ(digest.error().reason(), Reason::registry_auth);
  EXPECT_NE(digest.error().what().find("registry.authRealms"), std::string::npos);
  EXPECT_EQ(stranger.authorizations(), (Lines{""}));
}

TEST_F(RegistryLoginTest, LogsInAtAConfiguredTokenServer) {
  FakeRegistry tokens;
  tokens.user = "me";
  tokens.password = "secret";
  internet.registries["https://tokens.example:443"] = &tokens;
  settings.auth_realms["reg.io"] = {"tokens.example"};
  registry.login = FakeLogin::bearer;
  registry.realm = "https://tokens.example/token";
  log_in("me", "secret");

  EXPECT_TRUE(resolve("1"));
  EXPECT_EQ(tokens.authorizations(), (Lines{"Basic " + base64("me:secret")}));
}

TEST_F(RegistryLoginTest, ContactsNoRealmThatIsNotAllowed) {
  registry.login = FakeLogin::bearer;
  for (const char* realm :
       {"http://reg.io/token", "https://reg.io:8443/token", "https://user@reg.io/token",
        "https://reg.io/token#x", "https://vault.internal/token", "https://localhost/token",
        "https://tokens.team-b.svc/token", "https://metadata.google.internal/token",
        "https://127.1/token", "ftp://reg.io/token"}) {
    SCOPED_TRACE(realm);
    made.reset();
    registry.realm = realm;
    registry.forget_requests();
    internet.requests.clear();
    log_in("me", "secret");
    EXPECT_EQ(reason_of(resolve("1")), Reason::registry_blocked);
    EXPECT_EQ(internet.requests.size(), 1U);
  }
}

TEST_F(RegistryLoginTest, SharesOneTokenFetchAmongConcurrentRequests) {
  registry.login = FakeLogin::bearer;
  ASSERT_TRUE(resolve("1"));
  put_image("2", "team/other");
  registry.forget_requests();

  using namespace asio::experimental::awaitable_operators;
  const Repository other = repository("reg.io/team/other");
  auto both = testing::run_on(loop, client().resolve(other, "2", Access::own, soon()) &&
                                        client().resolve(other, "2", Access::own, soon()));

  EXPECT_TRUE(std::get<0>(both) && std::get<1>(both));
  EXPECT_EQ(count("GET /token"), 1U);
}

}  // namespace
}  // namespace signet
