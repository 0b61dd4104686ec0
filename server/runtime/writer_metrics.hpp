#pragma once
// Metrics of what this program writes into its cluster: leadership, its own certificates, the
// webhook configurations, statuses and Events (webhook.md I.3).

#include "server/runtime/series.hpp"

namespace signet {

struct WriterMetrics {
  explicit WriterMetrics(prometheus::Registry& registry);

  Gauges leader;
  Counters leader_transitions;
  Counters events;              // result: sent, merged, dropped, failed
  Counters status_writes;       // result: ok, failed
  Counters tls_errors;          // reason: secret_invalid, sign, write_conflict, write_failed
  Counters ca_bundle_patches;   // result: ok, failed
  Gauges webhook_config_drift;  // problem: missing, rule, failure_policy, ca_bundle
};

}  // namespace signet
