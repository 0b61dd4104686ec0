#include "server/runtime/series.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <bit>
#include <type_traits>
#include <unordered_set>

namespace signet {
namespace {

template <typename Texts>
std::string key_of(const Texts& values) {
  std::string key;
  for (const std::string_view value : values) {
    key.append(value);
    key.push_back('\0');
  }
  return key;
}

// The same for a look-up, without a piece of memory of its own; nothing where it is longer than
// any row of ours need be.
class Key {
 public:
  explicit Key(LabelValues values) {
    for (const std::string_view value : values) {
      if (value.size() >= bytes_.size() - size_) {
        size_ = npos;
        return;
      }
      size_ += value.copy(bytes_.data() + size_, value.size());
      bytes_[size_++] = '\0';
    }
  }

  bool fits() const { return size_ != npos; }
  std::string_view text() const { return {bytes_.data(), size_}; }

 private:
  static constexpr std::size_t npos = static_cast<std::size_t>(-1);

  std::array<char, 512> bytes_;
  std::size_t size_ = 0;
};

std::vector<std::string_view> with_others(LabelValues values, unsigned mask) {
  std::vector<std::string_view> replaced(values);
  for (std::size_t i = 0; i < replaced.size(); ++i) {
    if ((mask >> i & 1U) != 0) replaced[i] = kOtherLabel;
  }
  return replaced;
}

}  // namespace

LabelRows LabelRows::none() {
  return {{}, {{}}};
}

LabelRows LabelRows::of(std::string name, std::vector<std::string> values) {
  LabelRows labels{{std::move(name)}, {}};
  for (std::string& value : values)
    labels.rows.push_back({std::move(value)});
  return labels;
}

LabelRows operator*(const LabelRows& left, const LabelRows& right) {
  LabelRows product{left.names, {}};
  product.names.insert(product.names.end(), right.names.begin(), right.names.end());
  for (const auto& one : left.rows) {
    for (const auto& two : right.rows) {
      product.rows.push_back(one);
      product.rows.back().insert(product.rows.back().end(), two.begin(), two.end());
    }
  }
  return product;
}

LabelRows operator+(const LabelRows& left, const LabelRows& right) {
  LabelRows sum = left;
  sum.rows.insert(sum.rows.end(), right.rows.begin(), right.rows.end());
  return sum;
}

template <typename Metric>
SeriesTable<Metric>::SeriesTable(prometheus::Family<Metric>& family, const LabelRows& labels,
                                 Start start, std::vector<double> buckets)
    : family_(&family), names_(labels.names), start_(start), buckets_(std::move(buckets)) {
  keep(labels.rows);
}

template <typename Metric>
Metric* SeriesTable<Metric>::find(LabelValues values) {
  const auto found = at(values);
  if (found == shown_.end()) return nullptr;
  if (found->second != nullptr) return found->second;
  return shown_.find(found->first)->second = &make(found->first);
}

template <typename Metric>
const Metric* SeriesTable<Metric>::peek(LabelValues values) const {
  const auto found = at(values);
  return found == shown_.end() ? nullptr : found->second;
}

// The row of these values, or the one with "other" in as few places as possible.
template <typename Metric>
typename SeriesTable<Metric>::Shown::const_iterator SeriesTable<Metric>::at(
    LabelValues values) const {
  if (values.size() != names_.size()) return shown_.end();
  const Key key(values);
  const auto exact = key.fits() ? shown_.find(key.text()) : shown_.find(key_of(values));
  if (exact != shown_.end()) return exact;
  const unsigned masks = 1U << values.size();
  for (int places = 1; places <= static_cast<int>(values.size()); ++places) {
    for (unsigned mask = 1; mask < masks; ++mask) {
      if (std::popcount(mask) != places) continue;
      const auto found = shown_.find(key_of(with_others(values, mask)));
      if (found != shown_.end()) return found;
    }
  }
  return shown_.end();
}

template <typename Metric>
void SeriesTable<Metric>::keep(const std::vector<std::vector<std::string>>& rows) {
  std::unordered_set<std::string> kept;
  for (const auto& row : rows) {
    std::string key = key_of(row);
    if (!shown_.contains(key)) {
      shown_.emplace(key, start_ == Start::absent ? nullptr : &make(key));
    }
    kept.insert(std::move(key));
  }
  std::erase_if(shown_, [&](const auto& series) {
    if (kept.contains(series.first)) return false;
    if (series.second != nullptr) family_->Remove(series.second);
    return true;
  });
}

template <typename Metric>
void SeriesTable<Metric>::for_each(const std::function<void(Metric&)>& visit) {
  for (const auto& [key, metric] : shown_) {
    if (metric != nullptr) visit(*metric);
  }
}

template <typename Metric>
void SeriesTable<Metric>::hide() {
  for (auto& [key, metric] : shown_) {
    if (metric != nullptr) family_->Remove(std::exchange(metric, nullptr));
  }
}

template <typename Metric>
Metric& SeriesTable<Metric>::make(std::string_view key) {
  prometheus::Labels labels;
  for (const std::string& name : names_) {
    const std::size_t end = key.find('\0');
    labels.emplace(name, key.substr(0, end));
    key.remove_prefix(end + 1);
  }
  if constexpr (std::is_same_v<Metric, prometheus::Histogram>) {
    return family_->Add(labels, buckets_);
  } else {
    return family_->Add(labels);
  }
}

template class SeriesTable<prometheus::Counter>;
template class SeriesTable<prometheus::Gauge>;
template class SeriesTable<prometheus::Histogram>;

// A family of a name that exists is shared, so that its parts may have different rows.

Counters::Counters(prometheus::Registry& registry, const MetricName& name, const LabelRows& labels,
                   Start start)
    : series_(prometheus::BuildCounter().Name(name.name).Help(name.help).Register(registry), labels,
              start) {}

void Counters::add(LabelValues values, double by) {
  if (prometheus::Counter* counter = series_.find(values)) counter->Increment(by);
}

double Counters::value(LabelValues values) const {
  const prometheus::Counter* counter = series_.peek(values);
  return counter == nullptr ? 0 : counter->Value();
}

Gauges::Gauges(prometheus::Registry& registry, const MetricName& name, const LabelRows& labels,
               Start start)
    : series_(prometheus::BuildGauge().Name(name.name).Help(name.help).Register(registry), labels,
              start) {}

void Gauges::set(LabelValues values, double to) {
  if (prometheus::Gauge* gauge = series_.find(values)) gauge->Set(to);
}

void Gauges::add(LabelValues values, double by) {
  if (prometheus::Gauge* gauge = series_.find(values)) gauge->Increment(by);
}

double Gauges::value(LabelValues values) const {
  const prometheus::Gauge* gauge = series_.peek(values);
  return gauge == nullptr ? 0 : gauge->Value();
}

void Gauges::set_all(double to) {
  series_.for_each([to](prometheus::Gauge& gauge) { gauge.Set(to); });
}

Histograms::Histograms(prometheus::Registry& registry, const MetricName& name,
                       const LabelRows& labels, std::vector<double> buckets)
    : series_(prometheus::BuildHistogram().Name(name.name).Help(name.help).Register(registry),
              labels, Start::zero, std::move(buckets)) {}

void Histograms::observe(LabelValues values, double value) {
  if (prometheus::Histogram* histogram = series_.find(values)) histogram->Observe(value);
}

double Histograms::count(LabelValues values) const {
  const prometheus::Histogram* histogram = series_.peek(values);
  if (histogram == nullptr) return 0;
  return static_cast<double>(histogram->Collect().histogram.sample_count);
}

GaugeHold::GaugeHold(Gauges& gauges, std::string_view value) : gauges_(gauges), value_(value) {
  gauges_.add({value_}, 1);
}

GaugeHold::~GaugeHold() {
  gauges_.add({value_}, -1);
}

}  // namespace signet
