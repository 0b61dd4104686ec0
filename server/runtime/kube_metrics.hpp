#pragma once
// Metrics of the client of the API server and of what it watches (webhook.md I.3).

#include "server/runtime/series.hpp"

namespace signet {

struct KubeMetrics {
  explicit KubeMetrics(prometheus::Registry& registry);

  // resource: trustroots, clustertrustpolicies, trustpolicies, namespaces, secrets, configmaps,
  // serviceaccounts, validatingwebhookconfigurations, mutatingwebhookconfigurations, leases,
  // events, other
  Counters kube_requests;             // verb: get, list, watch, create, update, patch; resource;
                                      // code: 2xx, 401, 403, 404, 409, 410, 429, 4xx, 5xx, timeout,
                                      // network, tls; absent until the first
  Histograms kube_request_duration;   // verb, but watch
  Gauges kube_watch_connected;        // resource
  Counters kube_watch_restarts;       // resource, reason: closed, gone, error, short
  Counters kube_watch_events;         // resource, type: added, modified, deleted, bookmark, ignored
  Gauges policy_last_sync_timestamp;  // resource; absent before the first
};

}  // namespace signet
