#include "server/runtime/duration.hpp"

#include "core/base/text.hpp"

namespace signet {
namespace {

constexpr double kLongestMs = 400.0 * 24 * 3600 * 1000;
constexpr std::size_t kLongestText = 32;

// The milliseconds of one unit; 0 where `text` starts with none. Removes the unit.
double take_unit(std::string_view& text) {
  struct Unit {
    std::string_view name;
    double ms;
  };
  // "ms" before "m": the longer name wins.
  constexpr Unit kUnits[] = {{"ms", 1}, {"h", 3600000}, {"m", 60000}, {"s", 1000}};
  for (const Unit& unit : kUnits) {
    if (!text.starts_with(unit.name)) continue;
    text.remove_prefix(unit.name.size());
    return unit.ms;
  }
  return 0;
}

// Digits with an optional fraction; nothing where there is no digit. Removes them.
std::optional<double> take_number(std::string_view& text) {
  double value = 0;
  double scale = 0;  // of the next digit of the fraction; 0: before the point
  std::size_t digits = 0;
  while (!text.empty()) {
    const char c = text.front();
    if (c == '.' && scale == 0 && digits > 0) {
      scale = 0.1;
      digits = 0;
    } else if (is_digit(c)) {
      value = scale == 0 ? value * 10 + (c - '0') : value + (c - '0') * scale;
      scale /= 10;
      ++digits;
    } else {
      break;
    }
    text.remove_prefix(1);
  }
  if (digits == 0) return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  if (text.empty() || text.size() > kLongestText) return std::nullopt;
  double total = 0;
  while (!text.empty()) {
    const auto number = take_number(text);
    if (!number) return std::nullopt;
    const double unit = take_unit(text);
    if (unit == 0) return std::nullopt;
    total += *number * unit;
    if (total > kLongestMs) return std::nullopt;
  }
  return std::chrono::milliseconds(static_cast<std::int64_t>(total + 0.5));
}

std::string format_duration(std::chrono::milliseconds span) {
  if (span.count() % 1000 == 0) return std::to_string(span.count() / 1000) + "s";
  return std::to_string(span.count()) + "ms";
}

}  // namespace signet
