#include "core/policy/identities.hpp"

#include <gtest/gtest.h>

#include "core/base/limits.hpp"

namespace signet {
namespace {

using namespace std::string_literals;

TextPattern regexp(std::string_view pattern) {
  auto compiled = TextPattern::regexp(pattern);
  EXPECT_TRUE(compiled) << pattern;
  return compiled ? *compiled : TextPattern::exact("");
}

Identity team_a() {
  Identity identity;
  identity.subjects = {{NameType::email, "team-a@linuxera.org"}};
  identity.issuer = "https://linuxera.org";
  identity.issuer_dn = "CN=Teams CA,O=Linuxera";
  return identity;
}

IdentityRule rule(TextPattern subject, TextPattern issuer) {
  return {std::move(subject), SubjectType::any, std::move(issuer), std::nullopt};
}

struct RegexpRow {
  const char* pattern;
  std::string value;
  bool matches;
};

TEST(TextPatternTest, RegexpMustMatchTheWholeValue) {
  const RegexpRow rows[] = {
      {"team-.*@linuxera\\.org", "team-a@linuxera.org", true},
      {"team-.*@linuxera.org", "team-a@linuxeraXorg.evil", false},
      {"team-.*@linuxera\\.org", "xteam-a@linuxera.org", false},
      {"team-.*@linuxera\\.org", "team-a@linuxera.org\n", false},
      {"https://linuxer.*.org", "https://linuxera.org", true},
      {"https://good\\.example", "http://localhost?issuer=https://good.example", false},
      {"https://good\\.example", "http://localhost/redirect/https://good.example", false},
      {"https://good\\.example", "https://good.example.evil", false},
      {"https://good\\.example", "https://good.example\n", false},
      {"a|b", "ab", false},
      {"a|b", "b", true},
      {"^a$", "a", true},
      {"^a$", "a\n", false},
      {"(?i)team", "TEAM", true},
      {".*", "anything", true},
      {".*", "", false},
      {".*", "two\nlines", false},
      {"(.|\\n)*", "good\0evil"s, false},
      {".*", "\xff", false},
  };
  for (const RegexpRow& row : rows) {
    SCOPED_TRACE(::testing::Message() << row.pattern << " on " << row.value);
    EXPECT_EQ(regexp(row.pattern).matches(row.value), row.matches);
  }
}

TEST(TextPatternTest, ExactIsByteExact) {
  const TextPattern pattern = TextPattern::exact("https://good.example/ci");

  EXPECT_TRUE(pattern.matches("https://good.example/ci"));
  EXPECT_FALSE(pattern.matches("https://good.example/CI"));
  EXPECT_FALSE(pattern.matches("https://good.example/ci\0.evil"s));
  EXPECT_FALSE(pattern.matches("https://good.example/ci "));
  EXPECT_FALSE(TextPattern::exact("").matches(""));
  EXPECT_FALSE(TextPattern::exact("a\0b"s).matches("a\0b"s));
}

TEST(TextPatternTest, RefusesWhatItCannotObeyAndNamesTheSpot) {
  const struct {
    const char* pattern;
    const char* says;
  } rows[] = {
      {"", "the regular expression is empty; `.*` matches any value"},
      {"team-(", "regular expression \"team-(\" at character 1: missing ): team-("},
      {"a**b", "regular expression \"a**b\" at character 2: bad repetition operator: **"},
      {"a(?=b)", "regular expression \"a(?=b)\" at character 2: invalid perl operator: (?="},
      {"(a)\\1", "regular expression \"(a)\\\\1\" at character 4: invalid escape sequence: \\1"},
      {"a(?s).*",
       "regular expression \"a(?s).*\" at character 2: the flags s and m are not "
       "allowed; the whole value must match"},
      {"(?im:a)",
       "regular expression \"(?im:a)\" at character 1: the flags s and m are not "
       "allowed; the whole value must match"},
      {"[[:alpha:][](?s).*",
       "regular expression \"[[:alpha:][](?s).*\" at character 13: the flags "
       "s and m are not allowed; the whole value must match"},
      {"\\Qa(?s)\\E(?-m)",
       "regular expression \"\\\\Qa(?s)\\\\E(?-m)\" at character 10: the flags "
       "s and m are not allowed; the whole value must match"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.pattern);
    const auto refused = TextPattern::regexp(row.pattern);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().what(), row.says);
  }
}

TEST(TextPatternTest, KeepsWhatOnlyLooksLikeAFlag) {
  for (const char* pattern : {"\\(?s", "[(?s]", "(?P<sm>a)", "[]a(?m]", "\\Q(?s)\\E"}) {
    SCOPED_TRACE(pattern);
    EXPECT_TRUE(TextPattern::regexp(pattern));
  }
}

TEST(TextPatternTest, BoundsLengthAndProgram) {
  EXPECT_TRUE(TextPattern::regexp(std::string(kPatternBytes, 'a')));
  const auto too_long = TextPattern::regexp(std::string(kPatternBytes + 1, 'a'));
  ASSERT_FALSE(too_long);
  EXPECT_EQ(too_long.error().reason(), Reason::limit_exceeded);
  EXPECT_FALSE(TextPattern::regexp("((((.{1,99}){1,99}){1,99}){1,99})"));
}

TEST(TextPatternTest, IsShownWithItsKind) {
  EXPECT_EQ(TextPattern::exact("a\"b").str(), "\"a\\\"b\"");
  EXPECT_EQ(regexp("team-.*").str(), "~ team-.*");
  EXPECT_TRUE(regexp("a").is_regexp());
  EXPECT_FALSE(TextPattern::exact("a").is_regexp());
}

TEST(IdentitiesTest, AnyRuleSufficesAndTheSubjectIsReturned) {
  const IdentityRule rules[] = {
      rule(TextPattern::exact("release@linuxera.org"), TextPattern::exact("https://linuxera.org")),
      rule(regexp("team-.*@linuxera\\.org"), regexp("https://linuxer.*\\.org")),
  };

  const auto matched = match_identity(rules, team_a(), {});

  ASSERT_TRUE(matched);
  EXPECT_EQ(*matched, "team-a@linuxera.org");
}

TEST(IdentitiesTest, SaysWhatWasFoundAndWhatWasWanted) {
  const IdentityRule rules[] = {
      rule(regexp("team-b.*"), TextPattern::exact("https://linuxera.org"))};

  const auto matched = match_identity(rules, team_a(), {});

  ASSERT_FALSE(matched);
  EXPECT_EQ(matched.error().reason(), Reason::identity_mismatch);
  EXPECT_EQ(matched.error().what(),
            "found team-a@linuxera.org (issuer https://linuxera.org); wanted subject ~ team-b.*, "
            "issuer \"https://linuxera.org\"");
}

TEST(IdentitiesTest, AWrongIssuerIsTheNearerMiss) {
  const IdentityRule rules[] = {
      rule(regexp("team-b.*"), regexp(".*")),
      rule(regexp("team-a.*"), TextPattern::exact("https://other.example")),
  };

  const auto matched = match_identity(rules, team_a(), {});

  ASSERT_FALSE(matched);
  EXPECT_EQ(matched.error().reason(), Reason::issuer_mismatch);
  EXPECT_EQ(matched.error().what(),
            "found subject \"team-a@linuxera.org\", but its issuer is \"https://linuxera.org\"; "
            "wanted subject ~ team-a.*, issuer \"https://other.example\"");
}

TEST(IdentitiesTest, AnAbsentIssuerNeverMatches) {
  Identity identity = team_a();
  identity.issuer.reset();
  const IdentityRule rules[] = {rule(regexp(".*"), regexp(".*"))};

  const auto matched = match_identity(rules, identity, {});

  ASSERT_FALSE(matched);
  EXPECT_EQ(matched.error().reason(), Reason::issuer_mismatch);
  EXPECT_NE(matched.error().what().find("names no issuer"), std::string::npos);
}

TEST(IdentitiesTest, AnyPatternStillNeedsASubject) {
  Identity identity = team_a();
  identity.subjects.clear();
  const IdentityRule rules[] = {rule(regexp(".*"), regexp(".*"))};

  const auto matched = match_identity(rules, identity, {});

  ASSERT_FALSE(matched);
  EXPECT_EQ(matched.error().reason(), Reason::identity_mismatch);
}

TEST(IdentitiesTest, TheIssuerDnCountsOnlyBelowAConfiguredIssuer) {
  const IdentityRule rules[] = {{regexp("team-.*"), SubjectType::any, std::nullopt,
                                 TextPattern::exact("CN=Teams CA,O=Linuxera")}};
  Identity identity = team_a();
  identity.issuer.reset();
  Path configured;
  configured.issuer_configured = true;

  const auto good = match_identity(rules, identity, configured);
  const auto namesake = match_identity(rules, identity, {});
  identity.issuer_dn = "CN=Other";
  const auto other = match_identity(rules, identity, configured);

  EXPECT_TRUE(good);
  ASSERT_FALSE(namesake);
  EXPECT_EQ(namesake.error().reason(), Reason::issuer_mismatch);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().reason(), Reason::issuer_mismatch);
}

TEST(IdentitiesTest, IssuerAndIssuerDnMustBothMatch) {
  const IdentityRule rules[] = {{regexp("team-.*"), SubjectType::any,
                                 TextPattern::exact("https://other.example"),
                                 TextPattern::exact("CN=Teams CA,O=Linuxera")}};
  Path configured;
  configured.issuer_configured = true;

  EXPECT_FALSE(match_identity(rules, team_a(), configured));
}

TEST(IdentitiesTest, SubjectTypeNarrowsToThatType) {
  Identity identity = team_a();
  const struct {
    NameType type;
    SubjectType wanted;
    bool matches;
  } rows[] = {
      {NameType::email, SubjectType::email, true},
      {NameType::uri, SubjectType::email, false},
      {NameType::uri, SubjectType::uri, true},
      {NameType::dns, SubjectType::uri, false},
      {NameType::dns, SubjectType::dns, true},
      {NameType::email, SubjectType::dns, false},
      {NameType::other_name, SubjectType::any, true},
      {NameType::other_name, SubjectType::email, false},
      {NameType::uri, SubjectType::any, true},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(static_cast<int>(row.type) * 10 + static_cast<int>(row.wanted));
    identity.subjects = {{row.type, "value"}};
    IdentityRule typed = rule(TextPattern::exact("value"), regexp(".*"));
    typed.subject_type = row.wanted;
    EXPECT_EQ(match_identity(std::span(&typed, 1), identity, {}).has_value(), row.matches);
  }
}

TEST(IdentitiesTest, NoRuleMatchesNobody) {
  const auto matched = match_identity({}, team_a(), {});

  ASSERT_FALSE(matched);
  EXPECT_EQ(matched.error().reason(), Reason::identity_mismatch);
}

TEST(IdentitiesTest, ARuleWithoutIssuerMatchesNobody) {
  const IdentityRule rules[] = {{regexp(".*"), SubjectType::any, std::nullopt, std::nullopt}};

  EXPECT_FALSE(match_identity(rules, team_a(), {}));
}

TEST(IdentitiesTest, ShowsAtMostThreeRules) {
  const std::vector<IdentityRule> rules(5, rule(TextPattern::exact("x"), TextPattern::exact("y")));

  const auto matched = match_identity(rules, team_a(), {});

  ASSERT_FALSE(matched);
  EXPECT_NE(matched.error().what().find("; or one of 2 more"), std::string::npos);
}

TEST(IdentitiesTest, ARuleIsShownInFull) {
  const IdentityRule full{TextPattern::exact("a@b.c"), SubjectType::email, regexp("https://.*"),
                          TextPattern::exact("CN=x")};

  EXPECT_EQ(full.str(), "subject (email) \"a@b.c\", issuer ~ https://.*, issuer DN \"CN=x\"");
}

}  // namespace
}  // namespace signet
