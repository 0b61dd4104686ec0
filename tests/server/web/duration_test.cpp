#include "server/runtime/duration.hpp"

#include <gtest/gtest.h>

namespace signet {
namespace {

using std::chrono::milliseconds;

TEST(DurationTest, ReadsWhatGoWrites) {
  const std::pair<std::string, int> rows[] = {{"10s", 10000},  {"1m0s", 60000}, {"500ms", 500},
                                              {"1.5s", 1500},  {"0s", 0},       {"2m30s", 150000},
                                              {"1h", 3600000}, {"0.25s", 250},  {"29.999s", 29999}};
  for (const auto& [text, ms] : rows) {
    SCOPED_TRACE(text);
    EXPECT_EQ(parse_duration(text), milliseconds(ms));
  }
}

TEST(DurationTest, RefusesEverythingElse) {
  for (const std::string text : {"", "10", "s", "-1s", "+1s", "1e9s", "abc", "1 s", ".5s", "1.s",
                                 "1..5s", "10s ", "1d", "99999h", "10us", "1s1"}) {
    SCOPED_TRACE(text);
    EXPECT_FALSE(parse_duration(text));
  }
  EXPECT_FALSE(parse_duration(std::string(33, '1')));
}

TEST(DurationTest, WritesWhatItReads) {
  EXPECT_EQ(format_duration(milliseconds(15000)), "15s");
  EXPECT_EQ(format_duration(milliseconds(250)), "250ms");
}

}  // namespace
}  // namespace signet
