// Each metric of the catalogue moves when its event happens, in a running service.

#include <future>

#include "tests/service/registry_stage.hpp"

namespace signet {
namespace {

// Samples by their series.
class Scrape {
 public:
  explicit Scrape(const std::string& text) {
    for (const std::string_view line : split(text, '\n')) {
      if (line.empty() || line.starts_with('#')) continue;
      const auto space = line.rfind(' ');
      values_[std::string(line.substr(0, space))] = std::stod(std::string(line.substr(space)));
    }
  }

  double at(const std::string& series) const {
    const auto found = values_.find(series);
    return found == values_.end() ? 0 : found->second;
  }

 private:
  std::map<std::string, double> values_;
};

class MetricsFlowTest : public RegistryStage {
 protected:
  using Event = std::function<void(const RunningService&)>;

  // Every series of `series` has grown after `event`.
  static void expect_growth(const RunningService& service, const Event& event,
                            const std::vector<std::string>& series) {
    const Scrape before(service.metrics());
    event(service);
    const Scrape after(service.metrics());
    for (const std::string& one : series)
      EXPECT_GT(after.at(one), before.at(one)) << one;
  }

  Config told() {
    Config told = config();
    told.log_level = LogLevel::debug;
    return told;
  }
  std::string image(const std::string& tag) const { return cat(host(), "/", path, ":", tag); }

  static void validate(const RunningService& service, const std::string& review) {
    const auto reply = service.send("/validate?timeout=10s", review);
    EXPECT_TRUE(reply && reply->status == 200);
  }
  static std::string with(std::string review, const std::string& what, const std::string& by) {
    const auto at = review.find(what);
    if (at == std::string::npos) throw std::runtime_error(what);
    return review.replace(at, what.size(), by);
  }
};

TEST_F(MetricsFlowTest, AnAdmittedImage) {
  const Digest digest = push_signed("1", {Format::bundle});
  const RunningService service(told(), now);
  const Event pinned = [this, digest](const RunningService& to) {
    validate(to, demo_review("pod", cat(image("1"), "@", digest.str())));
  };
  const Event event = [this](const RunningService& to) {
    validate(to, demo_review("pod", image("1")));
  };
  const std::string pods = R"(hook="validate_pods")";

  expect_growth(
      service, event,
      {R"(signet_admission_requests_total{decision="allow",hook="validate_pods",operation="create",resource="pods"})",
       R"(signet_admission_request_duration_seconds_count{cache="miss",hook="validate_pods"})",
       cat("signet_admission_requested_timeout_seconds_bucket{", pods, R"(,le="10"})"),
       cat("signet_admission_request_body_bytes_count{", pods, "}"),
       "signet_images_per_request_count",
       R"(signet_image_verifications_total{code="verified",mode="enforce",policy="ClusterTrustPolicy/shop",result="pass"})",
       R"(signet_image_verification_duration_seconds_count{cache="miss"})",
       R"(signet_unpinned_images_total{action="allow"})",
       cat(R"(signet_registry_requests_total{code="2xx",operation="head_manifest",registry=")",
           host(), R"("})"),
       R"(signet_registry_request_duration_seconds_count{operation="get_blob"})",
       R"(signet_registry_received_bytes_total{operation="get_blob"})",
       R"(signet_registry_credentials_total{result="ok",source="anonymous"})",
       R"(signet_cache_requests_total{cache="resolve",result="miss"})",
       R"(signet_cache_requests_total{cache="discovery",result="miss"})",
       R"(signet_cache_requests_total{cache="verification",result="miss"})",
       R"(signet_cache_entries{cache="resolve"})",
       R"(signet_cache_size_bytes{cache="content"})",
       R"(signet_http_responses_total{code="200",listener="admission",path="/validate"})",
       R"(signet_http_connections_opened_total{listener="admission"})",
       R"(signet_tls_handshakes_total{result="ok",version="TLSv1.3"})",
       R"(signet_admitted_certificate_not_after_timestamp_seconds{policy="ClusterTrustPolicy/shop"})",
       R"(signet_log_messages_total{level="info"})",
       "process_cpu_seconds_total"});
  pinned(service);
  expect_growth(
      service, pinned,
      {R"(signet_admission_request_duration_seconds_count{cache="hit",hook="validate_pods"})",
       R"(signet_image_verification_duration_seconds_count{cache="hit"})",
       R"(signet_cache_requests_total{cache="verification",result="hit"})"});
}

TEST_F(MetricsFlowTest, ReviewsThatDiffer) {
  push_signed("1", {Format::bundle});
  push("unsigned");
  Config warning = told();
  warning.unpinned = Unpinned::warn;
  const RunningService service(warning, now);
  const std::string signed_review = demo_review("pod", image("1"));

  expect_growth(
      service, [&](const RunningService& to) { to.post("/mutate", signed_review); },
      {R"(signet_mutations_total{result="pinned"})",
       R"(signet_admission_requests_total{decision="allow",hook="mutate_pods",operation="create",resource="pods"})"});
  expect_growth(service,
                [&](const RunningService& to) {
                  validate(to, with(signed_review, R"("dryRun":false)", R"("dryRun":true)"));
                },
                {R"(signet_admission_dry_run_requests_total{hook="validate_pods"})",
                 R"(signet_admission_warnings_total{hook="validate_pods"})",
                 R"(signet_unpinned_images_total{action="warn"})"});
  expect_growth(
      service,
      [&](const RunningService& to) { validate(to, demo_review("pod", image("unsigned"))); },
      {R"(signet_admission_requests_total{decision="deny",hook="validate_pods",operation="create",resource="pods"})",
       R"(signet_image_verifications_total{code="no_signature",mode="enforce",policy="ClusterTrustPolicy/shop",result="fail"})"});
  expect_growth(service,
                [](const RunningService& to) {
                  const auto reply = to.send("/validate", "{");
                  EXPECT_TRUE(reply && reply->status == 400);
                },
                {R"(signet_admission_malformed_total{reason="json"})",
                 R"(signet_http_responses_total{code="400",listener="admission",path="/validate"})",
                 R"(signet_log_messages_total{level="warn"})"});
  expect_growth(service,
                [&](const RunningService& to) {
                  const std::string mirror =
                      R"("metadata":{"annotations":{"kubernetes.io/config.mirror":"x"},)";
                  const std::string node =
                      R"("userInfo":{"groups":["system:nodes"],"username":"system:node:n1"})";
                  const std::string of_node =
                      with(signed_review, R"("userInfo":{"username":"demo"})", node);
                  validate(to, with(of_node, R"("metadata":{)", mirror));
                },
                {R"(signet_images_skipped_total{reason="mirror"})"});
}

TEST_F(MetricsFlowTest, ARegistryThatFails) {
  push_signed("1", {Format::bundle});
  const RunningService service(told(), now);
  testing::FakeReply broken;
  broken.status = 500;
  registry.fail("HEAD", broken);
  registry.fail("GET", broken);
  const auto ask_from = [this](const std::string& ns) {
    return [this, ns](const RunningService& to) {
      for (int i = 0; i < 3; ++i) {
        validate(to, with(with(demo_review("pod", image(cat("t", std::to_string(i)))),
                               R"("namespace":"shop")", cat(R"("namespace":")", ns, "\"")),
                          R"("namespace":"shop")", cat(R"("namespace":")", ns, "\"")));
      }
    };
  };
  const std::string label = cat(R"({registry=")", host(), R"("})");

  expect_growth(
      service, ask_from("one"),
      {R"(signet_admission_failed_closed_total{hook="validate_pods",reason="registry"})",
       R"(signet_registry_retries_total{operation="head_manifest"})",
       cat(R"(signet_registry_requests_total{code="5xx",operation="head_manifest",registry=")",
           host(), R"("})"),
       R"(signet_admission_requests_total{decision="error",hook="validate_pods",operation="create",resource="pods"})"});
  expect_growth(service, ask_from("two"),
                {cat("signet_registry_circuit_open", label),
                 cat("signet_registry_circuit_opened_total", label)});
}

TEST_F(MetricsFlowTest, ARegistryThatFailsOpen) {
  push_signed("1", {Format::bundle});
  Config open = told();
  open.policies = {
      directory.write("open.yaml", with(policy(), "spec:\n", "spec:\n  onError: allow\n"))};
  const RunningService service(open, now);
  testing::FakeReply broken;
  broken.status = 500;
  registry.fail("HEAD", broken);
  registry.fail("GET", broken);

  expect_growth(service,
                [&](const RunningService& to) { validate(to, demo_review("pod", image("1"))); },
                {R"(signet_admission_failed_open_total{hook="validate_pods",reason="registry"})"});
}

TEST_F(MetricsFlowTest, ARegistryThatIsTooSlow) {
  push_signed("1", {Format::bundle});
  const RunningService service(told(), now);
  registry.delay = std::chrono::milliseconds(1500);
  std::future<void> asked;
  expect_growth(service,
                [&](const RunningService& to) {
                  asked = std::async(std::launch::async, [&] {
                    const auto reply =
                        to.send("/validate?timeout=1s", demo_review("pod", image("1")));
                    EXPECT_TRUE(reply && reply->status == 200);
                  });
                  while (registry.requests().empty())
                    std::this_thread::yield();
                },
                {R"(signet_admission_in_flight_requests{hook="validate_pods"})",
                 R"(signet_http_connections{listener="admission"})"});
  expect_growth(service, [&](const RunningService&) { asked.get(); },
                {R"(signet_admission_deadline_exceeded_total{hook="validate_pods"})"});
}

TEST_F(MetricsFlowTest, ARegistryAtAnAddressThatIsNotAllowed) {
  push_signed("1", {Format::bundle});
  Config closed = told();
  closed.registry.allow_private.clear();
  const RunningService service(closed, now);
  expect_growth(service,
                [&](const RunningService& to) { validate(to, demo_review("pod", image("1"))); },
                {R"(signet_registry_blocked_total{reason="private_address"})"});
}

TEST_F(MetricsFlowTest, TooManyReviews) {
  Config full = told();
  full.server.reviews = 0;
  const RunningService service(full, now);
  expect_growth(service,
                [&](const RunningService& to) {
                  const auto reply = to.send("/validate", demo_review("pod", image("1")));
                  EXPECT_TRUE(reply && reply->status == 503);
                },
                {R"(signet_admission_shed_total{reason="queue_full"})"});
}

TEST_F(MetricsFlowTest, WhatStandsFromTheStart) {
  const RunningService service(told(), now);
  const Scrape first(service.metrics());
  for (
      const std::string series :
      {R"(signet_policies{kind="ClusterTrustPolicy",mode="enforce",ready="true"})",
       R"(signet_policy_ready{kind="ClusterTrustPolicy",policy="ClusterTrustPolicy/shop"})",
       R"(signet_trust_root_not_after_timestamp_seconds{part="ca",root="ClusterTrustPolicy/shop"})",
       R"(signet_tls_certificate_not_after_timestamp_seconds{usage="serving"})",
       R"(signet_config_last_reload_successful{what="policies"})",
       R"(signet_config_last_reload_success_timestamp_seconds{what="policies"})",
       "process_open_fds", "process_max_fds", "process_virtual_memory_bytes",
       "process_resident_memory_bytes", "process_start_time_seconds", "process_threads"}) {
    EXPECT_GT(first.at(series), 0) << series;
  }
  // The loop's own timer.
  while (Scrape(service.metrics()).at("signet_event_loop_lag_seconds_count") == 0)
    std::this_thread::yield();
}

}  // namespace
}  // namespace signet
