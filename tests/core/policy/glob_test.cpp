#include "core/policy/glob.hpp"

#include <gtest/gtest.h>

#include <span>

#include "core/base/limits.hpp"

namespace signet {
namespace {

struct MatchRow {
  const char* pattern;
  const char* name;  // as Repository::canonical() writes it
  bool matches;
};

void expect_rows(std::span<const MatchRow> rows) {
  for (const MatchRow& row : rows) {
    SCOPED_TRACE(::testing::Message() << row.pattern << " on " << row.name);
    const auto glob = ImageGlob::parse(row.pattern);
    ASSERT_TRUE(glob) << glob.error().what();
    EXPECT_EQ(glob->matches(row.name), row.matches);
  }
}

TEST(ImageGlobTest, AnchorsPathsAtBothEnds) {
  const MatchRow rows[] = {
      {"quay.io/example/app", "quay.io/example/app", true},
      {"quay.io/example/app", "quay.io/example/app2", false},
      {"quay.io/example/app", "quay.io/example/ap", false},
      {"quay.io/example/app", "quay.io/example/app/x", false},
      {"quay.io/example/app", "quay.io/x/example/app", false},
      {"quay.io/example/app", "quay.io.evil.org/example/app", false},
      {"quay.io/example/app", "evil.org/quay.io/example/app", false},
      {"quay.io/example/app", "quay.io:8443/example/app", false},
      {"quay.io/team/**", "quay.io/team-evil/app", false},
      {"localhost/app", "localhost/app", true},
      {"localhost:5000/app", "localhost:5000/app", true},
      {"localhost:5000/app", "localhost:5001/app", false},
      {"localhost:5000/app", "localhost/app", false},
  };
  expect_rows(rows);
}

TEST(ImageGlobTest, OneStarStaysWithinAComponent) {
  const MatchRow rows[] = {
      {"quay.io/example/*", "quay.io/example/app", true},
      {"quay.io/example/*", "quay.io/example/app/sub", false},
      {"quay.io/example/*", "quay.io/example", false},
      {"quay.io/*/app", "quay.io/example/app", true},
      {"quay.io/*/app", "quay.io/app", false},
      {"quay.io/*/app", "quay.io/a/b/app", false},
      {"quay.io/example/team-*", "quay.io/example/team-a", true},
      {"quay.io/example/team-*", "quay.io/example/team-", true},
      {"quay.io/example/team-*", "quay.io/example/steam-a", false},
      {"quay.io/example/*-app", "quay.io/example/my-app", true},
      {"quay.io/example/*-app", "quay.io/example/my-apps", false},
      {"quay.io/example/a*b*c", "quay.io/example/abc", true},
      {"quay.io/example/a*b*c", "quay.io/example/axxbyybzzc", true},
      {"quay.io/example/a*b*c", "quay.io/example/axxcyyb", false},
      {"quay.io/*/*", "quay.io/a/b", true},
      {"quay.io/*/*", "quay.io/a", false},
      {"quay.io/*/*", "quay.io/a/b/c", false},
      {"quay.io/a*a*a*a*a*a*a*b", "quay.io/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
       false},
  };
  expect_rows(rows);
}

TEST(ImageGlobTest, TwoStarsCrossComponents) {
  const MatchRow rows[] = {
      {"quay.io/a/**", "quay.io/a", false},
      {"quay.io/a/**", "quay.io/a/b", true},
      {"quay.io/a/**", "quay.io/a/b/c/d", true},
      {"quay.io/a/**", "quay.io/ab/c", false},
      {"quay.io/**", "quay.io/a", true},
      {"quay.io/**", "quay.io/a/b", true},
      {"quay.io/**", "quay.iox/a/b", false},
      {"quay.io/**/app", "quay.io/app", false},
      {"quay.io/**/app", "quay.io/a/app", true},
      {"quay.io/**/app", "quay.io/a/b/app", true},
      {"quay.io/**/app", "quay.io/app/app", true},
      {"quay.io/**/app", "quay.io/a/app/b", false},
      {"quay.io/a/**/b", "quay.io/a/b", false},
      {"quay.io/a/**/b", "quay.io/a/b/b", true},
      {"quay.io/a/**/b/**", "quay.io/a/b/b/b", true},
      {"quay.io/a/**/b/**", "quay.io/a/x/b", false},
      {"quay.io/a/**/b/*/c", "quay.io/a/b/b/b/x/c", true},
      {"quay.io/**/**", "quay.io/a", false},
      {"quay.io/**/**", "quay.io/a/b", true},
  };
  expect_rows(rows);
}

TEST(ImageGlobTest, TwoStarsAloneMatchEveryImage) {
  const MatchRow rows[] = {
      {"**", "docker.io/library/nginx", true},
      {"**", "localhost:5000/a/b/c", true},
      {"**", "[::1]:5000/a", true},
  };
  expect_rows(rows);
}

TEST(ImageGlobTest, HostSuffixesStandForWholeLabels) {
  const MatchRow rows[] = {
      {"*.example.org/**", "registry.example.org/a", true},
      {"*.example.org/**", "eu.registry.example.org/a", true},
      {"*.example.org/**", "example.org/a", false},
      {"*.example.org/**", "evilexample.org/a", false},
      {"*.example.org/**", "registry.example.org.evil/a", false},
      {"*.example.org/**", "registry.example.org:5000/a", false},
      {"*.example.org:5000/**", "registry.example.org:5000/a", true},
      {"*.example.org:5000/**", "registry.example.org/a", false},
      // The host boundary is never crossed (Portieris d3058143).
      {"*.trusted.example.com/org/*", "attacker.com/x.trusted.example.com/org/evil", false},
      {"*.trusted.example.com/org/*", "attacker.com/a/x.trusted.example.com/org/evil", false},
      {"*.trusted.example.com/org/*", "attacker.com:5000/x.trusted.example.com/org/evil", false},
      {"*.trusted.example.com/org/*", "eu.trusted.example.com/org/app", true},
      {"*.trusted.example.com/org/*", "eu.trusted.example.com/org/sub/app", false},
      {"*.trusted.example.com/org/*", "eu.trusted.example.com/other/app", false},
  };
  expect_rows(rows);
}

TEST(ImageGlobTest, AHostIsComparedInItsCanonicalForm) {
  const MatchRow rows[] = {
      {"index.docker.io/library/*", "docker.io/library/nginx", true},
      {"registry-1.docker.io/**", "docker.io/library/nginx", true},
      {"docker.io/**", "docker.io/library/nginx", true},
      {"docker.io/library/nginx", "docker.io/library/nginx", true},
      {"docker.io/acme/*", "docker.io/acme/app", true},
      {"docker.io/acme/*", "docker.io/library/acme", false},
      {"quay.io:443/example/*", "quay.io/example/app", true},
      {"*.example.org:443/**", "a.example.org/b", true},
  };
  expect_rows(rows);
}

TEST(ImageGlobTest, TellsLiteralHosts) {
  EXPECT_TRUE(ImageGlob::parse("quay.io/**")->has_literal_host());
  EXPECT_TRUE(ImageGlob::parse("localhost:5000/a")->has_literal_host());
  EXPECT_FALSE(ImageGlob::parse("*.example.org/**")->has_literal_host());
  EXPECT_FALSE(ImageGlob::parse("**")->has_literal_host());
  EXPECT_EQ(ImageGlob::parse("quay.io:443/a/**")->text(), "quay.io:443/a/**");
}

struct BadRow {
  const char* pattern;
  const char* says;  // part of the message: the cure
};

TEST(ImageGlobTest, RefusesPatternsAndNamesTheCure) {
  const BadRow rows[] = {
      {"", "`**` matches every image"},
      {"nginx", "has no host; for Docker Hub write docker.io/library/nginx, else begin with"},
      {"team/**", "has no host; for Docker Hub write docker.io/team/**, else begin with"},
      {"*", "or write `**` alone for every image"},
      {"*/app", "has no host; begin with a registry"},
      {"**/app", "has no host; begin with a registry"},
      {"inde**", "has no host; begin with a registry"},
      {"quay.io", "has no path; write quay.io/** for every image there"},
      {"quay.io/", "has an empty path component"},
      {"quay.io//app", "has an empty path component"},
      {"/app", "has no host"},
      {"quay.*/app", "`*` has no other place in it"},
      {"q*.io/app", "`*` has no other place in it"},
      {"a.*.io/app", "`*` has no other place in it"},
      {"**.example.org/app", "`*` has no other place in it"},
      {"*.*.example.org/app", "`*` has no other place in it"},
      {"quay.io:*/app", "`*` has no other place in it"},
      {"*.docker.io/**", "write docker.io/..."},
      {"Quay.io/app", "write it in lower case"},
      {"quay.io/App", "image names are lower case"},
      {"quay.io/app:1.0", "end it before the `:`"},
      {"quay.io/app:*", "end it before the `:`"},
      {"quay.io/app@sha256:00", "end it before the `@`"},
      {"https://quay.io/app", "write host/path without the scheme"},
      {"quay.io/a?p", "`?` has no meaning here"},
      {"!quay.io/app", "`!` has no meaning here"},
      {"quay.io/[ab]", "`[` has no meaning here"},
      {"quay.io/{a,b}", "`{` has no meaning here"},
      {"quay.io/(a|b)", "`(` has no meaning here"},
      {"^quay.io/app$", "`^` has no meaning here"},
      {"quay.io/a\\b", "`\\` has no meaning here"},
      {"quay.io/a b", "white space"},
      {" quay.io/a", "white space"},
      {"quay.io/a**", "`**` stands alone between slashes"},
      {"quay.io/**a", "`**` stands alone between slashes"},
      {"quay.io/***", "`**` stands alone between slashes"},
      {"quay.io/a..b", "is in no image name"},
      {"quay.io/../b", "is in no image name"},
      {"quay.io/-a", "is in no image name"},
      {"quay.io/a%b", "is in no image name"},
      {"docker.io/nginx", "write docker.io/library/nginx for official images"},
      {"docker.io/*", "write docker.io/library/* for official images"},
      {"127.1/app", "the host is not one"},
      {"quay.io:0/app", "the host is not one"},
      {"quay..io/app", "the host is not one"},
  };
  for (const BadRow& row : rows) {
    SCOPED_TRACE(row.pattern);
    const auto refused = ImageGlob::parse(row.pattern);
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().what().find(row.says), std::string::npos) << refused.error().what();
  }
}

TEST(ImageGlobTest, BoundsThePattern) {
  const std::string host = "quay.io/";
  std::string longest = host;
  while (longest.size() + 3 <= kPatternBytes)
    longest += "a/";
  longest += std::string(kPatternBytes - longest.size(), 'a');

  ASSERT_EQ(longest.size(), kPatternBytes);
  EXPECT_TRUE(ImageGlob::parse(longest));
  const auto refused = ImageGlob::parse(longest + "a");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason(), Reason::limit_exceeded);
}

TEST(NamePatternTest, KnowsStarAndQuestionMark) {
  const MatchRow rows[] = {
      {"team-*", "team-a", true},
      {"team-*", "team-", true},
      {"team-*", "steam-a", false},
      {"team-?", "team-a", true},
      {"team-?", "team-", false},
      {"team-?", "team-ab", false},
      {"*", "default", true},
      {"*-prod", "a-prod", true},
      {"*-prod", "a-prod-2", false},
      {"a*b?c", "axxbyc", true},
      {"a*b?c", "axxbc", false},
      {"default", "default", true},
      {"default", "Default", false},
      {"", "", true},
      {"", "a", false},
  };
  for (const MatchRow& row : rows) {
    SCOPED_TRACE(::testing::Message() << row.pattern << " on " << row.name);
    EXPECT_EQ(matches_name(row.pattern, row.name), row.matches);
  }
}

}  // namespace
}  // namespace signet
