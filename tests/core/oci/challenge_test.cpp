#include "core/oci/challenge.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace signet {
namespace {

using Fields = std::vector<std::string_view>;

// Challenges as one text: "bearer{realm=a;service=b} basic{}".
std::string shown(const Fields& fields) {
  std::string text;
  for (const Challenge& challenge : parse_challenges(fields)) {
    if (!text.empty()) text += ' ';
    text += challenge.scheme + '{';
    for (const auto& [name, value] : challenge.parameters) {
      if (text.back() != '{') text += ';';
      text += name + '=' + value;
    }
    text += '}';
  }
  return text;
}

struct ChallengeRow {
  Fields fields;
  const char* shown;
};

// registry.md J.3.
TEST(ChallengeTest, ReadsWhatRegistriesSend) {
  const std::vector<ChallengeRow> rows = {
      {{R"(Bearer realm="https://a/t",service="s",scope="repository:x:pull")"},
       "bearer{realm=https://a/t;service=s;scope=repository:x:pull}"},
      {{"Negotiate", R"(Bearer realm="https://a/t")"}, "negotiate{} bearer{realm=https://a/t}"},
      {{R"(Basic realm="x", Bearer realm="https://a/t",service="s")"},
       "basic{realm=x} bearer{realm=https://a/t;service=s}"},
      {{R"(Bearer realm="https://a/t", Basic realm="r")"},
       "bearer{realm=https://a/t} basic{realm=r}"},
      {{R"(Basic realm="a\"b\\c")"}, R"(basic{realm=a"b\c})"},
      {{"bearer realm=https://zot.example/auth"}, "bearer{realm=https://zot.example/auth}"},
      {{"basic realm=Authorization Required"}, "basic{realm=Authorization Required}"},
      {{R"(Bearer realm="https://a/t",scope="",service="s")"},
       "bearer{realm=https://a/t;scope=;service=s}"},
      {{R"(BEARER REALM="https://A/t")"}, "bearer{realm=https://A/t}"},
      {{"Bearer"}, "bearer{}"},
      {{R"(Negotiate abc==, Bearer realm="https://a/t")"}, "negotiate{} bearer{realm=https://a/t}"},
      {{R"(,, Bearer ,, realm = "https://a/t" , , service=s ,)"},
       "bearer{realm=https://a/t;service=s}"},
      {{R"(Bearer realm="a",error="x",error="y")"}, "bearer{realm=a;error=x}"},
      {{""}, ""},
      {{"\t"}, ""},
  };
  for (const ChallengeRow& row : rows) {
    SCOPED_TRACE(std::string(row.fields.front()));
    EXPECT_EQ(shown(row.fields), row.shown);
  }
}

TEST(ChallengeTest, DropsWhatCannotBeReadInOneWay) {
  const std::string many = "Bearer " + [] {
    std::string text = "realm=r";
    for (int i = 0; i < 16; ++i)
      text += ", p" + std::to_string(i) + "=v";
    return text;
  }();
  const std::string long_value = "Bearer realm=\"" + std::string(4097, 'r') + "\"";
  const std::string long_field = "Bearer realm=r, x=" + std::string(20 * 1024, 'x');
  const std::vector<ChallengeRow> rows = {
      {{R"(Bearer realm="https://a/t)"}, ""},
      {{"Bearer realm=\"a\x01z\""}, ""},
      {{"Bearer realm=a\x7f"}, ""},
      {{R"(Bearer realm="a", realm="b")"}, ""},
      {{R"(Bearer realm="a", service="b", service="b")"}, ""},
      {{R"(Bearer realm="a" service="b")"}, ""},
      {{R"(Bearer realm="a" service="b", Basic realm="c")"}, "basic{realm=c}"},
      {{R"(realm="a")"}, ""},
      {{"\"Bearer\" realm=a"}, ""},
      {{many}, ""},
      {{long_value}, ""},
      {{long_field}, ""},
  };
  for (const ChallengeRow& row : rows) {
    SCOPED_TRACE(std::string(row.fields.front().substr(0, 80)));
    EXPECT_EQ(shown(row.fields), row.shown);
  }
}

TEST(ChallengeTest, TakesAsManyAsTheBoundsAllow) {
  std::string sixteen = "Bearer realm=r";
  for (int i = 0; i < 15; ++i)
    sixteen += ", p" + std::to_string(i) + "=v";
  std::string nine = "Basic realm=r";
  for (int i = 0; i < 8; ++i)
    nine += ", Basic realm=r";
  const std::string value = "Bearer realm=\"" + std::string(4096, 'r') + "\"";
  std::string field = "Bearer realm=r,";
  field += std::string(16 * 1024 - field.size(), ' ');

  EXPECT_EQ(parse_challenges({sixteen}).size(), 1U);
  EXPECT_EQ(parse_challenges({nine}).size(), 8U);
  EXPECT_EQ(parse_challenges({value}).size(), 1U);
  EXPECT_EQ(parse_challenges({field}).size(), 1U);
  EXPECT_EQ(parse_challenges({field + " "}).size(), 0U);
}

TEST(ChallengeTest, OffersBearerAndBasicAndNothingElse) {
  const auto offer = offer_of(parse_challenges(
      {R"(Digest realm="d", Basic realm="b", Bearer service="s", Bearer realm="https://a/t",)"
       R"(service="s",scope="x", Bearer realm="https://b/t")"}));

  EXPECT_TRUE(offer.basic);
  ASSERT_EQ(offer.bearer.size(), 2U);
  EXPECT_EQ(offer.bearer[0].realm, "https://a/t");
  EXPECT_EQ(offer.bearer[0].service, "s");
  EXPECT_EQ(offer.bearer[0].scope, "x");
  EXPECT_EQ(offer.bearer[1].realm, "https://b/t");
}

struct ScopeRow {
  const char* offered;
  std::vector<std::string> scopes;
};

TEST(ChallengeTest, AsksForPullAndNothingMore) {
  const std::string own = "repository:a/b:pull";
  const std::vector<ScopeRow> rows = {
      {"", {own}},
      {"repository:a/b:pull", {own}},
      {"repository:a/b:pull,push", {own}},
      {"repository:a/b:push", {own}},
      {"repository:a/b:*", {own}},
      {"repository:x:pull repository:a/b:pull", {own, "repository:x:pull"}},
      {"repository:h:5000/x:pull", {own, "repository:h:5000/x:pull"}},
      {"repository(plugin):x:pull", {own, "repository:x:pull"}},
      {"repository:1:pull repository:2:pull repository:3:pull",
       {own, "repository:1:pull", "repository:2:pull"}},
      {"registry:catalog:*", {own}},
      {"aws", {"aws"}},
      {"  aws ", {"aws"}},
      {"push", {own}},
      {"*", {own}},
      {"aws delete", {own}},
  };
  for (const ScopeRow& row : rows) {
    SCOPED_TRACE(row.offered);
    EXPECT_EQ(pull_scopes(row.offered, "a/b"), row.scopes);
  }
}

}  // namespace
}  // namespace signet
