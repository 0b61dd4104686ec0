#include "server/kube/drift_watch.hpp"

#include <gtest/gtest.h>
#include <prometheus/registry.h>

#include "core/base/bytes.hpp"
#include "core/crypto/serving.hpp"
#include "tests/server/kube/kube_store.hpp"
#include "tests/support/run.hpp"

namespace signet {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::KubeStore;

const std::string kPath =
    "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/signet";
const ServiceNames kNames = {"signet.signet-system.svc"};

class DriftWatchTest : public ::testing::Test {
 protected:
  DriftWatchTest() { put(certificate_pem(authority_.certificate), "Fail"); }

  void put(const std::string& bundle, const std::string& policy) {
    KubeStore::Object object = KubeStore::Object::parse(R"({"metadata":{"name":"signet"},
      "webhooks":[{"name":"pods","clientConfig":{"service":{"path":"/validate"}},"rules":[
      {"apiGroups":[""],"operations":["*"],"resources":["pods","pods/ephemeralcontainers"]}]}]})");
    object["webhooks"][0]["failurePolicy"] = policy;
    object["webhooks"][0]["clientConfig"]["caBundle"] = base64(bundle);
    store_.put(kPath, object);
  }
  void look() {
    watch_.poke();
    ASSERT_TRUE(testing::run(watch_.run()));
  }
  double drift(const char* problem) const { return metrics_.webhook_config_drift.value({problem}); }

  KubeStore store_;
  prometheus::Registry registry_;
  WriterMetrics metrics_{registry_};
  TimePoint now_ = *parse_time("2026-03-01T10:00:00Z");
  ServingAuthority authority_ = *make_serving_authority(kNames, now_, hours(24 * 365));
  ServingAuthority other_ = *make_serving_authority(kNames, now_, hours(24 * 365));
  std::string chain_ =
      make_serving_certificate(&authority_, kNames, now_, hours(24 * 7))->chain_pem;
  Log log_{LogLevel::error, [](std::string_view) {}};
  DriftWatch watch_{store_,
                    WebhookIntent{{"signet"}, "Fail", {}},
                    DriftWatch::Needs{[this] { return chain_; }, kNames.front(), true},
                    [this] { return now_; },
                    metrics_,
                    log_};
};

TEST_F(DriftWatchTest, NothingIsKnownBeforeTheFirstLook) {
  EXPECT_FALSE(watch_.is_enforced().has_value());
  EXPECT_TRUE(watch_.check());
}

TEST_F(DriftWatchTest, WhatIsAsMeantEnforces) {
  look();
  EXPECT_TRUE(watch_.check());
  EXPECT_EQ(watch_.is_enforced(), true);
  EXPECT_EQ(drift("ca_bundle"), 0);
}

TEST_F(DriftWatchTest, ACaBundleOfAnotherCaIsCountedAndSaid) {
  put(certificate_pem(other_.certificate), "Fail");
  look();
  EXPECT_EQ(drift("ca_bundle"), 1);
  const auto said = watch_.check();
  ASSERT_FALSE(said);
  EXPECT_NE(said.error().what().find("caBundle of the webhook pods of signet"), std::string::npos);
  put(certificate_pem(other_.certificate) + certificate_pem(authority_.certificate), "Fail");
  look();
  EXPECT_EQ(drift("ca_bundle"), 0);
  EXPECT_TRUE(watch_.check());
}

TEST_F(DriftWatchTest, WithoutACertificateNoCaBundleIsWrong) {
  chain_.clear();
  put("", "Fail");
  look();
  EXPECT_EQ(drift("ca_bundle"), 0);
}

TEST_F(DriftWatchTest, AFaultThatIsRepairedSoonEndsNothing) {
  look();
  put("", "Fail");
  look();
  now_ += DriftWatch::kLasting - seconds(1);
  look();
  EXPECT_EQ(watch_.is_enforced(), true);
  now_ += seconds(1);
  look();
  EXPECT_EQ(watch_.is_enforced(), false);
  put(certificate_pem(authority_.certificate), "Fail");
  look();
  EXPECT_EQ(watch_.is_enforced(), true);
}

TEST_F(DriftWatchTest, AnotherFailurePolicyIsDriftAndEnforcesAllTheSame) {
  put(certificate_pem(authority_.certificate), "Ignore");
  look();
  now_ += hours(1);
  look();
  EXPECT_EQ(drift("failure_policy"), 1);
  EXPECT_EQ(watch_.is_enforced(), true);
}

TEST_F(DriftWatchTest, ReadsOnceAMinuteUnlessSomethingHappened) {
  look();
  const std::size_t calls = store_.lines.size();
  now_ += seconds(59);
  ASSERT_TRUE(testing::run(watch_.run()));
  EXPECT_EQ(store_.lines.size(), calls);
  now_ += seconds(1);
  ASSERT_TRUE(testing::run(watch_.run()));
  EXPECT_EQ(store_.lines.size(), 2 * calls);
}

TEST_F(DriftWatchTest, WhatCannotBeReadIsToldOnceAndChangesNothing) {
  look();
  store_.fault = [](const KubeRequest&) { return testing::kube_refusal(403, "forbidden"); };
  watch_.poke();
  EXPECT_FALSE(testing::run(watch_.run()));
  watch_.poke();
  EXPECT_TRUE(testing::run(watch_.run()));
  EXPECT_EQ(watch_.is_enforced(), true);
}

}  // namespace
}  // namespace signet
