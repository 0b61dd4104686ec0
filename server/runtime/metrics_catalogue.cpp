// Names, meanings and label sets of every metric (webhook.md I.3).

#include "core/crypto/library_version.hpp"
#include "server/runtime/metrics.hpp"

namespace signet {
namespace {

using Words = std::vector<std::string>;
using Buckets = std::vector<double>;

const Buckets kAdmission = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};
const Buckets kNetwork = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
const Buckets kFast = {0.00005, 0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5};
const Buckets kBytes = {1024, 4096, 16384, 65536, 262144, 1048576, 4194304, 8388608};
const Buckets kTimeouts = {1, 2, 3, 5, 10, 15, 20, 30};
const Buckets kImages = {1, 2, 3, 5, 10, 20, 50};

LabelRows labels(std::string name, Words values) {
  return LabelRows::of(std::move(name), std::move(values));
}

LabelRows hooks() {
  return labels("hook", {"mutate_pods", "mutate_workloads", "validate_pods", "validate_workloads"});
}

// Mutation denies nothing and judges nothing.
LabelRows request_rows() {
  const LabelRows pods = labels("resource", {"pods", "ephemeralcontainers", "other"});
  const LabelRows workloads =
      labels("resource", {"deployments", "replicasets", "statefulsets", "daemonsets", "jobs",
                          "cronjobs", "podtemplates", "replicationcontrollers", "other"});
  const LabelRows operations = labels("operation", {"create", "update", "other"});
  const LabelRows mutations = operations * labels("decision", {"allow", "skip", "error"});
  const LabelRows validations =
      operations * labels("decision", {"allow", "deny", "warn", "audit", "skip", "error"});
  return labels("hook", {"mutate_pods"}) * pods * mutations +
         labels("hook", {"mutate_workloads"}) * workloads * mutations +
         labels("hook", {"validate_pods"}) * pods * validations +
         labels("hook", {"validate_workloads"}) * workloads * validations;
}

LabelRows failures() {
  return hooks() * labels("reason", {"registry", "trust_root", "deadline", "internal"});
}

LabelRows listeners() {
  return labels("listener", {"admission", "health", "metrics"});
}

LabelRows response_rows() {
  const LabelRows admission =
      labels("path", {"/validate", "/mutate", "other"}) *
      labels("code", {"200", "400", "403", "404", "405", "408", "411", "413", "415", "417", "431",
                      "500", "503", "505", "other"});
  const LabelRows codes = labels("code", {"200", "400", "404", "405", "503", "other"});
  const LabelRows health = labels("path", {"/livez", "/readyz", "/healthz", "other"}) * codes;
  const LabelRows metrics = labels("path", {"/metrics", "other"}) * codes;
  return labels("listener", {"admission"}) * admission + labels("listener", {"health"}) * health +
         labels("listener", {"metrics"}) * metrics;
}

LabelRows operations() {
  return labels("operation", {"head_manifest", "get_manifest", "get_blob", "referrers", "token"});
}

LabelRows caches() {
  return labels("cache", {"verification", "plan", "resolve", "discovery", "content", "token"});
}

LabelRows reload_kinds() {
  return labels("what", {"policies", "credentials", "certificate", "client_ca", "registry_ca"});
}

LabelRows build_rows() {
#if defined(__clang__)
  const std::string compiler = "clang " __clang_version__;
#else
  const std::string compiler = "gcc " __VERSION__;
#endif
  return labels("version", {SIGNET_VERSION}) * labels("compiler", {compiler}) *
         labels("tls_library", {"OpenSSL " + library_version()});
}

LabelRows no_rows(Words names) {
  return {std::move(names), {}};
}

}  // namespace

AdmissionMetrics::AdmissionMetrics(prometheus::Registry& registry)
    : requests(registry, {"signet_admission_requests_total", "Finished admission reviews"},
               request_rows()),
      admission_request_duration(registry,
                                 {"signet_admission_request_duration_seconds",
                                  "Time from the whole request read to the answer handed over"},
                                 hooks() * labels("cache", {"hit", "partial", "miss", "none"}),
                                 kAdmission),
      in_flight(registry,
                {"signet_admission_in_flight_requests", "Admission reviews being answered"},
                hooks()),
      requested_timeout(registry,
                        {"signet_admission_requested_timeout_seconds",
                         "Time that the API server grants for an answer"},
                        hooks(), kTimeouts),
      request_body_bytes(registry, {"signet_admission_request_body_bytes", "Size of reviews"},
                         hooks(), kBytes),
      images_per_request(registry, {"signet_images_per_request", "Distinct images of a review"},
                         LabelRows::none(), kImages),
      deadline_exceeded(
          registry,
          {"signet_admission_deadline_exceeded_total", "Reviews with an image whose time ran out"},
          hooks()),
      failed_open(registry,
                  {"signet_admission_failed_open_total",
                   "Images admitted although they could not be checked, by onError"},
                  failures()),
      failed_closed(registry,
                    {"signet_admission_failed_closed_total",
                     "Images refused because they could not be checked"},
                    failures()),
      admission_warnings(registry, {"signet_admission_warnings_total", "Warnings returned"},
                         hooks()),
      dry_runs(registry, {"signet_admission_dry_run_requests_total", "Reviews of dry runs"},
               hooks()),
      malformed(registry, {"signet_admission_malformed_total", "Reviews that could not be read"},
                labels("reason", {"method", "path", "content_type", "too_large", "json", "version",
                                  "no_request", "object"})),
      shed(registry, {"signet_admission_shed_total", "Requests refused for lack of room"},
           labels("reason", {"queue_full", "bytes", "memory"})) {}

ImageMetrics::ImageMetrics(prometheus::Registry& registry)
    : image_verifications(
          registry, {"signet_image_verifications_total", "Judgements of one image by one policy"},
          no_rows({"policy", "mode", "result", "code"})),
      image_verification_duration(
          registry, {"signet_image_verification_duration_seconds", "Time to judge one image"},
          labels("cache", {"hit", "miss"}), kAdmission),
      images_skipped(registry, {"signet_images_skipped_total", "Images that were not judged"},
                     labels("reason", {"unchanged", "no_policy", "excluded", "owned", "mirror",
                                       "empty", "placeholder"})),
      mutations(registry, {"signet_mutations_total", "Images seen by the mutating hook"},
                labels("result", {"pinned", "already_pinned", "sticky", "excluded", "unresolved",
                                  "not_safe"})),
      unpinned_images(registry,
                      {"signet_unpinned_images_total",
                       "Images that reached the validating hook without a digest"},
                      labels("action", {"deny", "warn", "allow", "skip"})),
      policies(registry, {"signet_policies", "Policies that are loaded"},
               labels("kind", {"ClusterTrustPolicy", "TrustPolicy"}) *
                   labels("mode", {"enforce", "warn", "audit"}) *
                   labels("ready", {"true", "false"})),
      policy_ready(registry,
                   {"signet_policy_ready", "0: the policy has an error and denies what it matches"},
                   no_rows({"kind", "policy"})),
      policy_generation_info(
          registry, {"signet_policy_generation_info", "The policies and roots that decide"},
          no_rows({"hash"})),
      trust_root_ready(registry,
                       {"signet_trust_root_ready", "0: the root has an error and trusts nothing"},
                       no_rows({"root"})),
      trust_root_not_after(registry,
                           {"signet_trust_root_not_after_timestamp_seconds",
                            "The earliest end among the parts of a trust root"},
                           no_rows({"root", "part"}), Start::absent),
      admitted_certificate_not_after(
          registry,
          {"signet_admitted_certificate_not_after_timestamp_seconds",
           "The earliest end of the certificates that admitted an image in the last 24 hours"},
          no_rows({"policy"}), Start::absent) {}

RegistryMetrics::RegistryMetrics(prometheus::Registry& registry)
    : registry_requests(registry, {"signet_registry_requests_total", "Requests sent to registries"},
                        no_rows({"registry", "operation", "code"}), Start::absent),
      registry_request_duration(registry,
                                {"signet_registry_request_duration_seconds",
                                 "Time from the request sent to the reply read"},
                                operations(), kNetwork),
      registry_retries(registry, {"signet_registry_retries_total", "Requests that were repeated"},
                       operations()),
      registry_received_bytes(
          registry, {"signet_registry_received_bytes_total", "Bytes of the bodies of replies"},
          operations()),
      registry_blocked(
          registry, {"signet_registry_blocked_total", "Requests that were not allowed out"},
          labels("reason",
                 {"host_denied", "private_address", "plain_http", "redirect", "too_large"})),
      registry_circuit_open(registry,
                            {"signet_registry_circuit_open",
                             "1 while requests to the registry fail without being sent"},
                            no_rows({"registry"})),
      registry_circuit_opened(registry,
                              {"signet_registry_circuit_opened_total",
                               "Times that requests to the registry were given up"},
                              no_rows({"registry"})),
      registry_credentials(registry,
                           {"signet_registry_credentials_total", "Requests by the login shown"},
                           labels("source", {"static", "pull_secret", "anonymous"}) *
                               labels("result", {"ok", "forbidden", "refused"})),
      registry_waiting(registry,
                       {"signet_registry_waiting_requests",
                        "Requests that wait for a connection of their registry"},
                       LabelRows::none()),
      cache_requests(
          registry, {"signet_cache_requests_total", "Look-ups in caches"},
          caches() * labels("result", {"hit", "miss", "negative_hit", "coalesced", "stale"})),
      cache_entries(registry, {"signet_cache_entries", "Entries of caches"}, caches()),
      cache_size_bytes(registry, {"signet_cache_size_bytes", "Bytes kept by caches"}, caches()),
      cache_evictions(registry, {"signet_cache_evictions_total", "Entries that were dropped"},
                      caches() * labels("reason", {"size", "ttl", "invalidated", "memory"})) {}

ServerMetrics::ServerMetrics(prometheus::Registry& registry)
    : http_responses(registry, {"signet_http_responses_total", "Answers by listener and path"},
                     response_rows()),
      connections(registry, {"signet_http_connections", "Open connections"}, listeners()),
      connections_opened(registry,
                         {"signet_http_connections_opened_total", "Connections that were accepted"},
                         listeners()),
      connections_closed(
          registry, {"signet_http_connections_closed_total", "Connections that ended"},
          listeners() * labels("reason", {"client", "idle", "max_age", "max_requests", "drain",
                                          "timeout", "refused", "error"})),
      tls_handshakes(
          registry, {"signet_tls_handshakes_total", "TLS handshakes of clients"},
          labels("version", {"TLSv1.2", "TLSv1.3"}) * labels("result", {"ok"}) +
              labels("version", {"none"}) * labels("result", {"unknown_ca", "bad_certificate",
                                                              "protocol", "timeout", "other"})),
      tls_reloads(registry, {"signet_tls_reloads_total", "Attempts to load a changed key pair"},
                  labels("usage", {"serving", "client_ca"}) * labels("result", {"ok", "failed"})),
      tls_not_after(
          registry,
          {"signet_tls_certificate_not_after_timestamp_seconds", "When the certificate ends"},
          labels("usage", {"serving", "ca", "client_ca"}), Start::absent),
      build_info(registry, {"signet_build_info", "What is running"}, build_rows()),
      draining(registry, {"signet_draining", "1 while the program ends"}, LabelRows::none()),
      config_last_reload_successful(registry,
                                    {"signet_config_last_reload_successful",
                                     "0: the last change was bad and the value before it is used"},
                                    reload_kinds()),
      config_last_reload_success_timestamp(
          registry,
          {"signet_config_last_reload_success_timestamp_seconds", "When it was loaded last"},
          reload_kinds(), Start::absent),
      log_messages(registry, {"signet_log_messages_total", "Log lines"},
                   labels("level", {"debug", "info", "warn", "error"})),
      log_dropped(registry, {"signet_log_dropped_total", "Log lines that nobody took"},
                  LabelRows::none()),
      event_loop_lag(registry,
                     {"signet_event_loop_lag_seconds", "How late the event loop runs a timer"},
                     LabelRows::none(), kFast),
      memory_limit_bytes(registry, {"signet_memory_limit_bytes", "Memory that the program may use"},
                         LabelRows::none(), Start::absent) {}

}  // namespace signet
