#include <gtest/gtest.h>

#include <algorithm>

#include "tests/server/web/hook.hpp"

namespace signet {
namespace {

using namespace signet::testing;

// Those that keep an image out: what trusts it is told by nobody.
std::vector<Reason> refusals() {
  std::vector<Reason> reasons;
  for (int i = 0; i <= static_cast<int>(Reason::malformed_object); ++i) {
    const Standing standing = standing_of(static_cast<Reason>(i));
    if (standing == Standing::refused || standing == Standing::unchecked) {
      reasons.push_back(static_cast<Reason>(i));
    }
  }
  return reasons;
}

TEST(ReasonWordsTest, TextJsonMetricAndLogSpellEveryReasonAlike) {
  for (const Reason reason : refusals()) {
    const std::string word(name_of(reason));
    SCOPED_TRACE(word);
    Hook hook(refusing_judge(reason));

    const json response = response_of(hook.validate(kPod));

    ASSERT_EQ(response["allowed"], false);
    EXPECT_NE(response["status"]["message"].get<std::string>().find(word), std::string::npos);
    EXPECT_NE(response["auditAnnotations"].dump().find(word), std::string::npos);
    const std::string_view result = standing_of(reason) == Standing::refused ? "fail" : "error";
    EXPECT_EQ(hook.metrics.image_verifications.value({"none", "none", result, word}), 1);
    const auto lines = hook.logged("admission_decision");
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines[0]["code"], word);
    EXPECT_EQ(lines[0]["images"][0]["code"], word);
  }
}

TEST(ReasonWordsTest, WordsAreSnakeCase) {
  for (const Reason reason : refusals()) {
    const std::string_view word = name_of(reason);
    EXPECT_TRUE(std::all_of(word.begin(), word.end(), [](char c) {
      return c == '_' || (c >= 'a' && c <= 'z');
    })) << word;
  }
}

}  // namespace
}  // namespace signet
