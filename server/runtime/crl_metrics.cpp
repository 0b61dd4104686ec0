#include "server/runtime/crl_metrics.hpp"

namespace signet {

CrlMetrics::CrlMetrics(prometheus::Registry& registry)
    : crl_fetches(registry,
                  {"signet_crl_fetches_total", "CRLs asked for by their URL, by what became of it"},
                  LabelRows::of("result", {"ok", "unchanged", "rejected", "failed"})) {}

}  // namespace signet
