#pragma once
// Metrics of the CRLs that come from URLs (security.md SR-20).

#include "server/runtime/series.hpp"

namespace signet {

struct CrlMetrics {
  explicit CrlMetrics(prometheus::Registry& registry);

  Counters crl_fetches;  // result: ok, unchanged, rejected, failed
};

}  // namespace signet
