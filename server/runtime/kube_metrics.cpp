#include "server/runtime/kube_metrics.hpp"

namespace signet {
namespace {

LabelRows watched_resources() {
  return LabelRows::of(
      "resource",
      {"trustroots", "clustertrustpolicies", "trustpolicies", "namespaces", "secrets", "configmaps",
       "validatingwebhookconfigurations", "mutatingwebhookconfigurations"});
}

LabelRows kube_request_rows() {
  const LabelRows verbs =
      LabelRows::of("verb", {"get", "list", "watch", "create", "update", "patch"});
  const LabelRows resources =
      watched_resources() +
      LabelRows::of("resource", {"serviceaccounts", "leases", "events", "other"});
  return verbs * resources *
         LabelRows::of("code", {"2xx", "401", "403", "404", "409", "410", "429", "4xx", "5xx",
                                "timeout", "network", "tls"});
}

const std::vector<double> kNetworkSeconds = {0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                             0.5,   1,    2.5,   5,    10};

}  // namespace

KubeMetrics::KubeMetrics(prometheus::Registry& registry)
    : kube_requests(registry, {"signet_kube_client_requests_total", "Requests to the API server"},
                    kube_request_rows(), Start::absent),
      kube_request_duration(
          registry,
          {"signet_kube_client_request_duration_seconds", "Time until the API server has answered"},
          LabelRows::of("verb", {"get", "list", "create", "update", "patch"}), kNetworkSeconds),
      kube_watch_connected(registry, {"signet_kube_watch_connected", "Watches that are under way"},
                           watched_resources()),
      kube_watch_restarts(
          registry, {"signet_kube_watch_restarts_total", "Watches that ended"},
          watched_resources() * LabelRows::of("reason", {"closed", "gone", "error", "short"})),
      kube_watch_events(registry, {"signet_kube_watch_events_total", "Events of watches"},
                        watched_resources() * LabelRows::of("type", {"added", "modified", "deleted",
                                                                     "bookmark", "ignored"})),
      policy_last_sync_timestamp(
          registry,
          {"signet_policy_last_sync_timestamp_seconds",
           "When the API server last told the state of these objects, or that it is the same"},
          watched_resources(), Start::absent) {}

}  // namespace signet
