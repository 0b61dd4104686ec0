#include "server/cli/progress.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace signet {
namespace {

using Instant = std::chrono::steady_clock::time_point;
using std::chrono::milliseconds;

constexpr const char* kClear = "\r\x1b[K";

class ProgressTest : public ::testing::Test {
 protected:
  Progress make(bool terminal, std::size_t all = 12) {
    return {out, terminal, "judged", all, "images", [this] { return now; }};
  }

  std::ostringstream out;
  Instant now{};
};

TEST_F(ProgressTest, TellsOnOneLineHowFarItIs) {
  Progress progress = make(true);
  progress.show(3);
  EXPECT_EQ(out.str(), std::string(kClear) + "judged 3 of 12 images");
}

TEST_F(ProgressTest, TellsNoEndThatNobodyKnows) {
  Progress progress = make(true, 0);
  progress.show(3);
  EXPECT_EQ(out.str(), std::string(kClear) + "judged 3 images");
}

TEST_F(ProgressTest, IsSilentWhereNobodyLooks) {
  {
    Progress progress = make(false);
    progress.show(3);
  }
  EXPECT_EQ(out.str(), "");
}

TEST_F(ProgressTest, TellsAtMostTenTimesASecond) {
  Progress progress = make(true);
  progress.show(1);
  now += milliseconds(99);
  progress.show(2);
  EXPECT_EQ(out.str(), std::string(kClear) + "judged 1 of 12 images");
  now += milliseconds(1);
  progress.show(3);
  EXPECT_EQ(out.str(),
            std::string(kClear) + "judged 1 of 12 images" + kClear + "judged 3 of 12 images");
}

TEST_F(ProgressTest, LeavesNothingBehind) {
  {
    Progress progress = make(true);
    progress.show(1);
  }
  EXPECT_TRUE(out.str().ends_with(kClear));
  out.str("");
  { Progress progress = make(true); }
  EXPECT_EQ(out.str(), "");
}

TEST_F(ProgressTest, GivesItsLineAwayOnce) {
  Progress progress = make(true);
  progress.show(1);
  out.str("");
  progress.hide();
  progress.hide();
  EXPECT_EQ(out.str(), kClear);
}

}  // namespace
}  // namespace signet
