#pragma once
// Every metric of the program as a member (webhook.md I). Label sets are closed and every series
// stands at 0 from the start; a value from outside never becomes a label.

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.hpp"

namespace prometheus {
class Counter;
class Gauge;
class Registry;
}  // namespace prometheus

namespace signet {

struct LabelSet {
  std::string name;
  std::vector<std::string> values;  // with "other", unless every value is ours
};

// One series for each combination of values.
class LabelledSeries {
 public:
  explicit LabelledSeries(std::vector<LabelSet> labels) : labels_(std::move(labels)) {}

  // Where these values stand; an unknown value is "other". npos where the set has no "other".
  std::size_t index_of(std::initializer_list<std::string_view> values) const;
  std::size_t size() const;
  // The values of one index, by label name.
  std::vector<std::pair<std::string, std::string>> at(std::size_t index) const;

  static constexpr std::size_t npos = static_cast<std::size_t>(-1);

 private:
  std::vector<LabelSet> labels_;
};

struct MetricName {
  std::string name;
  std::string help;
};

class Counters {
 public:
  Counters(prometheus::Registry& registry, const MetricName& name, std::vector<LabelSet> labels);
  void add(std::initializer_list<std::string_view> values, double by = 1);
  double value(std::initializer_list<std::string_view> values) const;  // 0 where there is none

 private:
  LabelledSeries series_;
  std::vector<prometheus::Counter*> counters_;
};

class Gauges {
 public:
  Gauges(prometheus::Registry& registry, const MetricName& name, std::vector<LabelSet> labels);
  void set(std::initializer_list<std::string_view> values, double to);
  void add(std::initializer_list<std::string_view> values, double by);
  double value(std::initializer_list<std::string_view> values) const;

 private:
  LabelledSeries series_;
  std::vector<prometheus::Gauge*> gauges_;
};

// +1 while it lives.
class GaugeHold {
 public:
  GaugeHold(Gauges& gauges, std::string_view value);
  ~GaugeHold();
  GaugeHold(const GaugeHold&) = delete;
  GaugeHold& operator=(const GaugeHold&) = delete;

 private:
  Gauges& gauges_;
  std::string value_;
};

class Metrics {
  // First, so that it outlives what refers to it.
  std::unique_ptr<prometheus::Registry> registry_;

 public:
  explicit Metrics(TimePoint started);
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  // The exposition format, text version 0.0.4.
  std::string text() const;

  // hook, resource, operation, decision; the hooks of pods and of workloads know other resources.
  Counters pod_requests;
  Counters workload_requests;
  Gauges in_flight;              // hook
  Counters deadline_exceeded;    // hook
  Counters malformed;            // reason
  Counters shed;                 // reason
  Counters dry_runs;             // hook
  Counters verdicts_pass;        // outcome, reason, mode
  Counters verdicts_fail;        // outcome, reason, mode
  Counters verdicts_unknown;     // outcome, reason, mode
  Counters images_skipped;       // reason
  Counters unpinned_images;      // action
  Counters mutations;            // result
  Counters admission_responses;  // listener, path, code
  Counters health_responses;     // listener, path, code
  Counters metrics_responses;    // listener, path, code
  Gauges connections;            // listener
  Counters tls_handshakes;       // result
  Counters tls_reloads;          // usage, result
  Gauges tls_not_after;          // usage
  Gauges draining;

  // One image under one policy (mode "none": no policy was asked).
  void count_verdict(std::string_view reason, std::string_view mode);
};

}  // namespace signet
