#include "core/base/wrap.hpp"

#include <gtest/gtest.h>

namespace signet {
namespace {

using Lines = std::vector<std::string>;

TEST(WrapTest, BreaksBetweenWords) {
  EXPECT_EQ(wrapped("one two three", 7), (Lines{"one two", "three"}));
  EXPECT_EQ(wrapped("one two three", 8), (Lines{"one two", "three"}));
  EXPECT_EQ(wrapped("one two three", 6), (Lines{"one", "two", "three"}));
}

TEST(WrapTest, CutsWordsThatAreLongerThanALine) {
  EXPECT_EQ(wrapped("sha256:0123456789 x", 8), (Lines{"sha256:0", "12345678", "9 x"}));
  EXPECT_EQ(wrapped("abcd", 4), (Lines{"abcd"}));
  EXPECT_EQ(wrapped("abcde", 4), (Lines{"abcd", "e"}));
  EXPECT_EQ(wrapped("abc", 1), (Lines{"a", "b", "c"}));
}

TEST(WrapTest, KeepsLinesAsTheyAreWithoutAWidth) {
  EXPECT_EQ(wrapped("one two\nthree", 0), (Lines{"one two", "three"}));
  EXPECT_EQ(wrapped("one two\n\nthree", 5), (Lines{"one", "two", "", "three"}));
  EXPECT_EQ(wrapped("", 5), (Lines{""}));
  EXPECT_EQ(wrapped("", 0), (Lines{""}));
}

}  // namespace
}  // namespace signet
