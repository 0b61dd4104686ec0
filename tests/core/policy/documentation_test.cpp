// What policies/ says to users is true: its example loads, and every reason has its line.

#include <gtest/gtest.h>

#include "core/base/reason.hpp"
#include "tests/core/policy/load_support.hpp"

namespace signet::testing {
namespace {

std::filesystem::path documentation() {
  return std::filesystem::path(SIGNET_TESTS).parent_path() / "policies";
}

TEST(PolicyDocumentationTest, ItsExampleIsGood) {
  const Loaded loaded = load_file(documentation() / "own-pki.yaml");

  EXPECT_EQ(issues_of(loaded), "");
  ASSERT_EQ(loaded.trust_roots.size(), 1U);
  ASSERT_EQ(loaded.policies.size(), 1U);
  EXPECT_EQ(loaded.policies[0]->mode, Mode::enforce);
  const auto* const rule = std::get_if<CertificateRule>(&loaded.policies[0]->authorities[0].rule);
  ASSERT_TRUE(rule);
  EXPECT_EQ(rule->trust_root, loaded.trust_roots[0]->name);
  EXPECT_TRUE(rule->identities[0].subject.matches("team-a@example.org"));
}

TEST(PolicyDocumentationTest, NamesEveryReasonOnce) {
  const std::string text = contents_of(documentation() / "README.md");
  for (int i = 0; i <= static_cast<int>(Reason::malformed_object); ++i) {
    const std::string row = "| `" + std::string(name_of(static_cast<Reason>(i))) + "` |";
    SCOPED_TRACE(row);
    const std::size_t first = text.find(row);
    ASSERT_NE(first, std::string::npos);
    EXPECT_EQ(text.find(row, first + 1), std::string::npos);
  }
}

}  // namespace
}  // namespace signet::testing
