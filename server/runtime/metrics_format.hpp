#pragma once
// How metrics are written: the text format 0.0.4 that every scraper reads, and OpenMetrics 1.0.0
// for those that ask for it (webhook.md I.2).

#include <string>
#include <string_view>
#include <vector>

namespace prometheus {
struct MetricFamily;
}

namespace signet {

struct MetricsFormat {
  enum class Kind { text, open_metrics } kind = Kind::text;
  bool told_escaping = false;  // the scraper asks for a way of escaping names, and is told ours

  std::string content_type() const;
  friend bool operator==(const MetricsFormat&, const MetricsFormat&) = default;
};

// What an Accept header wants most of what there is; the text format where it is absent, malformed
// or wants nothing that there is.
MetricsFormat format_for(std::string_view accept);

std::string write_metrics(const std::vector<prometheus::MetricFamily>& families,
                          MetricsFormat::Kind kind);

}  // namespace signet
