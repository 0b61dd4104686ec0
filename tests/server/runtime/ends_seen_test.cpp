#include "server/runtime/ends_seen.hpp"

#include <gtest/gtest.h>

namespace signet {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr TimePoint kSeenNow{hours(500'000)};

TEST(EndsSeenTest, KeepsTheEarliestOfEachLabel) {
  EndsSeen ends;
  EXPECT_EQ(ends.saw("a", kSeenNow + hours(9), kSeenNow), kSeenNow + hours(9));
  EXPECT_EQ(ends.saw("a", kSeenNow + hours(5), kSeenNow + hours(1)), kSeenNow + hours(5));
  EXPECT_EQ(ends.saw("a", kSeenNow + hours(7), kSeenNow + hours(2)), kSeenNow + hours(5));
  EXPECT_EQ(ends.saw("b", kSeenNow + hours(8), kSeenNow), kSeenNow + hours(8));
}

TEST(EndsSeenTest, ForgetsAnEndADayAfterItWasSeenLast) {
  EndsSeen ends;
  ends.saw("a", kSeenNow + hours(100), kSeenNow);
  ends.saw("a", kSeenNow + hours(200), kSeenNow + hours(3));

  const auto on_time = ends.since(kSeenNow + hours(24));
  const auto after_the_first = ends.since(kSeenNow + hours(25));
  const auto before_the_last = ends.since(kSeenNow + hours(28) - seconds(1));
  const auto after_all = ends.since(kSeenNow + hours(28));

  EXPECT_EQ(on_time.at("a"), kSeenNow + hours(100));
  EXPECT_EQ(after_the_first.at("a"), kSeenNow + hours(200));
  EXPECT_EQ(before_the_last.at("a"), kSeenNow + hours(200));
  EXPECT_TRUE(after_all.empty());
}

TEST(EndsSeenTest, SeenAgainItIsKept) {
  EndsSeen ends;
  for (int hour = 0; hour < 100; ++hour)
    ends.saw("a", kSeenNow + hours(1000), kSeenNow + hours(hour));
  EXPECT_EQ(ends.since(kSeenNow + hours(120)).at("a"), kSeenNow + hours(1000));
}

}  // namespace
}  // namespace signet
