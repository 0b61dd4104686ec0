#include "server/runtime/metrics.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/base/reason.hpp"

namespace signet {
namespace {

std::size_t series_in(const std::string& text) {
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
    if (text[at] != '#') ++count;
  }
  return count;
}

TEST(MetricsTest, EverySeriesStandsAtZeroFromTheStart) {
  const Metrics metrics(TimePoint{});
  const std::string text = metrics.text();
  for (
      const std::string line :
      {R"(signet_admission_requests_total{decision="deny",hook="validate_pods",operation="create",resource="pods"} 0)",
       R"(signet_admission_requests_total{decision="error",hook="validate_workloads",operation="update",resource="cronjobs"} 0)",
       R"(signet_image_verdicts_total{mode="enforce",outcome="fail",reason="no_signature"} 0)",
       R"(signet_image_verdicts_total{mode="none",outcome="unknown",reason="deadline"} 0)",
       R"(signet_admission_in_flight_requests{hook="validate"} 0)",
       R"(signet_http_responses_total{code="413",listener="admission",path="/validate"} 0)",
       R"(signet_tls_reloads_total{result="failed",usage="serving"} 0)", "signet_draining 0",
       "process_start_time_seconds 0"}) {
    EXPECT_NE(text.find(line + "\n"), std::string::npos) << line;
  }
  EXPECT_NE(text.find("signet_build_info{"), std::string::npos);
}

TEST(MetricsTest, ValuesFromOutsideMakeNoSeries) {
  Metrics metrics(TimePoint{});
  const std::size_t before = series_in(metrics.text());
  for (int i = 0; i < 1000; ++i) {
    const std::string random = "evil" + std::to_string(i);
    metrics.pod_requests.add({"validate_pods", random, random, "deny"});
    metrics.workload_requests.add({"validate_workloads", random, random, "deny"});
    metrics.admission_responses.add({"admission", random, random});
    metrics.count_verdict(random, random);
    metrics.shed.add({random});
  }
  EXPECT_EQ(series_in(metrics.text()), before);
  EXPECT_EQ(metrics.pod_requests.value({"validate_pods", "other", "other", "deny"}), 1000);
  EXPECT_LT(before, 1500U);
}

TEST(MetricsTest, EveryReasonHasItsSeriesUnderOneOutcome) {
  Metrics metrics(TimePoint{});
  for (int i = 0; i <= static_cast<int>(Reason::malformed_object); ++i) {
    const std::string_view name = name_of(static_cast<Reason>(i));
    metrics.count_verdict(name, "enforce");
    const double sum = metrics.verdicts_pass.value({"pass", name, "enforce"}) +
                       metrics.verdicts_fail.value({"fail", name, "enforce"}) +
                       metrics.verdicts_unknown.value({"unknown", name, "enforce"});
    EXPECT_EQ(sum, 1) << name;
  }
}

TEST(MetricsTest, AHoldCountsWhileItLives) {
  Metrics metrics(TimePoint{});
  {
    const GaugeHold hold(metrics.in_flight, "mutate");
    EXPECT_EQ(metrics.in_flight.value({"mutate"}), 1);
  }
  EXPECT_EQ(metrics.in_flight.value({"mutate"}), 0);
}

}  // namespace
}  // namespace signet
