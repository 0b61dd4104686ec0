#include "core/admission/warnings.hpp"

#include <gtest/gtest.h>

#include "core/base/limits.hpp"

namespace signet {
namespace {

using Texts = std::vector<std::string>;

TEST(WarningsTest, KeepsEachOnce) {
  EXPECT_EQ(bounded_warnings(Texts{"a", "b", "a"}), (Texts{"a", "b"}));
}

TEST(WarningsTest, HoldsNoControlCharacters) {
  const auto warnings = bounded_warnings(Texts{"line\nbreak\ttab\x1b[31m\xff"});
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_EQ(warnings[0], "line break\\x09tab\\x1b[31m\\xff");
}

TEST(WarningsTest, CutsALongOneAtItsEnd) {
  EXPECT_EQ(bounded_warnings(Texts{std::string(kWarningBytes, 'w')})[0].size(), kWarningBytes);
  const auto cut = bounded_warnings(Texts{std::string(kWarningBytes + 1, 'w')})[0];
  EXPECT_EQ(cut.size(), kWarningBytes);
  EXPECT_TRUE(cut.ends_with("w..."));
}

TEST(WarningsTest, SaysHowManyWereLeftOut) {
  Texts many;
  for (int i = 0; i < 20; ++i)
    many.push_back("warning " + std::to_string(i));
  const auto warnings = bounded_warnings(many);
  ASSERT_EQ(warnings.size(), kWarnings);
  EXPECT_EQ(warnings.back(), "... and 16 more");
  many.resize(kWarnings);
  EXPECT_EQ(bounded_warnings(many), many);
}

TEST(WarningsTest, StaysWithinTheWholeLength) {
  Texts many;
  for (char c = 'a'; c < 'a' + 5; ++c)
    many.push_back(std::string(kWarningBytes, c));
  const auto warnings = bounded_warnings(many);
  std::size_t bytes = 0;
  for (const std::string& warning : warnings)
    bytes += warning.size();
  EXPECT_LE(bytes, kWarningsBytes);
  EXPECT_EQ(warnings.back(), "... and 1 more");
}

}  // namespace
}  // namespace signet
