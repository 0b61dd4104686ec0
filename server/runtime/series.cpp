#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <algorithm>

#include "server/runtime/metrics.hpp"

namespace signet {
namespace {

prometheus::Labels labels_of(const LabelledSeries& series, std::size_t index) {
  const auto values = series.at(index);
  return {values.begin(), values.end()};
}

}  // namespace

std::size_t LabelledSeries::index_of(std::initializer_list<std::string_view> values) const {
  std::size_t index = 0;
  auto value = values.begin();
  for (const LabelSet& label : labels_) {
    if (value == values.end()) return npos;
    const auto& known = label.values;
    auto at = std::find(known.begin(), known.end(), *value++);
    if (at == known.end()) at = std::find(known.begin(), known.end(), "other");
    if (at == known.end()) return npos;
    index = index * known.size() + static_cast<std::size_t>(at - known.begin());
  }
  return index;
}

std::size_t LabelledSeries::size() const {
  std::size_t size = 1;
  for (const LabelSet& label : labels_)
    size *= label.values.size();
  return size;
}

std::vector<std::pair<std::string, std::string>> LabelledSeries::at(std::size_t index) const {
  std::vector<std::pair<std::string, std::string>> values;
  for (auto label = labels_.rbegin(); label != labels_.rend(); ++label) {
    values.emplace_back(label->name, label->values[index % label->values.size()]);
    index /= label->values.size();
  }
  return values;
}

Counters::Counters(prometheus::Registry& registry, const MetricName& name,
                   std::vector<LabelSet> labels)
    : series_(std::move(labels)) {
  // A family of that name is shared, so that its parts may have different label values.
  auto& family = prometheus::BuildCounter().Name(name.name).Help(name.help).Register(registry);
  for (std::size_t i = 0; i < series_.size(); ++i) {
    counters_.push_back(&family.Add(labels_of(series_, i)));
  }
}

void Counters::add(std::initializer_list<std::string_view> values, double by) {
  const std::size_t index = series_.index_of(values);
  if (index != LabelledSeries::npos) counters_[index]->Increment(by);
}

double Counters::value(std::initializer_list<std::string_view> values) const {
  const std::size_t index = series_.index_of(values);
  return index == LabelledSeries::npos ? 0 : counters_[index]->Value();
}

Gauges::Gauges(prometheus::Registry& registry, const MetricName& name, std::vector<LabelSet> labels)
    : series_(std::move(labels)) {
  auto& family = prometheus::BuildGauge().Name(name.name).Help(name.help).Register(registry);
  for (std::size_t i = 0; i < series_.size(); ++i) {
    gauges_.push_back(&family.Add(labels_of(series_, i)));
  }
}

void Gauges::set(std::initializer_list<std::string_view> values, double to) {
  const std::size_t index = series_.index_of(values);
  if (index != LabelledSeries::npos) gauges_[index]->Set(to);
}

void Gauges::add(std::initializer_list<std::string_view> values, double by) {
  const std::size_t index = series_.index_of(values);
  if (index != LabelledSeries::npos) gauges_[index]->Increment(by);
}

double Gauges::value(std::initializer_list<std::string_view> values) const {
  const std::size_t index = series_.index_of(values);
  return index == LabelledSeries::npos ? 0 : gauges_[index]->Value();
}

GaugeHold::GaugeHold(Gauges& gauges, std::string_view value) : gauges_(gauges), value_(value) {
  gauges_.add({value_}, 1);
}

GaugeHold::~GaugeHold() {
  gauges_.add({value_}, -1);
}

}  // namespace signet
