#include "server/registry/credential_keys.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace signet {
namespace {

struct KeyRow {
  const char* text;
  std::optional<std::string> key;
};

TEST(CredentialKeysTest, ReadsKeysAsTheKubeletDoes) {
  const std::vector<KeyRow> rows = {
      {"reg.io", "reg.io"},
      {"https://index.docker.io/v1/", "index.docker.io"},
      {"https://index.docker.io/v1", "index.docker.io/v1"},
      {"https://reg.io/v2/foo", "reg.io/foo"},
      {"http://reg.io:5000", "reg.io:5000"},
      {"reg.io/", "reg.io"},
      {"reg.io/team/", "reg.io/team/"},
      {"Reg.io", "Reg.io"},
      {"*.reg.io/a?b", "*.reg.io/a"},
      {"", std::nullopt},
      {"https://", std::nullopt},
      {"/path", std::nullopt},
      {"user@reg.io", std::nullopt},
      {"reg io", std::nullopt},
  };
  for (const KeyRow& row : rows) {
    SCOPED_TRACE(row.text);
    EXPECT_EQ(credential_key(row.text), row.key);
  }
}

struct MatchRow {
  const char* key;
  const char* image;
  bool prefix;
  bool component;
};

// registry.md J.6.
TEST(CredentialKeysTest, MatchesHostsByLabelAndPathsByPrefix) {
  const std::vector<MatchRow> rows = {
      {"reg.io", "reg.io/x", true, true},
      {"reg.io/team", "reg.io/team/app", true, true},
      {"reg.io/team", "reg.io/team", true, true},
      {"reg.io/team", "reg.io/team-evil/app", true, false},
      {"reg.io/team/", "reg.io/team/app", true, true},
      {"reg.io/team/", "reg.io/team-evil/app", false, false},
      {"*.reg.io", "a.reg.io/x", true, true},
      {"*.reg.io", "a.b.reg.io/x", false, false},
      {"*.reg.io", "reg.io/x", false, false},
      {"app*.reg.io", "app1.reg.io/x", true, true},
      {"app?.reg.io", "app1.reg.io/x", true, true},
      {"app[0-9].reg.io", "app1.reg.io/x", true, true},
      {"app[^0-9].reg.io", "app1.reg.io/x", false, false},
      {"reg.io:5000", "reg.io/x", false, false},
      {"reg.io:443", "reg.io/x", false, false},
      {"reg.io", "reg.io:443/x", false, false},
      {"reg.io:5000", "reg.io:5000/x", true, true},
      {"*.io:5000", "reg.io:5000/x", true, true},
      {"Reg.io", "reg.io/x", false, false},
      {"[::1]:5000", "[::1]:5000/x", true, true},
      {"[::1]", "[::1]/x", false, false},
      {"reg.io", "reg.io.evil.example/x", false, false},
  };
  for (const MatchRow& row : rows) {
    SCOPED_TRACE(std::string(row.key) + " " + row.image);
    EXPECT_EQ(key_matches(row.key, row.image, PathMatch::prefix), row.prefix);
    EXPECT_EQ(key_matches(row.key, row.image, PathMatch::component), row.component);
  }
}

struct LabelRow {
  const char* pattern;
  const char* label;
  bool matches;
};

TEST(CredentialKeysTest, ReadsShellPatternsAsGoDoes) {
  const std::vector<LabelRow> rows = {
      {"", "", true},        {"*", "", true},          {"*", "abc", true},    {"a*c", "abc", true},
      {"a*c", "abd", false}, {"a*b*c", "axbxc", true}, {"*a*", "bab", true},  {"?", "", false},
      {"?", "a", true},      {"[a-c]", "b", true},     {"[a-c]", "d", false}, {"[abc]", "c", true},
      {"[^a]", "b", true},   {"[]a]", "]", false},     {"[\\]]", "]", true},  {"[a", "a", false},
      {"[a-]", "a", false},  {"[-a]", "a", false},     {"\\*", "*", true},    {"\\*", "a", false},
      {"\\", "\\", false},   {"a", "ab", false},       {"ab", "a", false},    {"a**b", "ab", true},
  };
  for (const LabelRow& row : rows) {
    SCOPED_TRACE(std::string(row.pattern) + " " + row.label);
    EXPECT_EQ(label_matches(row.pattern, row.label), row.matches);
  }
}

TEST(CredentialKeysTest, KnowsNarrowKeys) {
  for (const char* key : {"reg.io", "localhost:5000", "*.corp.example", "a*.corp.example/x",
                          "[::1]:5000", "reg.io/*"}) {
    EXPECT_TRUE(is_narrow(key)) << key;
  }
  for (const char* key :
       {"*", "*.io", "*.*", "reg.*", "*.*.io", "corp.*.example", "?eg.io", "*:5000"}) {
    EXPECT_FALSE(is_narrow(key)) << key;
  }
}

}  // namespace
}  // namespace signet
