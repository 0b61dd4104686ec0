#include "server/registry/auth_steps.hpp"

#include <gtest/gtest.h>

namespace signet {
namespace {

struct StepRow {
  const char* name;
  Situation now;
  Step step;
};

Situation at(unsigned status, Sent sent) {
  Situation now;
  now.status = status;
  now.sent = sent;
  return now;
}

Situation offered(Situation now) {
  now.offers_anything = true;
  now.offers_other_login = true;
  return now;
}

Situation with_login(Situation now) {
  now.has_credential = true;
  return now;
}

Situation after(Situation now) {
  now.learned = true;
  now.refreshed = true;
  now.pinged = true;
  return now;
}

TEST(AuthStepsTest, TakesEachStepForItsReasonAndOnce) {
  const std::vector<StepRow> rows = {
      {"a challenge", offered(at(401, Sent::nothing)), Step::learn},
      {"a challenge again", after(offered(at(401, Sent::nothing))), Step::done},
      {"a changed login", offered(at(401, Sent::basic)), Step::learn},
      {"a login refused", at(401, Sent::basic), Step::done},
      {"a kept token refused", at(401, Sent::kept_token), Step::refresh},
      {"a kept token refused with 400", at(400, Sent::kept_token), Step::refresh},
      {"a kept token refused with 403", at(403, Sent::kept_token), Step::refresh},
      {"refused again", after(at(401, Sent::kept_token)), Step::done},
      {"a fresh token refused", at(401, Sent::fresh_token), Step::done},
      {"a fresh token forbidden", at(403, Sent::fresh_token), Step::done},
      {"nothing there for a token", at(404, Sent::kept_token), Step::done},
      {"401 without a challenge", at(401, Sent::nothing), Step::ping},
      {"401 again", after(at(401, Sent::nothing)), Step::done},
      {"404 with a login at hand", with_login(at(404, Sent::nothing)), Step::ping},
      {"400 with a login at hand", with_login(at(400, Sent::nothing)), Step::ping},
      {"403 with a login at hand", with_login(at(403, Sent::nothing)), Step::ping},
      {"404 without one", at(404, Sent::nothing), Step::done},
      {"404 after a ping", after(with_login(at(404, Sent::nothing))), Step::done},
      {"429", with_login(at(429, Sent::nothing)), Step::done},
      {"500", with_login(at(500, Sent::kept_token)), Step::done},
  };
  for (const StepRow& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(next_step(row.now), row.step);
  }
}

TEST(AuthStepsTest, PingsNotWhereAChallengeCameThatCannotBeUsed) {
  Situation now = at(401, Sent::nothing);
  now.offers_anything = true;

  EXPECT_EQ(next_step(now), Step::done);
}

class ChooseLoginTest : public ::testing::Test {
 protected:
  ChosenLogin choose(const char* header, bool with_credential = true) {
    question.credential =
        with_credential ? std::optional<Credential>(Credential{"u", "p", "", ""}) : std::nullopt;
    const HostRules rules(settings);
    return choose_login(offer_of(parse_challenges({header})), question, rules, settings);
  }
  static const BearerLogin* bearer(const ChosenLogin& chosen) {
    return chosen.login ? std::get_if<BearerLogin>(&*chosen.login) : nullptr;
  }

  RegistrySettings settings;
  LoginQuestion question{*Url::parse("https://reg.io/v2/a/manifests/1"), "a", std::nullopt};
};

TEST_F(ChooseLoginTest, PrefersBearerAndResolvesItsRealm) {
  const auto chosen = choose(R"(Basic realm="b", Bearer realm="/token",service="s")");

  ASSERT_NE(bearer(chosen), nullptr);
  EXPECT_EQ(bearer(chosen)->realm.str(), "https://reg.io/token");
  EXPECT_EQ(bearer(chosen)->service, "s");
  EXPECT_TRUE(bearer(chosen)->is_trusted);
}

TEST_F(ChooseLoginTest, TakesTheFirstRealmThatIsAllowed) {
  const auto chosen =
      choose(R"(Bearer realm="http://reg.io/t", Bearer realm="https://vault.internal/t", )"
             R"(Bearer realm="https://reg.io/good")");

  ASSERT_NE(bearer(chosen), nullptr);
  EXPECT_EQ(bearer(chosen)->realm.str(), "https://reg.io/good");
}

TEST_F(ChooseLoginTest, FallsToBasicWhereNoRealmIsAllowed) {
  const auto chosen = choose(R"(Bearer realm="http://reg.io/t", Basic realm="b")");

  ASSERT_TRUE(chosen.login);
  EXPECT_TRUE(std::holds_alternative<BasicLogin>(*chosen.login));
}

TEST_F(ChooseLoginTest, SaysWhyARealmIsNotAllowed) {
  const auto chosen = choose(R"(Bearer realm="http://reg.io/t")");

  EXPECT_FALSE(chosen.login);
  ASSERT_TRUE(chosen.blocked);
  EXPECT_EQ(chosen.blocked->reason(), Reason::registry_blocked);
  EXPECT_NE(chosen.blocked->what().find("registry.authRealms"), std::string::npos);
}

TEST_F(ChooseLoginTest, OffersBasicOnlyToALogin) {
  EXPECT_TRUE(choose(R"(Basic realm="b")").login);
  EXPECT_FALSE(choose(R"(Basic realm="b")", false).login);
  EXPECT_FALSE(choose(R"(Digest realm="b")").login);
}

TEST_F(ChooseLoginTest, TrustsAStrangersRealmWithNothing) {
  EXPECT_FALSE(bearer(choose(R"(Bearer realm="https://tokens.example/t")"))->is_trusted);
  settings.auth_realms["reg.io"] = {"tokens.example"};
  EXPECT_TRUE(bearer(choose(R"(Bearer realm="https://tokens.example/t")"))->is_trusted);
}

TEST_F(ChooseLoginTest, ObeysTheStrictRule) {
  EXPECT_TRUE(bearer(choose(R"(Bearer realm="https://auth.reg.io/t")"))->is_trusted);
  settings.realm_rule = RealmRule::strict;
  EXPECT_FALSE(bearer(choose(R"(Bearer realm="https://auth.reg.io/t")"))->is_trusted);
}

TEST(AuthScopeTest, CountsAnOfferedScopeForItsOwnRepositoryOnly) {
  const BearerLogin other{Url(), "s", "repository:a:pull repository:b:pull", "a", true};
  const BearerLogin plain{Url(), "s", "aws", "a", true};

  EXPECT_EQ(scopes_for(other, "a"),
            (std::vector<std::string>{"repository:a:pull", "repository:b:pull"}));
  EXPECT_EQ(scopes_for(other, "c"), std::vector<std::string>{"repository:c:pull"});
  EXPECT_EQ(scopes_for(plain, "c"), std::vector<std::string>{"aws"});
}

}  // namespace
}  // namespace signet
