#include "server/runtime/metrics.hpp"

#include <prometheus/registry.h>

namespace signet {

MetricsRegistry::MetricsRegistry() : registry_(std::make_unique<prometheus::Registry>()) {}

MetricsRegistry::~MetricsRegistry() = default;

std::string Metrics::text(MetricsFormat::Kind kind) {
  measure();
  return write_metrics(registry_->Collect(), kind);
}

}  // namespace signet
