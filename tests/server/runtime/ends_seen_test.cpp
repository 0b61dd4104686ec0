#include "server/runtime/ends_seen.hpp"

#include <gtest/gtest.h>

namespace signet {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr TimePoint kNow{hours(500'000)};

TEST(EndsSeenTest, KeepsTheEarliestOfEachLabel) {
  EndsSeen ends;
  EXPECT_EQ(ends.saw("a", kNow + hours(9), kNow), kNow + hours(9));
  EXPECT_EQ(ends.saw("a", kNow + hours(5), kNow + hours(1)), kNow + hours(5));
  EXPECT_EQ(ends.saw("a", kNow + hours(7), kNow + hours(2)), kNow + hours(5));
  EXPECT_EQ(ends.saw("b", kNow + hours(8), kNow), kNow + hours(8));
}

TEST(EndsSeenTest, ForgetsAnEndADayAfterItWasSeenLast) {
  EndsSeen ends;
  ends.saw("a", kNow + hours(100), kNow);
  ends.saw("a", kNow + hours(200), kNow + hours(3));

  const auto on_time = ends.since(kNow + hours(24));
  const auto after_the_first = ends.since(kNow + hours(25));
  const auto before_the_last = ends.since(kNow + hours(28) - seconds(1));
  const auto after_all = ends.since(kNow + hours(28));

  EXPECT_EQ(on_time.at("a"), kNow + hours(100));
  EXPECT_EQ(after_the_first.at("a"), kNow + hours(200));
  EXPECT_EQ(before_the_last.at("a"), kNow + hours(200));
  EXPECT_TRUE(after_all.empty());
}

TEST(EndsSeenTest, SeenAgainItIsKept) {
  EndsSeen ends;
  for (int hour = 0; hour < 100; ++hour)
    ends.saw("a", kNow + hours(1000), kNow + hours(hour));
  EXPECT_EQ(ends.since(kNow + hours(120)).at("a"), kNow + hours(1000));
}

}  // namespace
}  // namespace signet
