#include "server/kube/line_splitter.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace signet {
namespace {

struct Collected {
  explicit Collected(std::size_t longest = 100)
      : splitter(longest, [this](std::string_view line) {
          lines.emplace_back(line);
          return Result<void>();
        }) {}

  std::vector<std::string> lines;
  LineSplitter splitter;
};

TEST(LineSplitter, GivesTheSameLinesWhereverTheOctetsAreCut) {
  const std::string octets = "{\"a\":1}\n\n  \r\n{\"b\":2}\r\nlast\n";
  const std::vector<std::string> wanted = {"{\"a\":1}", "{\"b\":2}", "last"};
  for (std::size_t cut = 0; cut <= octets.size(); ++cut) {
    SCOPED_TRACE(cut);
    Collected seen;
    ASSERT_TRUE(seen.splitter.feed(octets.substr(0, cut)));
    ASSERT_TRUE(seen.splitter.feed(octets.substr(cut)));
    EXPECT_EQ(seen.lines, wanted);
    EXPECT_FALSE(seen.splitter.torn());
  }
  Collected one_by_one;
  for (const char octet : octets)
    ASSERT_TRUE(one_by_one.splitter.feed(std::string_view(&octet, 1)));
  EXPECT_EQ(one_by_one.lines, wanted);
}

TEST(LineSplitter, BoundsOneLineAndNotTheWhole) {
  Collected seen(10);
  for (int i = 0; i < 100; ++i)
    ASSERT_TRUE(seen.splitter.feed("0123456789\n"));
  EXPECT_EQ(seen.lines.size(), 100U);

  const auto too_long = seen.splitter.feed("0123456789a");

  ASSERT_FALSE(too_long);
  EXPECT_EQ(too_long.error().reason(), Reason::limit_exceeded);
}

TEST(LineSplitter, BoundsALineThatComesInPieces) {
  Collected seen(10);
  ASSERT_TRUE(seen.splitter.feed("01234"));
  ASSERT_TRUE(seen.splitter.feed("56789"));
  EXPECT_TRUE(seen.splitter.torn());
  EXPECT_FALSE(seen.splitter.feed("a"));
}

TEST(LineSplitter, EndsWithTheErrorOfWhoeverIsTold) {
  int told = 0;
  LineSplitter splitter(10, [&](std::string_view) {
    ++told;
    return Result<void>(Error(Reason::internal, "enough"));
  });

  const auto fed = splitter.feed("a\nb\n");

  ASSERT_FALSE(fed);
  EXPECT_EQ(fed.error().what(), "enough");
  EXPECT_EQ(told, 1);
}

}  // namespace
}  // namespace signet
