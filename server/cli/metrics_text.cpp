#include "server/cli/metrics_text.hpp"

#include <charconv>

#include "core/base/text.hpp"

namespace signet {
namespace {

bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':';
}

// Takes a name from the front; whether there was one.
bool take_name(std::string_view& rest) {
  if (rest.empty() || !begins_name(rest.front())) return false;
  while (!rest.empty() && (begins_name(rest.front()) || is_digit(rest.front())))
    rest.remove_prefix(1);
  return true;
}

bool take(std::string_view& rest, char c) {
  if (rest.empty() || rest.front() != c) return false;
  rest.remove_prefix(1);
  return true;
}

// A text in quotes, with \\, \" and \n.
bool take_text(std::string_view& rest) {
  if (!take(rest, '"')) return false;
  while (!rest.empty() && rest.front() != '"') {
    if (take(rest, '\\') && !take(rest, '\\') && !take(rest, 'n')) {
      if (!take(rest, '"')) return false;
    } else if (!rest.empty() && rest.front() != '"' && rest.front() != '\\') {
      rest.remove_prefix(1);
    }
  }
  return take(rest, '"');
}

bool take_labels(std::string_view& rest) {
  if (!take(rest, '{')) return true;
  while (!take(rest, '}')) {
    if (!take_name(rest) || !take(rest, '=') || !take_text(rest)) return false;
    if (!take(rest, ',') && !rest.starts_with('}')) return false;
  }
  return true;
}

bool is_value(std::string_view text) {
  if (text == "+Inf" || text == "-Inf" || text == "NaN") return true;
  double value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  return failure == std::errc() && end == text.data() + text.size();
}

// name{label="value"} 1.5 [milliseconds]
bool is_sample(std::string_view line) {
  if (!take_name(line) || !take_labels(line) || !take(line, ' ')) return false;
  const std::size_t blank = line.find(' ');
  if (!is_value(line.substr(0, blank))) return false;
  return blank == std::string_view::npos || is_value(line.substr(blank + 1));
}

}  // namespace

Result<std::size_t> count_samples(std::string_view text) {
  std::size_t samples = 0;
  std::size_t number = 0;
  for (const std::string_view line : split(text, '\n')) {
    ++number;
    if (line.empty() || line.front() == '#') continue;
    if (!is_sample(line)) {
      return Error(Reason::malformed_object,
                   cat("line ", std::to_string(number), " is no sample: ", printable(line, 80)));
    }
    ++samples;
  }
  return samples;
}

}  // namespace signet
