#include "server/kube/watch_plan.hpp"

#include <gtest/gtest.h>

namespace signet {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using Kind = WatchStep::Kind;

KubeFault fault(KubeFaultKind kind, std::optional<milliseconds> retry_after = {}) {
  return KubeFault{kind, "why", retry_after};
}

struct WatchPlanTest : ::testing::Test {
  // The time that passes before the next step.
  milliseconds wait() const {
    return std::chrono::duration_cast<milliseconds>(plan.next().not_before - now);
  }
  void listed() { plan.on_listed("10", now); }

  Deadline now{seconds(1'000'000)};
  WatchPlan plan{7};
};

TEST_F(WatchPlanTest, ListsAtOnceInPagesAndTheNewestThereIs) {
  EXPECT_EQ(plan.next().kind, Kind::list);
  EXPECT_TRUE(plan.next().paged);
  EXPECT_EQ(plan.next().version, "");
  EXPECT_LE(plan.next().not_before, now);

  plan.on_page("token");
  EXPECT_EQ(plan.next().kind, Kind::list);
  EXPECT_EQ(plan.next().token, "token");
}

TEST_F(WatchPlanTest, WatchesFromTheVersionOfTheListAndThenOfEachEvent) {
  listed();
  EXPECT_EQ(plan.next().kind, Kind::watch);
  EXPECT_EQ(plan.next().version, "10");

  plan.on_event("12");
  EXPECT_EQ(plan.on_watch_closed(milliseconds(5), now), WatchRestart::closed);
  EXPECT_EQ(plan.next().kind, Kind::watch);
  EXPECT_EQ(plan.next().version, "12");
  EXPECT_EQ(wait(), milliseconds(0)) << "a watch that ends in order is opened again at once";
}

TEST_F(WatchPlanTest, AWatchThatEndsAtOnceWithoutEventsIsAFault) {
  listed();
  EXPECT_EQ(plan.on_watch_closed(milliseconds(999), now), WatchRestart::short_lived);
  EXPECT_GE(wait(), KubeBackoff::kFirst);
  EXPECT_EQ(plan.next().version, "10");

  EXPECT_EQ(plan.on_watch_closed(milliseconds(1000), now), WatchRestart::closed);
  EXPECT_EQ(wait(), milliseconds(0));
}

TEST_F(WatchPlanTest, BacksOffLongerAndLongerUpToABound) {
  listed();
  milliseconds least = KubeBackoff::kFirst;
  for (int i = 0; i < 10; ++i) {
    plan.list_again(now);
    plan.on_list_failed(fault(KubeFaultKind::broken), now);
    EXPECT_GE(wait(), least);
    EXPECT_LE(wait(), 2 * least);
    least = std::min(least * 2, KubeBackoff::kLongest);
  }
  EXPECT_EQ(least, KubeBackoff::kLongest);

  now += minutes(2) - milliseconds(1);
  plan.on_list_failed(fault(KubeFaultKind::broken), now);
  EXPECT_GE(wait(), KubeBackoff::kLongest) << "not yet healthy";
  now += minutes(2);
  plan.on_list_failed(fault(KubeFaultKind::broken), now);
  EXPECT_LE(wait(), 2 * KubeBackoff::kFirst) << "two minutes of health";
}

TEST_F(WatchPlanTest, AWatchIsTriedMoreOftenThanAListAndAnEventStartsTheWaitsAnew) {
  listed();
  for (int i = 0; i < 10; ++i) {
    plan.on_watch_failed(fault(KubeFaultKind::broken), now);
    EXPECT_LE(wait(), 2 * WatchPlan::kLongestPause);
  }
  EXPECT_GE(wait(), WatchPlan::kLongestPause);

  plan.on_event("11");
  plan.on_watch_failed(fault(KubeFaultKind::broken), now);
  EXPECT_LE(wait(), 2 * KubeBackoff::kFirst);
}

TEST_F(WatchPlanTest, ObeysRetryAfterWhereItIsLonger) {
  listed();
  plan.on_watch_failed(fault(KubeFaultKind::broken, seconds(20)), now);
  EXPECT_EQ(wait(), seconds(20));
  EXPECT_EQ(plan.next().kind, Kind::watch);
}

TEST_F(WatchPlanTest, AFaultIsFollowedByTheSameWatchAndAfterAMinuteByAList) {
  listed();
  plan.on_watch_failed(fault(KubeFaultKind::broken), now);
  EXPECT_EQ(plan.next().kind, Kind::watch);
  EXPECT_EQ(plan.next().version, "10");
  now += WatchPlan::kPatience - milliseconds(1);
  plan.on_watch_failed(fault(KubeFaultKind::broken), now);
  EXPECT_EQ(plan.next().kind, Kind::watch);
  now += milliseconds(1);
  plan.on_watch_failed(fault(KubeFaultKind::broken), now);
  EXPECT_EQ(plan.next().kind, Kind::list);
}

TEST_F(WatchPlanTest, AVersionThatIsGoneIsListedAnewAtOnceButNotForEver) {
  listed();
  plan.on_event("12");
  EXPECT_EQ(plan.on_watch_failed(fault(KubeFaultKind::gone), now), WatchRestart::gone);
  EXPECT_EQ(plan.next().kind, Kind::list);
  EXPECT_EQ(wait(), milliseconds(0));

  listed();
  EXPECT_EQ(plan.on_watch_failed(fault(KubeFaultKind::gone), now), WatchRestart::gone);
  EXPECT_EQ(plan.next().kind, Kind::list);
  EXPECT_GE(wait(), KubeBackoff::kFirst) << "the list gave a version that was gone already";
}

TEST_F(WatchPlanTest, ATokenThatIsGoneIsFollowedByAListWithoutPages) {
  plan.on_page("token");
  plan.on_list_failed(fault(KubeFaultKind::gone), now);
  EXPECT_EQ(plan.next().kind, Kind::list);
  EXPECT_FALSE(plan.next().paged);
  EXPECT_EQ(plan.next().token, "");
  EXPECT_EQ(wait(), milliseconds(0));
}

TEST_F(WatchPlanTest, AResourceThatIsMissingIsLookedForEveryHalfMinute) {
  listed();
  EXPECT_EQ(plan.on_watch_failed(fault(KubeFaultKind::missing), now), WatchRestart::error);
  EXPECT_EQ(plan.next().kind, Kind::list);
  plan.on_list_failed(fault(KubeFaultKind::missing), now);
  EXPECT_EQ(plan.next().kind, Kind::list);
  EXPECT_EQ(wait(), WatchPlan::kMissing);
}

TEST_F(WatchPlanTest, ListsAnewAboutEveryHalfHour) {
  listed();
  now += minutes(26);
  plan.on_watch_closed(minutes(5), now);
  EXPECT_EQ(plan.next().kind, Kind::watch);
  now += minutes(8);
  plan.on_watch_closed(minutes(5), now);
  EXPECT_EQ(plan.next().kind, Kind::list);
}

TEST(KubeFault, TellsWhatToDoFromWhatTheApiServerSays) {
  struct Case {
    unsigned status;
    std::string body;
    KubeFaultKind wanted;
  };
  const Case cases[] = {
      {410, "", KubeFaultKind::gone},
      {504, R"({"message":"Too large resource version: 9, current: 8"})", KubeFaultKind::gone},
      {504, R"({"message":"time out"})", KubeFaultKind::broken},
      {404, "", KubeFaultKind::missing},
      {429, "", KubeFaultKind::broken},
      {500, "", KubeFaultKind::broken},
      {403, "", KubeFaultKind::broken},
  };
  for (const Case& one : cases) {
    SCOPED_TRACE(one.status);
    KubeReply reply;
    reply.status = one.status;
    reply.body = one.body;
    EXPECT_EQ(KubeFault::of(reply).kind, one.wanted);
  }
}

}  // namespace
}  // namespace signet
