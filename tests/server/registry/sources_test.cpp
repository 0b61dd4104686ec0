#include "server/registry/sources.hpp"

#include <gtest/gtest.h>

#include "tests/support/memory_source.hpp"
#include "tests/support/run.hpp"
#include "tests/support/temporary_directory.hpp"

namespace signet {
namespace {

class SourcesTest : public ::testing::Test {
 protected:
  SourcesTest() { fill(directory); }

  static void fill(const TemporaryDirectory& at) {
    at.write("oci-layout", R"({"imageLayoutVersion":"1.0.0"})");
    at.write("index.json", R"({"schemaVersion":2,"manifests":[]})");
  }
  // Whether an image is asked of the network.
  bool asks_network(const std::string& prefix, const std::string& image) {
    network.questions.clear();
    auto sources = Sources::make(network, {LayoutMount{prefix, directory.str()}});
    EXPECT_TRUE(sources) << prefix;
    if (!sources) return true;
    const Repository repository = *Repository::parse(image);
    const auto resolved =
        testing::run((*sources)->resolve(repository, "1", Access::own, Deadline()));
    EXPECT_FALSE(resolved);
    return !network.questions.empty();
  }

  TemporaryDirectory directory;
  MemorySource network;
};

struct SourceRow {
  const char* prefix;
  const char* image;
  bool network;
};

TEST_F(SourcesTest, TakesTheLayoutAtWholeComponents) {
  const std::vector<SourceRow> rows = {
      {"reg.io", "reg.io/x", false},
      {"reg.io", "reg.io:443/x", false},
      {"reg.io", "reg.io.evil.example/x", true},
      {"reg.io", "reg.io:5000/x", true},
      {"reg.io/team", "reg.io/team/app", false},
      {"reg.io/team/", "reg.io/team/app", false},
      {"reg.io/team", "reg.io/team", false},
      {"reg.io/team", "reg.io/team-evil/app", true},
      {"docker.io/library", "nginx", false},
      {"docker.io", "index.docker.io/a/b", false},
      {"localhost", "localhost/x", false},
      {"", "reg.io/x", false},
  };
  for (const SourceRow& row : rows) {
    SCOPED_TRACE(std::string(row.prefix) + " " + row.image);
    EXPECT_EQ(asks_network(row.prefix, row.image), row.network);
  }
}

TEST_F(SourcesTest, NeverFallsThroughToTheNetwork) {
  auto sources = Sources::make(network, {LayoutMount{"reg.io", directory.str()}});
  ASSERT_TRUE(sources);
  const Repository repository = *Repository::parse("reg.io/x");
  const Descriptor descriptor{"x", Digest::of("x"), 1, {}, "", std::nullopt};

  testing::run((*sources)->resolve(repository, "1", Access::own, Deadline())).has_value();
  testing::run((*sources)->manifest(repository, "1", Access::own, Deadline())).has_value();
  testing::run((*sources)->blob(repository, descriptor, 9, Access::own, Deadline())).has_value();
  testing::run((*sources)->referrers(repository, descriptor.digest, Access::own, Deadline()))
      .has_value();

  EXPECT_TRUE(network.questions.empty());
}

TEST_F(SourcesTest, PassesAllQuestionsOnForOtherRepositories) {
  auto sources = Sources::make(network, {LayoutMount{"other.io", directory.str()}});
  ASSERT_TRUE(sources);
  const Repository repository = *Repository::parse("reg.io/x");
  const Descriptor blob = network.put_blob("content", "x");
  const Digest image = network.put("reg.io/x", "{}", "1");

  EXPECT_EQ(*testing::run((*sources)->resolve(repository, "1", Access::own, Deadline())), image);
  EXPECT_TRUE(testing::run((*sources)->manifest(repository, "1", Access::own, Deadline())));
  EXPECT_TRUE(testing::run((*sources)->blob(repository, blob, 9, Access::own, Deadline())));
  EXPECT_TRUE(testing::run((*sources)->referrers(repository, image, Access::own, Deadline())));
  EXPECT_EQ(network.questions.size(), 4U);
}

TEST_F(SourcesTest, PrefersTheLongestPrefix) {
  TemporaryDirectory inner;
  fill(inner);
  inner.write("index.json", "broken later");
  EXPECT_FALSE(Sources::make(network, {LayoutMount{"reg.io/team", inner.str()}}));
  fill(inner);
  auto sources = Sources::make(
      network, {LayoutMount{"reg.io", directory.str()}, LayoutMount{"reg.io/team", inner.str()}});
  ASSERT_TRUE(sources);
  inner.write("index.json", "broken");

  const auto inside = testing::run(
      (*sources)->resolve(*Repository::parse("reg.io/team/x"), "1", Access::own, Deadline()));
  const auto outside = testing::run(
      (*sources)->resolve(*Repository::parse("reg.io/x"), "1", Access::own, Deadline()));

  EXPECT_EQ(inside.error().reason(), Reason::registry_protocol);
  EXPECT_EQ(outside.error().reason(), Reason::image_not_found);
}

TEST_F(SourcesTest, NamesAPrefixOrDirectoryThatIsWrong) {
  for (const char* prefix : {"Reg.io", "team", "bitnami/nginx", "reg.io/Team", "reg.io//x",
                             "reg.io/x:1", "https://reg.io"}) {
    SCOPED_TRACE(prefix);
    const auto sources = Sources::make(network, {LayoutMount{prefix, directory.str()}});
    ASSERT_FALSE(sources);
    EXPECT_EQ(sources.error().reason(), Reason::config_not_ready);
  }
  EXPECT_FALSE(Sources::make(network, {LayoutMount{"reg.io", directory.str() + "/none"}}));
  EXPECT_FALSE(Sources::make(network, {LayoutMount{"reg.io", directory.str()},
                                       LayoutMount{"reg.io:443", directory.str()}}));
}

}  // namespace
}  // namespace signet
