#include "server/runtime/metrics.hpp"

#include <prometheus/gauge.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include "core/base/reason.hpp"

namespace signet {
namespace {

using Words = std::vector<std::string>;

const Words kHooks = {"mutate_pods", "validate_pods", "validate_workloads"};
const Words kOperations = {"create", "update", "other"};
const Words kDecisions = {"allow", "deny", "warn", "audit", "skip", "error"};
const Words kModes = {"enforce", "warn", "audit", "none"};
const Words kCodes = {"200", "400", "404", "405", "411", "413",  "415",
                      "417", "431", "500", "503", "505", "other"};
const Words kPlainCodes = {"200", "400", "404", "405", "503", "other"};
const MetricName kRequests = {"signet_admission_requests_total", "Finished admission reviews"};
const MetricName kVerdicts = {"signet_image_verdicts_total",
                              "Judgements of one image by one policy"};
const MetricName kResponses = {"signet_http_responses_total", "Answers by listener and path"};

std::vector<LabelSet> request_labels(Words hooks, Words resources) {
  return {{"hook", std::move(hooks)},
          {"resource", std::move(resources)},
          {"operation", kOperations},
          {"decision", kDecisions}};
}

// The outcome follows from the reason, so that only combinations exist that can happen.
std::vector<LabelSet> verdict_labels(std::string outcome, Words reasons) {
  return {{"outcome", {std::move(outcome)}}, {"reason", std::move(reasons)}, {"mode", kModes}};
}

std::string_view outcome_of(Reason reason) {
  switch (standing_of(reason)) {
    case Standing::trusted:
      return "pass";
    case Standing::refused:
    case Standing::malformed:
      return "fail";
    case Standing::unchecked:
      return "unknown";
  }
  return "unknown";
}

Words reasons_of(std::string_view outcome) {
  Words names;
  for (int i = 0; i <= static_cast<int>(Reason::malformed_object); ++i) {
    const auto reason = static_cast<Reason>(i);
    if (outcome_of(reason) == outcome) names.emplace_back(name_of(reason));
  }
  return names;
}

std::vector<LabelSet> response_labels(std::string listener, Words paths, Words codes) {
  return {
      {"listener", {std::move(listener)}}, {"path", std::move(paths)}, {"code", std::move(codes)}};
}

std::string compiler() {
#if defined(__clang__)
  return "clang " __clang_version__;
#else
  return "gcc " __VERSION__;
#endif
}

void add_process_metrics(prometheus::Registry& registry, TimePoint started) {
  prometheus::BuildGauge()
      .Name("signet_build_info")
      .Help("What is running")
      .Register(registry)
      .Add({{"version", SIGNET_VERSION}, {"compiler", compiler()}})
      .Set(1);
  prometheus::BuildGauge()
      .Name("process_start_time_seconds")
      .Help("Start time of the process since the epoch")
      .Register(registry)
      .Add({})
      .Set(static_cast<double>(started.time_since_epoch().count()));
}

}  // namespace

Metrics::Metrics(TimePoint started)
    : registry_(std::make_unique<prometheus::Registry>()),
      pod_requests(*registry_, kRequests,
                   request_labels({"mutate_pods", "validate_pods"},
                                  {"pods", "ephemeralcontainers", "other"})),
      workload_requests(
          *registry_, kRequests,
          request_labels({"validate_workloads"},
                         {"deployments", "replicasets", "statefulsets", "daemonsets", "jobs",
                          "cronjobs", "podtemplates", "replicationcontrollers", "other"})),
      in_flight(*registry_,
                {"signet_admission_in_flight_requests", "Admission reviews being answered"},
                {{"hook", {"mutate", "validate"}}}),
      deadline_exceeded(
          *registry_,
          {"signet_admission_deadline_exceeded_total", "Reviews with an image whose time ran out"},
          {{"hook", kHooks}}),
      malformed(*registry_, {"signet_admission_malformed_total", "Reviews that could not be read"},
                {{"reason", {"review", "object"}}}),
      shed(*registry_, {"signet_admission_shed_total", "Requests refused for lack of room"},
           {{"reason", {"bytes", "reviews"}}}),
      dry_runs(*registry_, {"signet_admission_dry_run_requests_total", "Reviews of dry runs"},
               {{"hook", kHooks}}),
      verdicts_pass(*registry_, kVerdicts, verdict_labels("pass", reasons_of("pass"))),
      verdicts_fail(*registry_, kVerdicts, verdict_labels("fail", reasons_of("fail"))),
      verdicts_unknown(*registry_, kVerdicts, verdict_labels("unknown", reasons_of("unknown"))),
      images_skipped(*registry_, {"signet_images_skipped_total", "Images that were not judged"},
                     {{"reason", {"unchanged", "owned", "mirror", "empty"}}}),
      unpinned_images(*registry_,
                      {"signet_unpinned_images_total", "Images of Pods judged by their tag"},
                      {{"action", {"deny", "warn", "allow", "skip"}}}),
      mutations(*registry_, {"signet_mutations_total", "Images seen by the mutating hook"},
                {{"result", {"pinned", "unresolved"}}}),
      admission_responses(*registry_, kResponses,
                          response_labels("admission", {"/validate", "/mutate", "other"}, kCodes)),
      health_responses(
          *registry_, kResponses,
          response_labels("health", {"/livez", "/readyz", "/healthz", "other"}, kPlainCodes)),
      metrics_responses(*registry_, kResponses,
                        response_labels("metrics", {"/metrics", "other"}, kPlainCodes)),
      connections(*registry_, {"signet_http_connections", "Open connections"},
                  {{"listener", {"admission", "health", "metrics"}}}),
      tls_handshakes(*registry_, {"signet_tls_handshakes_total", "TLS handshakes of clients"},
                     {{"result", {"ok", "unknown_ca", "timeout", "other"}}}),
      tls_reloads(*registry_, {"signet_tls_reloads_total", "Attempts to load a changed key pair"},
                  {{"usage", {"serving"}}, {"result", {"ok", "failed"}}}),
      tls_not_after(
          *registry_,
          {"signet_tls_certificate_not_after_timestamp_seconds", "When the certificate ends"},
          {{"usage", {"serving"}}}),
      draining(*registry_, {"signet_draining", "1 while the program ends"}, {}) {
  add_process_metrics(*registry_, started);
}

Metrics::~Metrics() = default;

std::string Metrics::text() const {
  return prometheus::TextSerializer().Serialize(registry_->Collect());
}

void Metrics::count_verdict(std::string_view reason, std::string_view mode) {
  const auto known = reason_named(reason);
  if (!known) return;
  const std::string_view outcome = outcome_of(*known);
  Counters& counters = outcome == "pass"   ? verdicts_pass
                       : outcome == "fail" ? verdicts_fail
                                           : verdicts_unknown;
  counters.add({outcome, reason, mode});
}

}  // namespace signet
