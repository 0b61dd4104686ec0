#include "server/registry/token_request.hpp"

#include <gtest/gtest.h>

namespace signet {
namespace {

using std::chrono::seconds;

constexpr TimePoint kNow{seconds(1'800'000'000)};

TokenScope wanted(const char* realm) {
  return {*Url::parse(realm), "reg io", {"repository:a/b:pull", "repository:c:pull"}};
}

TEST(TokenRequestTest, KeepsTheRealmsOwnQuery) {
  const std::string rest =
      "service=reg%20io&scope=repository%3Aa%2Fb%3Apull&scope=repository%3Ac%3Apull&client_id="
      "signet";
  EXPECT_EQ(token_url(wanted("https://a.io/t")).str(), "https://a.io/t?" + rest);
  EXPECT_EQ(token_url(wanted("https://a.io/t?x=1")).str(), "https://a.io/t?x=1&" + rest);
  EXPECT_EQ(token_url(wanted("https://a.io/t?")).str(), "https://a.io/t?" + rest);
}

TEST(TokenRequestTest, LeavesAnEmptyServiceOut) {
  TokenScope scope = wanted("https://a.io/t");
  scope.service.clear();

  EXPECT_EQ(token_url(scope).target.find("service"), std::string::npos);
  EXPECT_EQ(token_form(scope, "r").find("service"), std::string::npos);
}

TEST(TokenRequestTest, EscapesEveryValueOfTheForm) {
  EXPECT_EQ(token_form(wanted("https://a.io/t"), "r&x=1"),
            "grant_type=refresh_token&refresh_token=r%26x%3D1&service=reg%20io&"
            "scope=repository%3Aa%2Fb%3Apull%20repository%3Ac%3Apull&client_id=signet");
}

struct LifeRow {
  const char* members;
  long usable;
};

TEST(TokenRequestTest, BoundsTheLifeOfAToken) {
  const std::vector<LifeRow> rows = {
      {"", 54},
      {R"(,"expires_in":10)", 54},
      {R"(,"expires_in":-5)", 54},
      {R"(,"expires_in":null)", 54},
      {R"(,"expires_in":"x")", 54},
      {R"(,"expires_in":60)", 54},
      {R"(,"expires_in":"300")", 270},
      {R"(,"expires_in":300.7)", 270},
      {R"(,"expires_in":1e9)", 3240},
      {R"(,"expires_in":1e308)", 3240},
      {R"(,"expires_in":300,"issued_at":"2027-01-15T08:00:00Z")", 270},
      {R"(,"expires_in":300,"issued_at":"2027-01-15T07:58:20Z")", 170},
      {R"(,"expires_in":300,"issued_at":"2027-01-14T08:00:00Z")", 270},
      {R"(,"expires_in":300,"issued_at":"2027-01-16T08:00:00Z")", 270},
      {R"(,"expires_in":300,"issued_at":"yesterday")", 270},
      {R"(,"expires_in":300,"issued_at":"2027-01-15T07:55:00Z")", 0},
  };
  for (const LifeRow& row : rows) {
    SCOPED_TRACE(row.members);
    const auto token = parse_token_reply(R"({"token":"t")" + std::string(row.members) + "}", kNow);
    ASSERT_TRUE(token) << token.error().what();
    EXPECT_EQ(token->usable_for.count(), row.usable);
  }
}

TEST(TokenRequestTest, PrefersTheAccessToken) {
  EXPECT_EQ(parse_token_reply(R"({"token":"a","access_token":"b"})", kNow)->text, "b");
  EXPECT_EQ(parse_token_reply(R"({"token":"a","access_token":""})", kNow)->text, "a");
  EXPECT_EQ(parse_token_reply(R"({"token":"a"})", kNow)->text, "a");
}

TEST(TokenRequestTest, RefusesWhatIsNoToken) {
  for (const std::string& body :
       {std::string(), std::string("<html>"), std::string("{}"), std::string("[]"),
        std::string(R"({"token":7})"), std::string(R"({"token":"a b"})"),
        std::string(R"({"token":"a\r\nX: y"})"), std::string("{\"token\":\"\xc2\x80\"}"),
        R"({"token":")" + std::string(kTokenBytes + 1, 't') + "\"}"}) {
    const auto token = parse_token_reply(body, kNow);
    ASSERT_FALSE(token) << body.substr(0, 40);
    EXPECT_EQ(token.error().reason(), Reason::registry_protocol);
  }
  EXPECT_TRUE(parse_token_reply(R"({"token":")" + std::string(kTokenBytes, 't') + "\"}", kNow));
}

TEST(TokenRequestTest, BoundsTheReply) {
  const std::string start = R"({"token":"t","x":")";
  const std::string most = start + std::string(kTokenReplyBytes - start.size() - 2, 'x') + "\"}";

  EXPECT_TRUE(parse_token_reply(most, kNow));
  EXPECT_FALSE(parse_token_reply(most + " ", kNow));
}

}  // namespace
}  // namespace signet
