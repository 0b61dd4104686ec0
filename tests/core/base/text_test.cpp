#include "core/base/text.hpp"

#include <gtest/gtest.h>

namespace signet {
namespace {

TEST(TextTest, JoinsAndSplits) {
  EXPECT_EQ(cat("a", std::string("b"), std::string_view("c")), "abc");
  EXPECT_EQ(join({}, ", "), "");
  EXPECT_EQ(join({"a"}, ", "), "a");
  EXPECT_EQ(join({"a", "", "c"}, ", "), "a, , c");
  EXPECT_EQ(split("", '/'), (std::vector<std::string_view>{""}));
  EXPECT_EQ(split("a//b/", '/'), (std::vector<std::string_view>{"a", "", "b", ""}));
}

TEST(TextTest, TrimsAsciiWhiteSpaceOnly) {
  EXPECT_EQ(trim(" \t\r\n\v\fa b\n"), "a b");
  EXPECT_EQ(trim(" \n"), "");
  EXPECT_EQ(trim(""), "");
  EXPECT_EQ(trim("\xc2\xa0x"), "\xc2\xa0x");
}

TEST(TextTest, KnowsAsciiAlone) {
  EXPECT_TRUE(is_alnum('a') && is_alnum('Z') && is_alnum('0'));
  for (const char c : {'_', '-', '@', '[', '`', '{', '/', ':', '\xe9', '\0'}) {
    EXPECT_FALSE(is_alnum(c)) << int{c};
  }
  EXPECT_EQ(to_lower("AbZ\xc3\x89-9"), "abz\xc3\x89-9");
  EXPECT_TRUE(equals_ignoring_case("Content-Type", "content-type"));
  EXPECT_FALSE(equals_ignoring_case("a", "ab"));
}

TEST(TextTest, NumbersAreDecimalDigitsAndNothingElse) {
  struct Row {
    std::string_view text;
    std::optional<std::uint64_t> value;
  };
  for (const Row& row : {
           Row{"0", 0},
           Row{"42", 42},
           Row{"18446744073709551615", 18446744073709551615U},
           Row{"18446744073709551616", std::nullopt},
           Row{"", std::nullopt},
           Row{"00", std::nullopt},
           Row{"007", std::nullopt},
           Row{"+1", std::nullopt},
           Row{"-1", std::nullopt},
           Row{" 1", std::nullopt},
           Row{"1 ", std::nullopt},
           Row{"0x1", std::nullopt},
           Row{"1.0", std::nullopt},
           Row{"1e3", std::nullopt},
       }) {
    SCOPED_TRACE(row.text);
    EXPECT_EQ(parse_number(row.text), row.value);
  }
}

TEST(TextTest, PrintableShowsNothingThatActs) {
  EXPECT_EQ(printable("plain text"), "plain text");
  EXPECT_EQ(printable(std::string_view("a\0b", 3)), "a\\x00b");
  EXPECT_EQ(printable("a\nb\x1b[2J\x7f\xc3\xa9"), "a\\x0ab\\x1b[2J\\x7f\\xc3\\xa9");
  EXPECT_EQ(quoted("say \"hi\" \\"), "\"say \\\"hi\\\" \\\\\"");
}

TEST(TextTest, ShortensInTheMiddle) {
  EXPECT_EQ(shortened("abcdefghij", 10), "abcdefghij");
  EXPECT_EQ(shortened("abcdefghijk", 10), "abcd...ijk");
  EXPECT_EQ(shortened("abcdef", 3), "abc");
  EXPECT_EQ(shortened("abcdef", 0), "");
  for (std::size_t longest = 0; longest < 40; ++longest) {
    EXPECT_LE(shortened(std::string(64, 'x'), longest).size(), longest);
    EXPECT_LE(printable(std::string(64, '\n'), longest).size(), longest);
  }
}

}  // namespace
}  // namespace signet
