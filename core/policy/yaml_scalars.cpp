#include "core/policy/yaml_scalars.hpp"

#include <algorithm>
#include <array>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"

namespace signet {
namespace {

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

std::string_view without_sign(std::string_view text) {
  return text.starts_with('-') || text.starts_with('+') ? text.substr(1) : text;
}

// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?   (YAML 1.2.2, 10.3.2)
bool is_float(std::string_view text) {
  text = without_sign(text);
  if (const auto at = text.find_first_of("eE"); at != std::string_view::npos) {
    if (!all_digits(without_sign(text.substr(at + 1)))) return false;
    text = text.substr(0, at);
  }
  const auto point = text.find('.');
  if (point == std::string_view::npos) return all_digits(text);
  const std::string_view whole = text.substr(0, point);
  const std::string_view fraction = text.substr(point + 1);
  if (whole.empty()) return all_digits(fraction);
  return all_digits(whole) && (fraction.empty() || all_digits(fraction));
}

bool is_number(std::string_view text) {
  if (text.starts_with("0x") || text.starts_with("0o")) {
    return text.size() > 2 && std::all_of(text.begin() + 2, text.end(), is_alnum);
  }
  return is_float(text) ||
         is_one_of(without_sign(text), {".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"});
}

// How many bytes the UTF-8 character at the front has; 0 where there is none (RFC 3629 4).
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  const unsigned char second = byte(1);
  const bool overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
  const bool surrogate = first == 0xed && second > 0x9f;
  const bool too_high = first == 0xf4 && second > 0x8f;
  return overlong || surrogate || too_high ? 0 : length;
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7f;
}

bool has_byte_order_mark(std::string_view text) {
  constexpr std::array<std::string_view, 3> kMarks = {"\xef\xbb\xbf", "\xfe\xff", "\xff\xfe"};
  return std::any_of(kMarks.begin(), kMarks.end(),
                     [&](std::string_view mark) { return text.starts_with(mark); });
}

}  // namespace

std::optional<YamlProblem> problem_of_encoding(std::string_view text) {
  if (text.size() > kPolicyFileBytes) {
    return YamlProblem{
        {},
        "",
        cat("the file is longer than ", std::to_string(kPolicyFileBytes), " bytes; split it")};
  }
  if (has_byte_order_mark(text)) {
    return YamlProblem{{1, 1},
                       "",
                       "the file begins with a byte order mark; save it as UTF-8 "
                       "without one"};
  }
  YamlPlace at{1, 1};
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) return YamlProblem{at, "", "this is not UTF-8; save the file as UTF-8"};
    if (is_control(text.front())) {
      return YamlProblem{
          at, "",
          cat("a control character (", printable(text.substr(0, 1)), ") has no place here")};
    }
    at = text.front() == '\n' ? YamlPlace{at.line + 1, 1}
                              : YamlPlace{at.line, at.column + static_cast<int>(length)};
    text.remove_prefix(length);
  }
  return std::nullopt;
}

YamlNode::Kind kind_of_plain(std::string_view text) {
  if (is_one_of(text, {"", "~", "null", "Null", "NULL"})) return YamlNode::Kind::null;
  if (is_one_of(text, {"true", "True", "TRUE", "false", "False", "FALSE"})) {
    return YamlNode::Kind::boolean;
  }
  return is_number(text) ? YamlNode::Kind::number : YamlNode::Kind::string;
}

}  // namespace signet
