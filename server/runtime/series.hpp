#pragma once
// The series of one metric, found by their label values. The rows are given beforehand and stand
// at 0 from then on; a value that no row has counts as "other" where such a row exists and is
// ignored elsewhere, so that what comes from outside never becomes a label.

#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace prometheus {
class Counter;
class Gauge;
class Histogram;
class Registry;
template <typename T>
class Family;
}  // namespace prometheus

namespace signet {

// The value that stands for all that have no row.
inline constexpr std::string_view kOtherLabel = "other";

// Label names, and the value combinations that exist. `a * b` are all combinations of both,
// `a + b` the rows of both under the same names.
struct LabelRows {
  std::vector<std::string> names;
  std::vector<std::vector<std::string>> rows;

  static LabelRows none();
  static LabelRows of(std::string name, std::vector<std::string> values);
};
LabelRows operator*(const LabelRows& left, const LabelRows& right);
LabelRows operator+(const LabelRows& left, const LabelRows& right);

struct MetricName {
  std::string name;
  std::string help;
};

// Looks texts up in a map of strings without making one. Not noexcept, for then the map keeps the
// hash of each key.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>()(text);
  }
};

using LabelValues = std::initializer_list<std::string_view>;

// Whether a row is shown before its first value. A moment that is not known must be absent, for 0
// would read as 1970, and so must what would be too many rows.
enum class Start { zero, absent };

template <typename Metric>
class SeriesTable {
 public:
  SeriesTable(prometheus::Family<Metric>& family, const LabelRows& labels, Start start,
              std::vector<double> buckets = {});

  // nullptr where there is no such row.
  Metric* find(LabelValues values);
  // As find(), and nullptr also where the row is not shown yet.
  const Metric* peek(LabelValues values) const;
  // Exactly these rows from now on, in the order of the names; others are no longer shown.
  void keep(const std::vector<std::vector<std::string>>& rows);
  void for_each(const std::function<void(Metric&)>& visit);
  // Shows no row until it has a value again.
  void hide();

 private:
  // By all values of a row, each ended by a NUL; nullptr: not shown yet.
  using Shown = std::unordered_map<std::string, Metric*, TextHash, std::equal_to<>>;

  typename Shown::const_iterator at(LabelValues values) const;
  Metric& make(std::string_view key);

  prometheus::Family<Metric>* family_;
  std::vector<std::string> names_;
  Start start_;
  std::vector<double> buckets_;
  Shown shown_;
};

class Counters {
 public:
  Counters(prometheus::Registry& registry, const MetricName& name, const LabelRows& labels,
           Start start = Start::zero);
  void add(LabelValues values, double by = 1);
  double value(LabelValues values) const;  // 0 where there is none
  void keep(const std::vector<std::vector<std::string>>& rows) { series_.keep(rows); }

 private:
  SeriesTable<prometheus::Counter> series_;
};

class Gauges {
 public:
  Gauges(prometheus::Registry& registry, const MetricName& name, const LabelRows& labels,
         Start start = Start::zero);
  void set(LabelValues values, double to);
  void add(LabelValues values, double by);
  double value(LabelValues values) const;
  void keep(const std::vector<std::vector<std::string>>& rows) { series_.keep(rows); }
  void set_all(double to);
  // Of moments that are not known any more.
  void clear() { series_.hide(); }

 private:
  SeriesTable<prometheus::Gauge> series_;
};

class Histograms {
 public:
  Histograms(prometheus::Registry& registry, const MetricName& name, const LabelRows& labels,
             std::vector<double> buckets);
  void observe(LabelValues values, double value);
  double count(LabelValues values) const;

 private:
  SeriesTable<prometheus::Histogram> series_;
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

}  // namespace signet
