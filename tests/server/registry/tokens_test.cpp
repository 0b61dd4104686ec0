#include "server/registry/tokens.hpp"

#include <gtest/gtest.h>

#include "tests/support/run.hpp"
#include "tests/support/scripted_transport.hpp"

namespace signet {
namespace {

using testing::reply_of;
using testing::ScriptedTransport;

const std::string kLine = "GET https://reg.io/token?scope=repository%3Aa%3Apull&client_id=signet";

class TokensTest : public ::testing::Test {
 protected:
  static TokenWanted wanted() {
    return {*Url::parse("https://reg.io/"),
            {*Url::parse("https://reg.io/token"), "", {"repository:a:pull"}},
            std::nullopt};
  }
  static Deadline soon() { return deadline_in(std::chrono::seconds(30)); }
  Result<Token> get(const TokenWanted& which) {
    return testing::run_on(loop, tokens.get(which, soon()));
  }

  asio::io_context loop;
  ScriptedTransport transport;
  Tokens tokens{loop.get_executor(), transport, [] { return TimePoint(); },
                std::chrono::seconds(7)};
};

TEST_F(TokensTest, KeepsATokenAndSaysWhetherItIsFresh) {
  transport.on(kLine, reply_of(200, R"({"token":"t"})"));

  const auto first = get(wanted());
  const auto second = get(wanted());

  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->text, "t");
  EXPECT_TRUE(first->is_fresh);
  EXPECT_FALSE(second->is_fresh);
  EXPECT_EQ(transport.lines, std::vector<std::string>{kLine});
}

TEST_F(TokensTest, KeepsTokensApartByEverythingTheyDependOn) {
  std::vector<TokenWanted> all(6, wanted());
  all[1].registry = *Url::parse("https://other.io/");
  all[2].scope.realm = *Url::parse("https://reg.io/token2");
  all[3].scope.service = "s";
  all[4].scope.scopes.push_back("repository:b:pull");
  all[5].credential = Credential{"u", "p", "", ""};
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t j = 0; j < all.size(); ++j) {
      EXPECT_EQ(all[i].key() == all[j].key(), i == j) << i << " " << j;
    }
  }
  EXPECT_EQ(all[5].key().find("u:p"), std::string::npos);
}

TEST_F(TokensTest, KeepsNoTokenThatIsOverAlready) {
  transport.on(kLine, reply_of(200, R"({"token":"t","expires_in":60,)"
                                    R"("issued_at":"1969-12-31T23:59:00Z"})"));

  EXPECT_TRUE(get(wanted()));
  EXPECT_TRUE(get(wanted()));

  EXPECT_EQ(transport.lines.size(), 2U);
}

TEST_F(TokensTest, DropsOnlyTheTokenThatWasRefused) {
  transport.on(kLine, reply_of(200, R"({"token":"old"})"));
  transport.on(kLine, reply_of(200, R"({"token":"new"})"));
  ASSERT_EQ(get(wanted())->text, "old");

  tokens.drop(wanted(), "old");
  ASSERT_EQ(get(wanted())->text, "new");
  tokens.drop(wanted(), "old");

  EXPECT_EQ(get(wanted())->text, "new");
  EXPECT_EQ(transport.lines.size(), 2U);
}

TEST_F(TokensTest, SharesOneFetchAmongAllWhoAskMeanwhile) {
  using namespace asio::experimental::awaitable_operators;
  transport.on(kLine, reply_of(200, R"({"token":"t"})"));

  const auto both =
      testing::run_on(loop, tokens.get(wanted(), soon()) && tokens.get(wanted(), soon()));

  EXPECT_TRUE(std::get<0>(both) && std::get<1>(both));
  EXPECT_EQ(transport.lines.size(), 1U);
}

TEST_F(TokensTest, RemembersARefusalButNoOutage) {
  transport.on(kLine, Error(Reason::registry_timeout, "no answer"));
  transport.on(kLine, reply_of(503));
  transport.on(kLine, reply_of(403));

  EXPECT_EQ(get(wanted()).error().reason(), Reason::registry_timeout);
  EXPECT_EQ(get(wanted()).error().reason(), Reason::registry_unreachable);
  EXPECT_EQ(get(wanted()).error().reason(), Reason::registry_forbidden);
  EXPECT_EQ(get(wanted()).error().reason(), Reason::registry_forbidden);

  EXPECT_EQ(transport.lines.size(), 3U);
}

TEST_F(TokensTest, BoundsTheReply) {
  transport.on(kLine, reply_of(200, std::string(kTokenReplyBytes + 1, ' ')));

  EXPECT_EQ(get(wanted()).error().reason(), Reason::limit_exceeded);
}

TEST_F(TokensTest, SendsAPasswordInAHeaderAndNeverInTheUrl) {
  transport.on(kLine, reply_of(200, R"({"token":"t"})"));
  TokenWanted with_login = wanted();
  with_login.credential = Credential{"user", "hunter2", "", ""};

  ASSERT_TRUE(get(with_login));

  EXPECT_EQ(transport.sent(0, "Authorization"), with_login.credential->basic());
  EXPECT_EQ(transport.lines[0].find("hunter2"), std::string::npos);
}

}  // namespace
}  // namespace signet
