#include "tests/service/cluster_stage.hpp"

namespace signet {
namespace {

using testing::KubeMood;

class Faults : public ClusterStage {};

TEST_F(Faults, FI15_NothingIsDecidedBeforeTheApiServerAnsweredOnce) {
  kube.put("clustertrustpolicies", allowing("all"));
  kube.be(KubeMood::away);
  const RunningService service(config(), now);

  EXPECT_FALSE(is_ready(service));
  EXPECT_EQ(service.health("/livez"), 200U);
  const DemoAnswer answer = ask(service);
  EXPECT_FALSE(answer.allowed);
  EXPECT_NE(answer.message.find("config_not_ready"), std::string::npos) << answer.message;

  kube.be(KubeMood::honest);
  ASSERT_TRUE(wait_for([&] { return is_ready(service); }));
  EXPECT_TRUE(is_allowed(service));
}

TEST_F(Faults, FI16_TheLastPoliciesDecideWhileTheApiServerIsAway) {
  kube.put("clustertrustpolicies", allowing("all"));
  const RunningService service(config(), now);
  ASSERT_TRUE(wait_for([&] { return is_ready(service); }));
  const std::string series =
      "signet_policy_last_sync_timestamp_seconds{resource=\"clustertrustpolicies\"}";
  const std::string errors =
      "signet_kube_watch_restarts_total{reason=\"error\",resource=\"clustertrustpolicies\"}";
  const double synced = metric(service, series);
  EXPECT_GT(synced, 0);

  for (const KubeMood mood : {KubeMood::away, KubeMood::refusing}) {
    const double before = metric(service, errors);
    kube.be(mood);
    ASSERT_TRUE(wait_for([&] { return metric(service, errors) > before; }));
    EXPECT_TRUE(is_allowed(service));
    EXPECT_TRUE(is_ready(service)) << "an outage there must not take this replica out";
    EXPECT_EQ(metric(service, series), synced) << "the metric says how old it is";
  }

  kube.put("clustertrustpolicies", denying("all"));
  kube.be(KubeMood::honest);
  EXPECT_TRUE(wait_for([&] { return !is_allowed(service); })) << "it recovers without a restart";
}

TEST_F(Faults, FI18_WatchesEndAgeAndRepeatAndTheSetIsNeverEmptyInBetween) {
  kube.put("clustertrustpolicies", denying("all"));
  kube.put("clustertrustpolicies", allowing("all"));
  const RunningService service(config(), now);
  ASSERT_TRUE(wait_for([&] { return is_ready(service); }));
  const auto restarts = [&](const std::string& reason) {
    return metric(service, cat("signet_kube_watch_restarts_total{reason=\"", reason,
                               "\",resource=\"clustertrustpolicies\"}"));
  };
  const auto and_is_allowed = [&](bool condition) {
    EXPECT_TRUE(is_allowed(service));
    return condition;
  };

  kube.expire();
  ASSERT_TRUE(wait_for([&] { return and_is_allowed(restarts("gone") > 0); })) << "410";

  const std::string get = "GET /apis/signet.dev/v1alpha1/clustertrustpolicies/all";
  ASSERT_TRUE(wait_for([&] {
    kube.tell_stale("clustertrustpolicies", denying("all"), 1);  // twice is no harm
    const auto lines = kube.asked();
    return and_is_allowed(std::find(lines.begin(), lines.end(), get) != lines.end());
  })) << "an older generation is confirmed before it counts";

  kube.cut_watches_after(1100);
  const double closed = restarts("closed");
  ASSERT_TRUE(wait_for([&] { return and_is_allowed(restarts("closed") >= closed + 3); })) << "EOF";

  kube.be(KubeMood::garbled);
  const std::string ignored =
      "signet_kube_watch_events_total{resource=\"clustertrustpolicies\",type=\"ignored\"}";
  ASSERT_TRUE(wait_for([&] { return and_is_allowed(metric(service, ignored) > 2); })) << "garbage";

  kube.be(KubeMood::honest);
  kube.put("clustertrustpolicies", denying("all"));
  EXPECT_TRUE(wait_for([&] { return !is_allowed(service); })) << "and it follows all the same";
}

}  // namespace
}  // namespace signet
