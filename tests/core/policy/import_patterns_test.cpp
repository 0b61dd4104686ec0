#include "core/policy/import_patterns.hpp"

#include <gtest/gtest.h>
#include <re2/re2.h>

#include <algorithm>

#include "core/oci/reference.hpp"
#include "core/policy/glob.hpp"
#include "core/policy/identities.hpp"

namespace signet::testing {
namespace {

using Globs = std::vector<std::string>;

// ---- the peers' own rules, written down independently

// policy-controller, pkg/apis/glob: the whole reference against a regular expression.
bool policy_controller_matches(std::string pattern, const std::string& name) {
  if (pattern == "*") pattern = "index.docker.io/library/*";
  if (pattern == "*/*") pattern = "index.docker.io/*/*";
  std::string regexp;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern.compare(i, 2, "**") == 0) {
      regexp += ".*";
      ++i;
    } else if (pattern[i] == '*') {
      regexp += "[^/]*";
    } else {
      regexp += pattern[i] == '.' ? "\\." : std::string(1, pattern[i]);
    }
  }
  return RE2::FullMatch(name, regexp);
}

// Kyverno: `*` any characters, `?` one or none.
bool kyverno_matches(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '*' || pattern[0] == '?') {
    if (kyverno_matches(pattern.substr(1), text)) return true;
    const bool many = pattern[0] == '*';
    return !text.empty() && kyverno_matches(many ? pattern : pattern.substr(1), text.substr(1));
  }
  return !text.empty() && pattern[0] == text[0] &&
         kyverno_matches(pattern.substr(1), text.substr(1));
}

// containers/image: the reference itself, then ever shorter prefixes, then wildcards of its host.
bool openshift_matches(const std::string& scope, const std::string& name, const std::string& end) {
  if (scope == name + end) return true;
  std::string prefix = name;
  while (true) {
    if (scope == prefix) return true;
    const auto slash = prefix.rfind('/');
    if (slash == std::string::npos) break;
    prefix.resize(slash);
  }
  std::string host = prefix.substr(0, prefix.find(':'));
  while (host.find('.') != std::string::npos) {
    host = host.substr(host.find('.') + 1);
    if (scope == "*." + host) return true;
  }
  return false;
}

bool covers(const Globs& globs, const std::string& name) {
  const auto repository = Repository::parse(name);
  EXPECT_TRUE(repository) << name;
  return std::any_of(globs.begin(), globs.end(), [&](const std::string& glob) {
    return ImageGlob::parse(glob)->matches(repository->canonical());
  });
}

const std::vector<std::string> kNames = {
    "registry.example.com/web",          "registry.example.com/web/a",
    "registry.example.com/team/web",     "registry.example.com/team/web-1",
    "registry.example.com/team/a/b/web", "registry.example.com/teams/web",
    "registry.example.com:5000/web",     "a.registry.example.com/web",
    "a.b.registry.example.com/team/web", "other.example.org/registry.example.com/web",
    "index.docker.io/library/nginx",     "index.docker.io/team/web",
    "index.docker.io/library/web",       "localhost/web",
    "a.registry.example.com:5000/web",   "registry.example.com/team/web/web"};
const std::vector<std::string> kEnds = {
    ":latest", ":1.0-web", ":web",
    "@sha256:0000000000000000000000000000000000000000000000000000000000000000"};
const std::vector<std::string> kPatterns = {"*",
                                            "**",
                                            "*/*",
                                            "registry.example.com/*",
                                            "registry.example.com/**",
                                            "registry.example.com/web",
                                            "registry.example.com/web*",
                                            "registry.example.com/web:*",
                                            "registry.example.com/web:**",
                                            "registry.example.com/web:1.*",
                                            "registry.example.com/team/**",
                                            "registry.example.com/team*",
                                            "registry.example.com/team**",
                                            "registry.example.com/**/web*",
                                            "registry.example.com/**/web:*",
                                            "registry.example.com/*/web**",
                                            "registry.example.com/t*m/web*",
                                            "registry.example.com/t**b*",
                                            "registry.example.com/team/*-web",
                                            "registry.example.com/team/web-*:1",
                                            "registry.example.com/team/*web*",
                                            "registry.example.com:5000/*",
                                            "*.registry.example.com/**",
                                            "*.registry.example.com/*",
                                            "index.docker.io/**",
                                            "index.docker.io/library/*",
                                            "index.docker.io/*",
                                            "docker.io/team/*",
                                            "nginx*",
                                            "team/*",
                                            "localhost/*",
                                            "**/web*",
                                            "*registry.example.com/**",
                                            "registry.example.com**",
                                            "registry.example.com/te?m/web*"};

// ---- tests

TEST(CarryGlob, becomes_patterns_without_tags) {
  const auto globs = [](std::string_view pattern, GlobDialect dialect) {
    return carry_glob(pattern, dialect).globs;
  };
  constexpr auto kPc = GlobDialect::policy_controller;
  constexpr auto kKyverno = GlobDialect::kyverno;
  EXPECT_EQ(globs("registry.example.com/a/*", kPc), Globs{"registry.example.com/a/*"});
  EXPECT_EQ(globs("registry.example.com/a/**", kPc), Globs{"registry.example.com/a/**"});
  EXPECT_EQ(globs("registry.example.com/a/*", kKyverno), Globs{"registry.example.com/a/**"});
  EXPECT_EQ(globs("registry.example.com/a*", kKyverno),
            (Globs{"registry.example.com/a*", "registry.example.com/a*/**"}));
  EXPECT_EQ(globs("registry.example.com/a:*", kPc), Globs{"registry.example.com/a"});
  EXPECT_EQ(globs("registry.example.com/a**b", kPc),
            (Globs{"registry.example.com/a*", "registry.example.com/a*/**"}));
  EXPECT_EQ(globs("*", kPc), Globs{"docker.io/library/*"});
  EXPECT_EQ(globs("*", kKyverno), Globs{"**"});
  EXPECT_EQ(globs("index.docker.io/team/*", kPc), Globs{"docker.io/team/*"});
  EXPECT_EQ(globs("nginx*", kPc), Globs{"docker.io/library/nginx*"});
  EXPECT_EQ(globs("team/*", kPc), Globs{"docker.io/team/*"});
  EXPECT_EQ(globs("*.example.com/**", kPc), Globs{"*.example.com/**"});
}

TEST(CarryGlob, says_what_a_tag_became) {
  const CarriedGlobs tagged =
      carry_glob("registry.example.com/a:v1*", GlobDialect::policy_controller);
  EXPECT_EQ(tagged.globs, Globs{"registry.example.com/a"});
  EXPECT_FALSE(tagged.exact);
  EXPECT_NE(tagged.why.find("every tag"), std::string::npos);
  const CarriedGlobs behind =
      carry_glob("registry.example.com/a*-x", GlobDialect::policy_controller);
  EXPECT_EQ(behind.globs, Globs{"registry.example.com/a*"});
  EXPECT_NE(behind.why.find("reaches into the tag"), std::string::npos);
}

TEST(CarryGlob, refuses_what_reaches_across_registries) {
  for (const std::string_view pattern :
       {"**/web*", "*registry.example.com/**", "registry.example.com**", "gcr*.io/a/*"}) {
    const CarriedGlobs carried = carry_glob(pattern, GlobDialect::policy_controller);
    EXPECT_TRUE(carried.globs.empty()) << pattern;
    EXPECT_FALSE(carried.why.empty()) << pattern;
  }
  EXPECT_TRUE(carry_glob("*.example.com/*", GlobDialect::kyverno).globs.empty());
  EXPECT_TRUE(carry_glob("r.example.com/{a,b}", GlobDialect::kyverno_validating).globs.empty());
}

TEST(CarryGlob, at_most_sixteen_patterns) {
  const auto of = [](std::string_view path) {
    return carry_glob(std::string("r.example.com/").append(path), GlobDialect::policy_controller);
  };
  EXPECT_FALSE(of("a**b/c**d/e").globs.empty());
  EXPECT_TRUE(of("a**b/c**d/e**f/g").globs.empty());
}

// What the peer's policy demands, ours demands as well.
TEST(CarryGlob, covers_all_that_the_peers_pattern_covers) {
  int covered = 0;
  for (const std::string& pattern : kPatterns) {
    for (const GlobDialect dialect :
         {GlobDialect::policy_controller, GlobDialect::kyverno, GlobDialect::kyverno_validating}) {
      const CarriedGlobs carried = carry_glob(pattern, dialect);
      if (carried.globs.empty()) continue;
      for (const std::string& name : kNames) {
        for (const std::string& end : kEnds) {
          const bool peer = dialect == GlobDialect::policy_controller
                                ? policy_controller_matches(pattern, name + end)
                                : kyverno_matches(pattern, name + end);
          covered += peer;
          EXPECT_TRUE(!peer || covers(carried.globs, name)) << pattern << " " << name << end;
        }
      }
    }
  }
  EXPECT_GT(covered, 300);
}

// An exact one covers nothing else, whatever the tag or digest: it can exclude, and allow.
TEST(CarryGlob, an_exact_one_covers_no_more) {
  int checked = 0;
  for (const std::string& pattern : kPatterns) {
    for (const GlobDialect dialect : {GlobDialect::policy_controller, GlobDialect::kyverno}) {
      const CarriedGlobs carried = carry_glob(pattern, dialect);
      if (carried.globs.empty() || !carried.exact) continue;
      for (const std::string& name : kNames) {
        for (const std::string& end : kEnds) {
          if (!covers(carried.globs, name)) continue;
          ++checked;
          EXPECT_TRUE(dialect == GlobDialect::policy_controller
                          ? policy_controller_matches(pattern, name + end)
                          : kyverno_matches(pattern, name + end))
              << pattern << " " << name << end;
        }
      }
    }
  }
  EXPECT_GT(checked, 100);
}

TEST(CarryScope, a_prefix_is_a_repository_and_all_below_it) {
  EXPECT_EQ(carry_scope("registry.example.com").globs, Globs{"registry.example.com/**"});
  EXPECT_EQ(carry_scope("registry.example.com/a").globs,
            (Globs{"registry.example.com/a", "registry.example.com/a/**"}));
  EXPECT_EQ(carry_scope("docker.io/library").globs, Globs{"docker.io/library/**"});
  EXPECT_EQ(carry_scope("registry.example.com:5000/a").globs,
            (Globs{"registry.example.com:5000/a", "registry.example.com:5000/a/**"}));
}

TEST(CarryScope, a_tag_or_digest_covers_the_whole_name_and_says_so) {
  for (const std::string& end : kEnds) {
    const CarriedGlobs carried = carry_scope("registry.example.com/a" + end);
    EXPECT_EQ(carried.globs, Globs{"registry.example.com/a"}) << end;
    EXPECT_FALSE(carried.why.empty()) << end;
  }
}

TEST(CarryScope, covers_all_that_the_peers_scope_covers) {
  int covered = 0;
  for (const std::string scope :
       {"registry.example.com", "registry.example.com/team", "registry.example.com/team/web",
        "registry.example.com/web:latest", "registry.example.com:5000", "*.registry.example.com",
        "*.example.com", "localhost", "index.docker.io/library"}) {
    const CarriedGlobs carried = carry_scope(scope);
    ASSERT_FALSE(carried.globs.empty()) << scope << carried.why;
    for (const std::string& name : kNames) {
      const bool port_of_wildcard =
          std::string_view(scope).starts_with('*') && name.find(":5000") != std::string::npos;
      if (port_of_wildcard) {
        EXPECT_FALSE(carried.why.empty());
        continue;
      }
      for (const std::string& end : kEnds) {
        const bool peer = openshift_matches(scope, name, end);
        covered += peer;
        EXPECT_TRUE(!peer || covers(carried.globs, name)) << scope << " " << name << end;
      }
    }
  }
  EXPECT_GT(covered, 50);
}

TEST(CarrySearch, keeps_anchors_and_opens_what_has_none) {
  EXPECT_EQ(carry_search("^a$"), "a");
  EXPECT_EQ(carry_search("a"), ".*a.*");
  EXPECT_EQ(carry_search("^https://example\\.com/"), "https://example\\.com/.*");
  EXPECT_EQ(carry_search("@example\\.com$"), ".*@example\\.com");
  EXPECT_EQ(carry_search(".*@example\\.com$"), ".*@example\\.com");
  EXPECT_EQ(carry_search("^a|b$"), ".*(?:^a|b$).*");
  EXPECT_EQ(carry_search("cost\\$"), ".*cost\\$.*");
  EXPECT_EQ(carry_search("(?i)a"), ".*(?:(?i)a).*");
}

// The whole value matches exactly where the peer would have found the expression in it.
TEST(CarrySearch, means_what_the_search_meant) {
  const std::vector<std::string> regexps = {"a",
                                            "^a",
                                            "a$",
                                            "^a$",
                                            "a|b",
                                            "^a|b$",
                                            "^(a|b)$",
                                            "[ab]$",
                                            "a\\$",
                                            "a\\\\$",
                                            "(?i)^A",
                                            "^https://x\\.y/.*",
                                            ".*@x\\.y$",
                                            "x\\.y",
                                            "^[^@]+@x\\.y$",
                                            "\\Qa$\\E",
                                            "a.*",
                                            "^.*$",
                                            "a+?",
                                            "(^a)",
                                            "a\\.*",
                                            "^team-[a-z]+@example\\.com$"};
  const std::vector<std::string> values = {"",
                                           "a",
                                           "b",
                                           "ab",
                                           "xay",
                                           "A",
                                           "a$",
                                           "a\\",
                                           "a\\b",
                                           "x.y",
                                           "m@x.y",
                                           "m@x.yz",
                                           "m@xzy",
                                           "https://x.y/",
                                           "https://x.y/a",
                                           "evil-https://x.y/a",
                                           "team-a@example.com",
                                           "team-a@example.com.evil.org",
                                           "x-team-a@example.com",
                                           "a...",
                                           "c"};
  int found = 0;
  for (const std::string& regexp : regexps) {
    const auto whole = TextPattern::regexp(carry_search(regexp));
    ASSERT_TRUE(whole) << regexp << ": " << whole.error().what();
    for (const std::string& value : values) {
      const bool peer = RE2::PartialMatch(value, regexp);
      found += peer;
      // Nothing matches a value that is not there (policy.md 8).
      EXPECT_EQ(whole->matches(value), peer && !value.empty()) << regexp << " " << value;
    }
  }
  EXPECT_GT(found, 50);
}

TEST(CarryWildcards, match_no_more_than_the_peers_do) {
  for (const std::string pattern :
       {"*@example.com", "team-?@example.com", "https://x.y/*", "a+b*"}) {
    const auto regexp = TextPattern::regexp(carry_wildcards(pattern));
    ASSERT_TRUE(regexp) << pattern;
    for (const std::string value :
         {"a@example.com", "team-a@example.com", "team-ab@example.com", "a@exampleXcom",
          "https://x.y/z", "https://xzy/z", "a+bc", "aab", "a@example.com.evil.org"}) {
      EXPECT_EQ(regexp->matches(value), kyverno_matches(pattern, value)) << pattern << " " << value;
    }
  }
}

}  // namespace
}  // namespace signet::testing
