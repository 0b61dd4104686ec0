#include "server/runtime/metrics_format.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "core/base/text.hpp"

namespace signet {
namespace {

// ---- what is asked for

constexpr std::size_t kRanges = 64;
constexpr int kFullQuality = 1000;

struct MediaRange {
  std::string type;
  std::string version;
  bool escaping = false;
  int quality = kFullQuality;  // in thousandths
};

// "0", "1", "0.5": at most three decimals (RFC 9110 12.4.2).
std::optional<int> parse_quality(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return std::nullopt;
  if (text.size() > 1 && text[1] != '.') return std::nullopt;
  int thousandths = (text[0] - '0') * kFullQuality;
  int unit = kFullQuality;
  for (std::size_t i = 2; i < text.size(); ++i) {
    if (!is_digit(text[i])) return std::nullopt;
    unit /= 10;
    thousandths += (text[i] - '0') * unit;
  }
  if (thousandths > kFullQuality) return std::nullopt;
  return thousandths;
}

bool is_media_type(std::string_view text) {
  const auto slash = text.find('/');
  return slash != 0 && slash != std::string_view::npos && slash + 1 < text.size() &&
         text.find('/', slash + 1) == std::string_view::npos &&
         text.find_first_of(" \t\"=,") == std::string_view::npos;
}

std::optional<MediaRange> parse_range(std::string_view text) {
  const auto parts = split(text, ';');
  MediaRange range;
  range.type = to_lower(trim(parts[0]));
  if (!is_media_type(range.type)) return std::nullopt;
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const std::string_view part = trim(parts[i]);
    const auto equals = part.find('=');
    if (equals == 0 || equals == std::string_view::npos) return std::nullopt;
    const std::string name = to_lower(trim(part.substr(0, equals)));
    std::string_view value = trim(part.substr(equals + 1));
    if (value.size() >= 2 && value.starts_with('"') && value.ends_with('"')) {
      value = value.substr(1, value.size() - 2);
    }
    if (name == "version") range.version = value;
    if (name == "escaping") range.escaping = true;
    if (name != "q") continue;
    const auto quality = parse_quality(value);
    if (!quality) return std::nullopt;
    range.quality = *quality;
  }
  return range;
}

// Never a version that was not asked for.
bool is_open_metrics(const MediaRange& range) {
  return range.type == "application/openmetrics-text" &&
         (range.version.empty() || range.version == "1.0.0");
}

// How exactly a range names the text format; 0: it does not.
int text_precision(const MediaRange& range) {
  const bool version = range.version.empty() || range.version == "0.0.4";
  if (range.type == "text/plain" && version) return 3;
  if (range.type == "text/*") return 2;
  return range.type == "*/*" ? 1 : 0;
}

// ---- OpenMetrics

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  std::array<char, 32> digits{};
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::general)
          .ptr;
  return {digits.data(), end};
}

std::string escaped(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    if (c == '\n') {
      safe.append("\\n");
      continue;
    }
    if (c == '\\' || c == '"') safe.push_back('\\');
    safe.push_back(c);
  }
  return safe;
}

using SampleLabels = std::vector<prometheus::ClientMetric::Label>;

class OpenMetricsWriter {
 public:
  std::string write(const std::vector<prometheus::MetricFamily>& families) {
    for (const auto& family : families) {
      if (!family.metric.empty()) write(family);
    }
    text_.append("# EOF\n");
    return std::move(text_);
  }

 private:
  // The name of a family is that of its samples without the suffix of its type.
  void write(const prometheus::MetricFamily& family) {
    const bool info = family.name.ends_with("_info");
    const bool counter = family.type == prometheus::MetricType::Counter;
    const std::size_t suffix = counter ? 6 : (info ? 5 : 0);
    const std::string name = family.name.substr(0, family.name.size() - suffix);
    text_.append(cat("# HELP ", name, " ", escaped(family.help), "\n"));
    text_.append(cat("# TYPE ", name, " ", type_of(family, info), "\n"));
    for (const auto& metric : family.metric) {
      if (counter) sample(family.name, metric.label, number(metric.counter.value));
      if (family.type == prometheus::MetricType::Gauge) {
        sample(family.name, metric.label, number(metric.gauge.value));
      }
      if (family.type == prometheus::MetricType::Histogram) histogram(family.name, metric);
    }
  }

  static std::string_view type_of(const prometheus::MetricFamily& family, bool info) {
    if (family.type == prometheus::MetricType::Counter) return "counter";
    if (family.type == prometheus::MetricType::Histogram) return "histogram";
    return info ? "info" : "gauge";
  }

  void histogram(const std::string& name, const prometheus::ClientMetric& metric) {
    for (const auto& bucket : metric.histogram.bucket) {
      SampleLabels labels = metric.label;
      labels.push_back({"le", bound(bucket.upper_bound)});
      sample(name + "_bucket", labels, std::to_string(bucket.cumulative_count));
    }
    sample(name + "_count", metric.label, std::to_string(metric.histogram.sample_count));
    sample(name + "_sum", metric.label, number(metric.histogram.sample_sum));
  }

  // A bound is always written as a floating-point number (OpenMetrics 1.0.0, "le").
  static std::string bound(double value) {
    std::string text = number(value);
    if (text.find_first_of(".eI") == std::string::npos) text.append(".0");
    return text;
  }

  void sample(std::string_view name, const SampleLabels& labels, std::string_view value) {
    text_.append(name);
    char before = '{';
    for (const auto& label : labels) {
      text_.push_back(before);
      text_.append(cat(label.name, "=\"", escaped(label.value), "\""));
      before = ',';
    }
    if (!labels.empty()) text_.push_back('}');
    text_.append(cat(" ", value, "\n"));
  }

  std::string text_;
};

}  // namespace

std::string MetricsFormat::content_type() const {
  if (kind == Kind::text) return "text/plain; version=0.0.4; charset=utf-8";
  return cat("application/openmetrics-text; version=1.0.0; charset=utf-8",
             told_escaping ? "; escaping=underscores" : "");
}

MetricsFormat format_for(std::string_view accept) {
  const auto ranges = split(accept, ',');
  if (trim(accept).empty() || ranges.size() > kRanges) return {};
  MediaRange open_metrics;
  open_metrics.quality = 0;
  int text_quality = 0;
  int precision = 0;
  for (const std::string_view one : ranges) {
    auto range = parse_range(one);
    if (!range) return {};
    if (is_open_metrics(*range) && range->quality > open_metrics.quality) open_metrics = *range;
    if (text_precision(*range) <= precision) continue;
    precision = text_precision(*range);
    text_quality = range->quality;
  }
  if (open_metrics.quality > 0 && open_metrics.quality >= text_quality) {
    return {MetricsFormat::Kind::open_metrics, open_metrics.escaping};
  }
  return {};
}

std::string write_metrics(const std::vector<prometheus::MetricFamily>& families,
                          MetricsFormat::Kind kind) {
  if (kind == MetricsFormat::Kind::open_metrics) return OpenMetricsWriter().write(families);
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace signet
