#include "server/cli/metrics_text.hpp"

#include <gtest/gtest.h>

#include "server/runtime/metrics.hpp"

namespace signet {
namespace {

TEST(MetricsTextTest, CountsSamples) {
  const auto count = count_samples(
      "# HELP a_total What\n# TYPE a_total counter\n\na_total 1\n"
      "a_bucket{le=\"+Inf\",x=\"q\\\"\\\\\\n}\",} +Inf\nb{} -1.5e3 1700000000000\nc NaN\n");
  ASSERT_TRUE(count) << count.error().what();
  EXPECT_EQ(*count, 4U);
}

TEST(MetricsTextTest, ReadsOurOwn) {
  Metrics metrics{TimePoint{}};
  const auto count = count_samples(metrics.text());
  ASSERT_TRUE(count) << count.error().what();
  EXPECT_GT(*count, 100U);
}

TEST(MetricsTextTest, NamesTheFirstLineThatIsNone) {
  const auto none = count_samples("a 1\n<html>\nb\n");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().what(), "line 2 is no sample: <html>");
}

class NoSampleTest : public ::testing::TestWithParam<const char*> {};

TEST_P(NoSampleTest, IsRefused) {
  EXPECT_FALSE(count_samples(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Lines, NoSampleTest,
                         ::testing::Values("a", "a ", "a x", "1a 1", "a{ 1", "a{b} 1", "a{b=c} 1",
                                           "a{b=\"c} 1", "a{b=\"\\x\"} 1", "a{b=\"c\"d=\"e\"} 1",
                                           "a{b=\"c\\", "a 1 2 3", "a  1", " a 1", "a 1x"));

}  // namespace
}  // namespace signet
