#include "server/runtime/cache.hpp"

#include <gtest/gtest.h>

#include <string>

namespace signet {
namespace {

using std::chrono::seconds;

const TimePoint kNow{seconds(1'000'000)};

using TestCache = Cache<std::string, int, TimePoint>;

TEST(CacheTest, GivesWhatWasPut) {
  TestCache cache(2);
  cache.put("a", 1, kNow + seconds(10));
  EXPECT_EQ(cache.get("a", kNow), 1);
  EXPECT_EQ(cache.get("b", kNow), std::nullopt);
}

TEST(CacheTest, EndsAnEntryAtItsInstant) {
  TestCache cache(2);
  cache.put("a", 1, kNow + seconds(10));
  EXPECT_EQ(cache.get("a", kNow + seconds(9)), 1);
  EXPECT_EQ(cache.get("a", kNow + seconds(10)), std::nullopt);
  EXPECT_EQ(cache.size(), 0U);
}

TEST(CacheTest, DropsWhatWasUsedLongestAgo) {
  TestCache cache(2);
  cache.put("a", 1, TimePoint::max());
  cache.put("b", 2, TimePoint::max());
  EXPECT_EQ(cache.get("a", kNow), 1);
  cache.put("c", 3, TimePoint::max());
  EXPECT_EQ(cache.get("a", kNow), 1);
  EXPECT_EQ(cache.get("b", kNow), std::nullopt);
  EXPECT_EQ(cache.get("c", kNow), 3);
}

TEST(CacheTest, ReplacesAnEntryOfTheSameKey) {
  TestCache cache(2);
  cache.put("a", 1, kNow + seconds(1));
  cache.put("a", 2, kNow + seconds(10));
  EXPECT_EQ(cache.get("a", kNow + seconds(5)), 2);
  EXPECT_EQ(cache.size(), 1U);
}

TEST(CacheTest, CountsWeightUpToItsCapacity) {
  TestCache cache(10);
  cache.put("a", 1, TimePoint::max(), 6);
  cache.put("b", 2, TimePoint::max(), 4);
  EXPECT_EQ(cache.size(), 2U);
  EXPECT_EQ(cache.weight(), 10U);
  cache.put("c", 3, TimePoint::max(), 1);
  EXPECT_EQ(cache.get("a", kNow), std::nullopt);
  EXPECT_EQ(cache.weight(), 5U);
}

TEST(CacheTest, DoesNotKeepWhatIsHeavierThanAllOfIt) {
  TestCache cache(10);
  cache.put("a", 1, TimePoint::max(), 1);
  cache.put("b", 2, TimePoint::max(), 11);
  EXPECT_EQ(cache.get("b", kNow), std::nullopt);
  EXPECT_EQ(cache.get("a", kNow), 1);
}

TEST(CacheTest, ForgetsOnEraseAndClear) {
  TestCache cache(10);
  cache.put("a", 1, TimePoint::max());
  cache.put("b", 2, TimePoint::max());
  cache.erase("a");
  EXPECT_EQ(cache.get("a", kNow), std::nullopt);
  cache.clear();
  EXPECT_EQ(cache.size(), 0U);
  EXPECT_EQ(cache.weight(), 0U);
}

}  // namespace
}  // namespace signet
