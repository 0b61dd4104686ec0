#include "server/runtime/access_metrics.hpp"

namespace signet {

AccessMetrics::AccessMetrics(prometheus::Registry& registry)
    : pull_secret_reads(
          registry, {"signet_pull_secret_reads_total", "Pull secrets and accounts that were read"},
          LabelRows::of("result", {"ok", "missing", "forbidden", "unusable", "unreachable"})),
      namespace_reads(registry,
                      {"signet_namespace_reads_total",
                       "Namespaces that were asked for because a review came before the watch"},
                      LabelRows::of("result", {"ok", "missing", "forbidden", "unreachable"})),
      namespaces(registry, {"signet_namespaces", "Namespaces whose labels are known"},
                 LabelRows::none()) {}

}  // namespace signet
