#pragma once
// Metrics of what reviews ask of the API server: pull secrets, and the labels of namespaces
// (webhook.md I.3).

#include "server/runtime/series.hpp"

namespace signet {

struct AccessMetrics {
  explicit AccessMetrics(prometheus::Registry& registry);

  Counters pull_secret_reads;  // result: ok, missing, forbidden, unusable, unreachable
  Counters namespace_reads;    // result: ok, missing, forbidden, unreachable
  Gauges namespaces;           // whose labels are known
};

}  // namespace signet
