#include "server/runtime/metrics.hpp"

#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

namespace signet {

MetricsRegistry::MetricsRegistry() : registry_(std::make_unique<prometheus::Registry>()) {}

MetricsRegistry::~MetricsRegistry() = default;

std::string Metrics::text() const {
  return prometheus::TextSerializer().Serialize(registry_->Collect());
}

}  // namespace signet
