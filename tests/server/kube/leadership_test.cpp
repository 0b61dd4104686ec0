#include "server/kube/leadership.hpp"

#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include "tests/server/kube/kube_store.hpp"
#include "tests/support/run.hpp"

namespace signet {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::kube_refusal;
using testing::KubeStore;

const std::string kLease = "/apis/coordination.k8s.io/v1/namespaces/signet/leases/signet-leader";

// Replicas that share one API server and one passage of time, each with its own idea of the date.
class LeadershipTest : public ::testing::Test {
 protected:
  struct Replica {
    Replica(LeadershipTest& test, const std::string& name, hours skew)
        : metrics(registry),
          leadership(
              test.store_, LeadershipSettings{"signet", "signet-leader", name},
              [&test, skew] { return test.date_ + test.elapsed_ + skew; },
              [&test] { return Deadline(test.elapsed_); }, metrics) {}
    prometheus::Registry registry;
    WriterMetrics metrics;
    Leadership leadership;
  };

  Result<void> run(Replica& replica) { return testing::run(replica.leadership.run()); }
  void release(Replica& replica) {
    asio::io_context loop;
    testing::run_on(loop, replica.leadership.release(deadline_in(seconds(1))));
  }
  std::string holder() const { return store_.at(kLease)["spec"]["holderIdentity"]; }

  KubeStore store_;
  TimePoint date_ = *parse_time("2026-03-01T10:00:00Z");
  seconds elapsed_{1000};
};

TEST_F(LeadershipTest, TheFirstTakesTheLeaseAndKeepsIt) {
  Replica a(*this, "a", hours(0));
  for (int i = 0; i < 20; ++i, elapsed_ += seconds(2)) {
    ASSERT_TRUE(run(a));
    EXPECT_TRUE(a.leadership.leads());
  }
  EXPECT_EQ(store_.count("GET "), 1u);  // then it only renews
  EXPECT_EQ(store_.count("PUT "), 19u);
  EXPECT_EQ(a.metrics.leader.value({}), 1);
  EXPECT_EQ(a.metrics.leader_transitions.value({}), 1);
  const auto& spec = store_.at(kLease)["spec"];
  EXPECT_EQ(spec["acquireTime"], "2026-03-01T10:16:40.000000Z");
  EXPECT_EQ(spec["renewTime"], "2026-03-01T10:17:18.000000Z");
  EXPECT_EQ(spec["leaseTransitions"], 0);
  EXPECT_EQ(spec["leaseDurationSeconds"], 15);
}

// K-G05. Both run every two seconds, for ten minutes, while the leader may or may not reach the API
// server; their clocks differ by an hour either way.
TEST_F(LeadershipTest, AtMostOneActsWhateverTheClocksSay) {
  for (const hours skew : {hours(-1), hours(0), hours(1)}) {
    SCOPED_TRACE(skew.count());
    store_.objects.clear();
    Replica a(*this, "a", hours(0));
    Replica b(*this, "b", skew);
    std::string cut_off;
    store_.fault = [&](const KubeRequest& request) -> std::optional<Result<KubeReply>> {
      const bool mine = !cut_off.empty() && request.body.find(cut_off) != std::string::npos;
      if (!mine) return std::nullopt;
      return Result<KubeReply>(Error(Reason::registry_timeout, "cut off"));
    };
    ASSERT_TRUE(run(a));
    ASSERT_TRUE(run(b));
    ASSERT_TRUE(a.leadership.leads());
    int takeovers = 0;
    for (int second = 0; second < 600; ++second, elapsed_ += seconds(1)) {
      if (second % 60 == 0) cut_off = "\"holderIdentity\":\"" + holder() + "\"";
      if (second % 60 == 40) cut_off.clear();
      const std::string before = holder();
      if (second % 2 == 0) (void)run(a);
      if (second % 2 == 1) (void)run(b);
      if (holder() != before) ++takeovers;
      ASSERT_FALSE(a.leadership.leads() && b.leadership.leads()) << second;
    }
    EXPECT_EQ(takeovers, 10);
  }
}

TEST_F(LeadershipTest, ALeaderThatDiedIsReplacedWithinTwentySeconds) {
  Replica a(*this, "a", hours(0));
  Replica b(*this, "b", hours(1));
  ASSERT_TRUE(run(a));
  ASSERT_TRUE(run(b));
  const seconds died = elapsed_;
  while (!b.leadership.leads()) {
    ASSERT_LT(elapsed_ - died, seconds(20));
    elapsed_ += seconds(2);
    ASSERT_TRUE(run(b));
    EXPECT_FALSE(a.leadership.leads() && b.leadership.leads());
  }
  EXPECT_GE(elapsed_ - died, seconds(15));
  EXPECT_EQ(store_.at(kLease)["spec"]["leaseTransitions"], 1);
}

TEST_F(LeadershipTest, ALeaderThatCannotRenewStopsByItselfBeforeAnotherMayTakeOver) {
  Replica a(*this, "a", hours(0));
  ASSERT_TRUE(run(a));
  store_.fault = [](const KubeRequest&) { return kube_refusal(500, "etcd is away"); };
  elapsed_ += seconds(9);
  EXPECT_FALSE(run(a));
  EXPECT_TRUE(a.leadership.leads());
  elapsed_ += seconds(1);
  EXPECT_FALSE(a.leadership.leads());
  EXPECT_TRUE(run(a));  // it failed again, and was told already
  EXPECT_EQ(a.metrics.leader.value({}), 0);
  store_.fault = nullptr;
  ASSERT_TRUE(run(a));  // nobody else took it
  EXPECT_TRUE(a.leadership.leads());
  EXPECT_EQ(a.metrics.leader_transitions.value({}), 3);
}

// A machine that was suspended: its steady clock stood still, the date went on.
TEST_F(LeadershipTest, ALeaderThatWokeUpDoesNotActBeforeItRenewed) {
  Replica a(*this, "a", hours(0));
  ASSERT_TRUE(run(a));
  date_ += seconds(10);
  EXPECT_FALSE(a.leadership.leads());
  ASSERT_TRUE(run(a));
  EXPECT_TRUE(a.leadership.leads());
}

TEST_F(LeadershipTest, WhatIsReleasedIsTakenAtOnce) {
  Replica a(*this, "a", hours(0));
  Replica b(*this, "b", hours(-1));
  ASSERT_TRUE(run(a));
  ASSERT_TRUE(run(b));
  release(a);
  EXPECT_FALSE(a.leadership.leads());
  EXPECT_EQ(holder(), "");
  EXPECT_EQ(store_.at(kLease)["spec"]["leaseDurationSeconds"], 1);
  elapsed_ += seconds(2);
  ASSERT_TRUE(run(b));
  EXPECT_TRUE(b.leadership.leads());
}

TEST_F(LeadershipTest, ARenewalThatWasUnderWayDoesNotKeepTheLease) {
  Replica a(*this, "a", hours(0));
  ASSERT_TRUE(run(a));
  store_.put(kLease, store_.at(kLease));  // it was taken, and nobody heard of it
  release(a);
  EXPECT_EQ(holder(), "");
}

TEST_F(LeadershipTest, WhoDoesNotLeadReleasesNothing) {
  Replica a(*this, "a", hours(0));
  Replica b(*this, "b", hours(0));
  ASSERT_TRUE(run(a));
  ASSERT_TRUE(run(b));
  release(b);
  EXPECT_EQ(holder(), "a");
}

TEST_F(LeadershipTest, OfTwoThatComeAtOnceOneIsRefused) {
  Replica a(*this, "a", hours(0));
  Replica b(*this, "b", hours(0));
  bool once = true;
  store_.fault = [&](const KubeRequest& request) -> std::optional<Result<KubeReply>> {
    if (request.method != "POST" || !std::exchange(once, false)) return std::nullopt;
    EXPECT_TRUE(testing::run(b.leadership.run()));  // between a's read and its write
    return std::nullopt;
  };
  ASSERT_TRUE(run(a));
  EXPECT_FALSE(a.leadership.leads());
  EXPECT_TRUE(b.leadership.leads());
}

TEST_F(LeadershipTest, ALeaseThatCannotBeReadIsNotWritten) {
  for (const char* const spec : {"", "[]", R"({"metadata":{}})", R"({"spec":{}})"}) {
    store_.fault = [&](const KubeRequest&) { return testing::kube_reply(200, spec); };
    Replica a(*this, "a", hours(0));
    EXPECT_FALSE(run(a)) << spec;
    EXPECT_FALSE(a.leadership.leads());
  }
  EXPECT_EQ(store_.count("PUT ") + store_.count("POST "), 0u);
}

TEST_F(LeadershipTest, ARefusalSaysWhatTheServerSaid) {
  store_.fault = [](const KubeRequest&) { return kube_refusal(403, "leases is forbidden"); };
  Replica a(*this, "a", hours(0));
  const auto done = run(a);
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().what().find("leases is forbidden"), std::string::npos);
}

}  // namespace
}  // namespace signet
