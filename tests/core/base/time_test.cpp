#include "core/base/time.hpp"

#include <gtest/gtest.h>

namespace signet {
namespace {

TEST(TimeTest, ReadsRfc3339) {
  struct Row {
    const char* text;
    const char* utc;
  };
  for (const Row& row : {
           Row{"2026-01-31T10:00:00Z", "2026-01-31T10:00:00Z"},
           Row{"2026-01-31t10:00:00z", "2026-01-31T10:00:00Z"},
           Row{"2026-01-31T10:00:00.999Z", "2026-01-31T10:00:00Z"},
           Row{"2026-01-31T10:00:00+02:30", "2026-01-31T07:30:00Z"},
           Row{"2026-01-31T23:30:00-01:00", "2026-02-01T00:30:00Z"},
           Row{"2026-01-31T10:00:00-00:00", "2026-01-31T10:00:00Z"},
           Row{"2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"},
           Row{"1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"},
           Row{"1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z"},
           Row{"9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"},
       }) {
    SCOPED_TRACE(row.text);
    const auto time = parse_time(row.text);
    ASSERT_TRUE(time) << time.error().what();
    EXPECT_EQ(format_time(*time), row.utc);
  }
}

TEST(TimeTest, RefusesEverythingElse) {
  for (const char* text : {
           "",
           "2026-01-31",
           "2026-01-31 10:00:00Z",
           "2026-01-31T10:00:00",
           "2026-01-31T10:00Z",
           "2026-01-31T10:00:00.Z",
           "2026-01-31T10:00:00Z ",
           " 2026-01-31T10:00:00Z",
           "2026-02-29T10:00:00Z",
           "2026-13-01T10:00:00Z",
           "2026-00-01T10:00:00Z",
           "2026-01-00T10:00:00Z",
           "2026-01-31T24:00:00Z",
           "2026-01-31T10:60:00Z",
           "2026-01-31T10:00:60Z",
           "2026-01-31T10:00:00+2:00",
           "2026-01-31T10:00:00+24:00",
           "2026-01-31T10:00:00+02:60",
           "2026-01-31T10:00:00+0200",
           "2026-01-31T10:00:00UTC",
           "+026-01-31T10:00:00Z",
           "2026-1a-31T10:00:00Z",
           "202x-01-31T10:00:00Z",
           "1769853600",
       }) {
    SCOPED_TRACE(text);
    const auto time = parse_time(text);
    ASSERT_FALSE(time);
    EXPECT_EQ(time.error().reason(), Reason::malformed_object);
  }
}

TEST(TimeTest, MakesOnlyTimesOfTheCalendar) {
  EXPECT_EQ(make_time(1970, 1, 1, 0, 0, 1), TimePoint(std::chrono::seconds(1)));
  EXPECT_EQ(make_time(2000, 2, 29, 0, 0, 0), *parse_time("2000-02-29T00:00:00Z"));
  EXPECT_EQ(make_time(1900, 2, 29, 0, 0, 0), std::nullopt);
  EXPECT_EQ(make_time(2026, 4, 31, 0, 0, 0), std::nullopt);
  EXPECT_EQ(make_time(2026, 1, 1, -1, 0, 0), std::nullopt);
  EXPECT_EQ(make_time(2026, 1, 1, 0, 0, 60), std::nullopt);
}

TEST(ValidityTest, BothEndsAreInside) {
  const TimePoint start(std::chrono::seconds(10));
  const TimePoint end(std::chrono::seconds(20));
  struct Row {
    Validity window;
    std::vector<int> inside, outside;
  };
  for (const Row& row : {Row{{start, end}, {10, 15, 20}, {9, 21}}, Row{{start, {}}, {10, 99}, {9}},
                         Row{{{}, end}, {-99, 20}, {21}}, Row{{}, {-99, 0, 99}, {}},
                         Row{{end, start}, {}, {10, 15, 20}}}) {
    for (const int at : row.inside) {
      EXPECT_TRUE(row.window.contains(TimePoint(std::chrono::seconds(at)))) << at;
    }
    for (const int at : row.outside) {
      EXPECT_FALSE(row.window.contains(TimePoint(std::chrono::seconds(at)))) << at;
    }
  }
}

}  // namespace
}  // namespace signet
