#include "server/verify/policy_store.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "core/base/limits.hpp"
#include "tests/support/temporary_directory.hpp"

namespace signet {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPolicy = R"(apiVersion: signet.dev/v1alpha1
kind: ClusterTrustPolicy
metadata: {name: all}
spec:
  match: {images: ["registry.example/**"]}
  authorities:
    - name: nobody
      static: {action: deny, message: closed}
)";

class PolicyFilesTest : public ::testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) { temporary.write(name, text); }

  TemporaryDirectory temporary;
  const fs::path& directory = temporary.path();
};

TEST_F(PolicyFilesTest, ReadsADirectoryInOrderOfNames) {
  write("b.yaml", "b");
  write("a.yml", "a");
  write("deeper/c.yaml", "c");

  const auto files = read_policy_files({directory.string()});

  ASSERT_TRUE(files);
  ASSERT_EQ(files->size(), 3u);
  EXPECT_EQ((*files)[0].text, "a");
  EXPECT_EQ((*files)[1].text, "b");
  EXPECT_EQ((*files)[2].text, "c");
}

TEST_F(PolicyFilesTest, LeavesCasesOtherFilesAndHiddenOnesAlone) {
  write("a.yaml", "a");
  write("a.cases.yaml", "no policy");
  write("README.md", "no policy");
  write(".hidden.yaml", "no policy");
  write("..data/a.yaml", "no policy");

  const auto files = read_policy_files({directory.string()});

  ASSERT_TRUE(files);
  EXPECT_EQ(files->size(), 1u);
}

TEST_F(PolicyFilesTest, FollowsTheLinksOfAMountedConfigMap) {
  write("..2026_11/a.yaml", "a");
  fs::create_directory_symlink("..2026_11", directory / "..data");
  fs::create_symlink("..data/a.yaml", directory / "a.yaml");

  const auto files = read_policy_files({directory.string()});

  ASSERT_TRUE(files);
  ASSERT_EQ(files->size(), 1u);
  EXPECT_EQ((*files)[0].text, "a");
}

TEST_F(PolicyFilesTest, AnEmptyDirectoryIsAnErrorThatNamesIt) {
  const auto files = read_policy_files({directory.string()});

  ASSERT_FALSE(files);
  EXPECT_EQ(files.error().reason(), Reason::policy_invalid);
  EXPECT_NE(files.error().what().find(directory.string()), std::string::npos);
  EXPECT_NE(files.error().what().find("holds no policies"), std::string::npos);
}

TEST_F(PolicyFilesTest, AMissingPathIsAnErrorThatNamesIt) {
  const auto files = read_policy_files({(directory / "none.yaml").string()});

  ASSERT_FALSE(files);
  EXPECT_NE(files.error().what().find("none.yaml"), std::string::npos);
}

TEST_F(PolicyFilesTest, AFileOfOneMebibyteIsReadAndALargerOneRefused) {
  write("a.yaml", std::string(kPolicyFileBytes, '#'));
  EXPECT_TRUE(read_policy_files({directory.string()}));

  write("a.yaml", std::string(kPolicyFileBytes + 1, '#'));
  const auto files = read_policy_files({directory.string()});

  ASSERT_FALSE(files);
  EXPECT_NE(files.error().what().find("a.yaml"), std::string::npos);
}

TEST_F(PolicyFilesTest, LoadsPoliciesIntoOneSet) {
  write("a.yaml", kPolicy);

  const auto files = load_policy_files({directory.string()}, NoMatch::deny);

  ASSERT_TRUE(files);
  EXPECT_TRUE(files->issues.empty());
  ASSERT_EQ(files->set->policies.size(), 1u);
  EXPECT_EQ(files->set->policies[0]->name, "all");
}

TEST_F(PolicyFilesTest, AnInvalidPolicyStaysInTheSetWithItsIssue) {
  write("a.yaml", std::string(kPolicy) + "  surprise: 1\n");

  const auto files = load_policy_files({directory.string()}, NoMatch::deny);

  ASSERT_TRUE(files);
  ASSERT_EQ(files->issues.size(), 1u);
  EXPECT_EQ(files->issues[0].line, 9);
  ASSERT_EQ(files->set->policies.size(), 1u);
  EXPECT_FALSE(files->set->policies[0]->issues.empty());
}

TEST_F(PolicyFilesTest, APolicyGivenTwiceIsAnIssueOfTheSet) {
  write("a.yaml", kPolicy);
  write("b.yaml", kPolicy);

  const auto files = load_policy_files({directory.string()}, NoMatch::deny);

  ASSERT_TRUE(files);
  EXPECT_FALSE(files->issues.empty());
}

}  // namespace
}  // namespace signet
