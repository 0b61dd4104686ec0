#include "server/runtime/writer_metrics.hpp"

namespace signet {

WriterMetrics::WriterMetrics(prometheus::Registry& registry)
    : leader(registry, {"signet_leader", "1: this replica writes statuses and certificates"},
             LabelRows::none()),
      leader_transitions(registry,
                         {"signet_leader_transitions_total",
                          "Times that this replica became or "
                          "ceased to be the leader"},
                         LabelRows::none()),
      events(registry, {"signet_events_total", "Events, by what became of them"},
             LabelRows::of("result", {"sent", "merged", "dropped", "failed"})),
      status_writes(registry, {"signet_status_writes_total", "Statuses of policies written"},
                    LabelRows::of("result", {"ok", "failed"})),
      tls_errors(
          registry, {"signet_tls_errors_total", "Failures of the self-managed certificate"},
          LabelRows::of("reason", {"secret_invalid", "sign", "write_conflict", "write_failed"})),
      ca_bundle_patches(registry,
                        {"signet_ca_bundle_patches_total",
                         "Times that the caBundle of a webhook configuration was put right"},
                        LabelRows::of("result", {"ok", "failed"})),
      webhook_config_drift(
          registry,
          {"signet_webhook_config_drift",
           "Webhook configurations that are not as they are meant to be"},
          LabelRows::of("problem", {"missing", "rule", "failure_policy", "ca_bundle"})) {}

}  // namespace signet
