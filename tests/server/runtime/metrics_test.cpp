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
  Metrics metrics(TimePoint{});
  const std::string text = metrics.text();
  for (
      const std::string line :
      {R"(signet_admission_requests_total{decision="deny",hook="validate_pods",operation="create",resource="pods"} 0)",
       R"(signet_admission_requests_total{decision="error",hook="validate_workloads",operation="update",resource="cronjobs"} 0)",
       R"(signet_image_verifications_total{code="no_signature",mode="enforce",policy="other",result="fail"} 0)",
       R"(signet_image_verifications_total{code="deadline",mode="none",policy="none",result="error"} 0)",
       R"(signet_admission_in_flight_requests{hook="validate_pods"} 0)",
       R"(signet_http_responses_total{code="413",listener="admission",path="/validate"} 0)",
       R"(signet_tls_reloads_total{result="failed",usage="serving"} 0)", "signet_draining 0",
       "process_start_time_seconds 0"}) {
    EXPECT_NE(text.find(line + "\n"), std::string::npos) << line;
  }
  EXPECT_NE(text.find("signet_build_info{"), std::string::npos);
}

TEST(MetricsTest, ValuesFromOutsideMakeNoSeries) {
  Metrics metrics(TimePoint{});
  metrics.registry_requests.add({"other", "token", "2xx"});
  const std::size_t before = series_in(metrics.text());
  for (int i = 0; i < 1000; ++i) {
    const std::string random = "evil" + std::to_string(i);
    metrics.requests.add({"validate_pods", random, random, "deny"});
    metrics.requests.add({"validate_workloads", random, random, "deny"});
    metrics.http_responses.add({"admission", random, random});
    metrics.count_verdict(random, "enforce", Reason::no_signature);
    metrics.registry_requests.add({random, "token", "2xx"});
    metrics.shed.add({random});
  }
  EXPECT_EQ(series_in(metrics.text()), before);
  EXPECT_EQ(metrics.requests.value({"validate_pods", "other", "other", "deny"}), 1000);
  EXPECT_LT(before, 2000U);
}

TEST(MetricsTest, EveryReasonOfAnImageHasItsSeriesUnderOneResult) {
  Metrics metrics(TimePoint{});
  for (int i = 0; i <= static_cast<int>(Reason::malformed_object); ++i) {
    const std::string_view name = name_of(static_cast<Reason>(i));
    metrics.count_verdict("none", "none", static_cast<Reason>(i));
    double sum = 0;
    for (const std::string_view result : {"pass", "fail", "error"})
      sum += metrics.image_verifications.value({"none", "none", result, name});
    const bool of_an_image = standing_of(static_cast<Reason>(i)) != Standing::malformed;
    EXPECT_EQ(sum, of_an_image ? 1 : 0) << name;
  }
}

TEST(MetricsTest, AHoldCountsWhileItLives) {
  Metrics metrics(TimePoint{});
  {
    const GaugeHold hold(metrics.in_flight, "mutate_pods");
    EXPECT_EQ(metrics.in_flight.value({"mutate_pods"}), 1);
  }
  EXPECT_EQ(metrics.in_flight.value({"mutate_pods"}), 0);
}

}  // namespace
}  // namespace signet
