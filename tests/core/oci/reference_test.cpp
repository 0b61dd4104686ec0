#include "core/oci/reference.hpp"

#include <gtest/gtest.h>
#include <re2/re2.h>

#include <random>
#include <string>
#include <vector>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"

namespace signet {
namespace {

const std::string kHex(64, 'a');
const std::string kSha256 = "sha256:" + kHex;

struct Good {
  std::string text;
  std::string normal;
};

// registry.md J.1, the rows that are references.
std::vector<Good> good_rows() {
  return {
      {"nginx", "docker.io/library/nginx:latest"},
      {"nginx:1.25", "docker.io/library/nginx:1.25"},
      {"bitnami/nginx", "docker.io/bitnami/nginx:latest"},
      {"docker.io/nginx", "docker.io/library/nginx:latest"},
      {"index.docker.io/nginx", "docker.io/library/nginx:latest"},
      {"index.docker.io/a/b:1", "docker.io/a/b:1"},
      {"registry-1.docker.io/library/nginx", "registry-1.docker.io/library/nginx:latest"},
      {"localhost/x", "localhost/x:latest"},
      {"localhost", "docker.io/library/localhost:latest"},
      {"localhost:5000/x", "localhost:5000/x:latest"},
      {"foo:5000", "docker.io/library/foo:5000"},
      {"foo:5000/bar", "foo:5000/bar:latest"},
      {"x.com/a__b", "x.com/a__b:latest"},
      {"x.com/a---b", "x.com/a---b:latest"},
      {"x.com/a.b_c", "x.com/a.b_c:latest"},
      {"[::1]:5000/x", "[::1]:5000/x:latest"},
      {"[2001:db8::1]/x", "[2001:db8::1]/x:latest"},
      {"2130706433/x", "docker.io/2130706433/x:latest"},
      {"xn--bcher-kva.example/a", "xn--bcher-kva.example/a:latest"},
      {"x.com/a:_a", "x.com/a:_a"},
      {"x.com/a:" + std::string(128, 'T'), "x.com/a:" + std::string(128, 'T')},
      {"x.com/sha256:abc", "x.com/sha256:abc"},
      {"nginx:0123456789abcdef0123456789abcdef01234567",
       "docker.io/library/nginx:0123456789abcdef0123456789abcdef01234567"},
      {"nginx:1@" + kSha256, "docker.io/library/nginx:1@" + kSha256},
      {"x.com:443/a@" + kSha256, "x.com:443/a@" + kSha256},
      {"x.com/" + std::string(249, 'p'), "x.com/" + std::string(249, 'p') + ":latest"},
  };
}

TEST(ReferenceTest, ReadsEveryFormWithDockersDefaults) {
  for (const Good& row : good_rows()) {
    SCOPED_TRACE(row.text);
    const auto reference = Reference::parse(row.text);
    ASSERT_TRUE(reference) << reference.error().what();
    EXPECT_EQ(reference->str(), row.normal);
    EXPECT_EQ(reference->original(), row.text);
  }
}

TEST(ReferenceTest, ReadsItsNormalFormAsItself) {
  for (const Good& row : good_rows()) {
    SCOPED_TRACE(row.text);
    const auto again = Reference::parse(row.normal);
    ASSERT_TRUE(again) << again.error().what();
    EXPECT_EQ(again->str(), row.normal);
  }
}

struct BadReference {
  std::string text;
  std::string says;
};

// registry.md J.1, the rows that are not; `says` is the part a person acts on.
std::vector<BadReference> bad_rows() {
  using namespace std::string_literals;
  return {
      {"", "empty"},
      {"Foo/bar", "lower case"},
      {"Docker.io/nginx", "lower case"},
      {"INDEX.docker.io/nginx", "lower case"},
      {"REG.io/a", "lower case"},
      {"foo.com/Bar", "lower case"},
      {"Nginx", "lower case"},
      {"a//b", "not a repository path"},
      {"a/../b", "not a repository path"},
      {"x.com/../b", "not a repository path"},
      {"/a", "not a repository path"},
      {"a/", "not a repository path"},
      {"x.com/", "not a repository path"},
      {"x.com/.a", "not a repository path"},
      {"x.com/a___b", "not a repository path"},
      {"x.com/a..b", "not a repository path"},
      {"x.com/a-", "not a repository path"},
      {"x.com/a._b", "not a repository path"},
      {"::1/x", "not a host name"},
      {"[fe80::1%25eth0]:5000/x", "not an IPv6 address"},
      {"[::ffff:1.2.3.4]/x", "not an IPv6 address"},
      {"127.1/x", "is a number"},
      {"0x7f.1/x", "is a number"},
      {"0177.0.0.1/x", "is a number"},
      {"1.2.3/x", "is a number"},
      {"2130706433:80/x", "is a number"},
      {"x.com:0/a", "from 1 to 65535"},
      {"x.com:99999/a", "from 1 to 65535"},
      {"x.com:0080/a", "from 1 to 65535"},
      {"x.com:/a", "from 1 to 65535"},
      {"x.com./a", "not a host name"},
      {"x_y.com/a", "not a host name"},
      {"b\xc3\xbc"
       "cher.example/a",
       "non-ASCII"},
      {"user@x.com/a", "not a host name"},
      {"https://x.com/a", "without the scheme"},
      {"x.com/a?b", "not a repository path"},
      {"x.com/a#b", "not a repository path"},
      {"x.com/a%2fb", "not a repository path"},
      {"x.com\\a", "not a repository path"},
      {"x.com/a:" + std::string(129, 't'), "not a tag"},
      {"x.com/a:-a", "not a tag"},
      {"x.com/a:.a", "not a tag"},
      {"x.com/a:", "not a tag"},
      {"x.com/a:b:c", "not a tag"},
      {"nginx:a\n", "blank, control"},
      {"nginx:a\r\nX: y", "blank, control"},
      {"nginx:a\0"s, "blank, control"},
      {" nginx", "blank, control"},
      {kHex, "image id"},
      {kSha256, "image id"},
      {"sha512:" + std::string(128, 'a'), "image id"},
      {"nginx@sha256:" + std::string(63, 'a'), "64 lower-case hex"},
      {"nginx@sha256:" + std::string(65, 'a'), "64 lower-case hex"},
      {"nginx@sha256:" + std::string(64, 'A'), "64 lower-case hex"},
      {"nginx@sha512:" + std::string(128, 'a'), "sha512 digests are not supported"},
      {"nginx@md5:" + std::string(32, 'a'), "64 lower-case hex"},
      {"nginx@sha384:" + std::string(96, 'a'), "64 lower-case hex"},
      {"nginx@blake3:" + kHex, "64 lower-case hex"},
      {"nginx@SHA256:" + kHex, "64 lower-case hex"},
      {"nginx@" + kSha256 + "@" + kSha256, "64 lower-case hex"},
      {"nginx@", "64 lower-case hex"},
      {"x.com/" + std::string(250, 'p'), "longer than 255"},
      {"x.com/" + std::string(kReferenceBytes, 'p'), "longer than 1024"},
  };
}

TEST(ReferenceTest, RefusesEverythingElseAndSaysWhy) {
  for (const BadReference& row : bad_rows()) {
    SCOPED_TRACE(printable(row.text));
    const auto reference = Reference::parse(row.text);
    ASSERT_FALSE(reference) << reference->str();
    EXPECT_EQ(reference.error().reason(), Reason::invalid_reference);
    EXPECT_NE(reference.error().what().find(row.says), std::string::npos)
        << reference.error().what();
  }
}

TEST(ReferenceTest, KeepsItsMessagesShortAndPrintable) {
  for (const std::string& text : {std::string(100000, 'A'), std::string(1000, '\x1b')}) {
    const auto reference = Reference::parse(text);
    ASSERT_FALSE(reference);
    EXPECT_LT(reference.error().what().size(), 700U);
    EXPECT_EQ(reference.error().what().find('\x1b'), std::string::npos);
  }
}

TEST(ReferenceTest, BoundsTheTextBeforeParsingIt) {
  const std::string longest = "x.com/" + std::string(kReferenceBytes - 6, 'p');

  EXPECT_NE(Reference::parse(longest).error().what().find("longer than 255"), std::string::npos);
  EXPECT_NE(Reference::parse(longest + "p").error().what().find("longer than 1024"),
            std::string::npos);
}

TEST(ReferenceTest, TellsAGivenTagFromTheDefault) {
  const auto given = Reference::parse("nginx:latest");
  const auto defaulted = Reference::parse("nginx");
  const auto by_digest = Reference::parse("nginx@" + kSha256);

  ASSERT_TRUE(given && defaulted && by_digest);
  EXPECT_TRUE(given->tag_was_given());
  EXPECT_FALSE(defaulted->tag_was_given());
  EXPECT_EQ(defaulted->tag(), "latest");
  EXPECT_FALSE(by_digest->tag());
  EXPECT_EQ(by_digest->digest()->str(), kSha256);
}

TEST(ReferenceTest, PinsInTheUsersSpelling) {
  const Digest digest = *Digest::parse("sha256:" + std::string(64, 'b'));

  EXPECT_EQ(Reference::parse("nginx")->pinned(digest), "nginx@" + digest.str());
  EXPECT_EQ(Reference::parse("nginx:1.27")->pinned(digest), "nginx:1.27@" + digest.str());
  EXPECT_EQ(Reference::parse("index.docker.io/a:1")->pinned(digest),
            "index.docker.io/a:1@" + digest.str());
  EXPECT_EQ(Reference::parse("nginx:1@" + kSha256)->pinned(digest), "nginx:1@" + digest.str());
}

TEST(RepositoryTest, NamesEqualRepositoriesEqually) {
  const std::vector<std::pair<const char*, const char*>> rows = {
      {"nginx", "docker.io/library/nginx"},
      {"registry-1.docker.io/library/nginx", "docker.io/library/nginx"},
      {"registry.hub.docker.com/library/nginx", "docker.io/library/nginx"},
      {"registry-1.docker.io/nginx", "docker.io/library/nginx"},
      {"reg.io:443/a/b", "reg.io/a/b"},
      {"reg.io/a/b", "reg.io/a/b"},
      {"reg.io:5000/a/b", "reg.io:5000/a/b"},
      {"[2001:db8:0::1]:443/a", "[2001:db8::1]/a"},
  };
  for (const auto& [text, canonical] : rows) {
    SCOPED_TRACE(text);
    const auto repository = Repository::parse(text);
    ASSERT_TRUE(repository) << repository.error().what();
    EXPECT_EQ(repository->canonical(), canonical);
  }
}

TEST(RepositoryTest, KeepsTheSpellingThatSecretsAreMatchedOn) {
  EXPECT_EQ(Repository::parse("reg.io:443/a")->str(), "reg.io:443/a");
  EXPECT_EQ(Repository::parse("registry-1.docker.io/a/b")->str(), "registry-1.docker.io/a/b");
}

TEST(RepositoryTest, RefusesATagOrDigest) {
  for (const std::string& text : {std::string("x.com/a:1"), "x.com/a@" + kSha256}) {
    SCOPED_TRACE(text);
    const auto repository = Repository::parse(text);
    ASSERT_FALSE(repository);
    EXPECT_EQ(repository.error().reason(), Reason::invalid_reference);
  }
}

// The grammar of distribution/reference as one expression, over fully written names.
TEST(ReferenceTest, AgreesWithTheGrammarOnRandomText) {
  const RE2 grammar(
      R"(x\.io(:[0-9]+)?/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*)"
      R"((:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[0-9a-f]{64})?)");
  ASSERT_TRUE(grammar.ok());
  constexpr std::string_view kAlphabet = "aaaab0._-/:@A%";
  std::mt19937 random(7);
  std::uniform_int_distribution<std::size_t> letter(0, kAlphabet.size() - 1);
  std::uniform_int_distribution<std::size_t> length(1, 9);
  std::size_t accepted = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string text = "x.io/";
    for (std::size_t left = length(random); left > 0; --left)
      text += kAlphabet[letter(random)];
    const bool expected = RE2::FullMatch(text, grammar);
    EXPECT_EQ(Reference::parse(text).has_value(), expected) << text;
    accepted += expected ? 1 : 0;
  }
  EXPECT_GT(accepted, 1000U);
}

}  // namespace
}  // namespace signet
