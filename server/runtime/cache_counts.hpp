#pragma once
// What one cache tells the operators; nothing where there are no metrics (the command-line tool).

#include <string_view>

#include "server/runtime/metrics.hpp"

namespace signet {

class CacheCounts {
 public:
  CacheCounts(RegistryMetrics* metrics, std::string_view cache)
      : metrics_(metrics), cache_(cache) {}

  void count_in(RegistryMetrics& metrics) { metrics_ = &metrics; }

  // result: hit, miss, negative_hit, coalesced, stale.
  void asked(std::string_view result) {
    if (metrics_ != nullptr) metrics_->cache_requests.add({cache_, result});
  }

  // After every change; `bytes` where the cache is bounded by them.
  void holds(std::size_t entries, std::size_t bytes, std::size_t evictions) {
    if (metrics_ == nullptr) return;
    metrics_->cache_entries.set({cache_}, static_cast<double>(entries));
    metrics_->cache_size_bytes.set({cache_}, static_cast<double>(bytes));
    if (evictions > evictions_) {
      metrics_->cache_evictions.add({cache_, "size"}, static_cast<double>(evictions - evictions_));
    }
    evictions_ = evictions;
  }

 private:
  RegistryMetrics* metrics_;
  std::string_view cache_;
  std::size_t evictions_ = 0;
};

}  // namespace signet
