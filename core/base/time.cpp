#include "core/base/time.hpp"

#include <array>
#include <cstdio>

#include "core/base/text.hpp"

namespace signet {
namespace {

// `count` digits at `at`, or -1.
int digits(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return -1;
  int value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (!is_digit(text[i])) return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

// Seconds east of UTC that a zone stands for.
std::optional<int> zone_offset(std::string_view zone) {
  if (zone == "Z" || zone == "z") return 0;
  if (zone.size() != 6 || (zone[0] != '+' && zone[0] != '-') || zone[3] != ':') return std::nullopt;
  const int hours = digits(zone, 1, 2);
  const int minutes = digits(zone, 4, 2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
  const int seconds = hours * 3600 + minutes * 60;
  return zone[0] == '-' ? -seconds : seconds;
}

bool has_date_shape(std::string_view text) {
  return text.size() >= 20 && text[4] == '-' && text[7] == '-' &&
         (text[10] == 'T' || text[10] == 't') && text[13] == ':' && text[16] == ':';
}

}  // namespace

std::optional<TimePoint> make_time(int year, int month, int day, int hour, int minute, int second) {
  using namespace std::chrono;
  const auto date = std::chrono::year(year) / month / day;
  if (!date.ok() || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
      second > 59) {
    return std::nullopt;
  }
  return sys_days(date) + hours(hour) + minutes(minute) + seconds(second);
}

Result<TimePoint> parse_time(std::string_view text) {
  const auto bad = [&] {
    return malformed(cat(quoted(text, 64), " is not a time such as 2026-01-31T10:00:00Z"));
  };
  if (!has_date_shape(text)) return bad();
  std::size_t zone_at = 19;
  if (text[zone_at] == '.') {
    do {
      ++zone_at;
    } while (zone_at < text.size() && is_digit(text[zone_at]));
    if (zone_at == 20) return bad();
  }
  const int year = digits(text, 0, 4);
  if (year < 0) return bad();  // to the calendar, -1 is a year like any other
  const auto offset = zone_offset(text.substr(zone_at));
  const auto local = make_time(year, digits(text, 5, 2), digits(text, 8, 2), digits(text, 11, 2),
                               digits(text, 14, 2), digits(text, 17, 2));
  if (!offset || !local) return bad();
  return *local - std::chrono::seconds(*offset);
}

std::string format_time(TimePoint at) {
  using namespace std::chrono;
  const auto day = floor<days>(at);
  const year_month_day date(day);
  const hh_mm_ss clock(at - day);
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ", int(date.year()),
                unsigned(date.month()), unsigned(date.day()), int(clock.hours().count()),
                int(clock.minutes().count()), int(clock.seconds().count()));
  return text.data();
}

std::string format_micro_time(TimePoint at) {
  std::string text = format_time(at);
  text.insert(text.size() - 1, ".000000");
  return text;
}

}  // namespace signet
