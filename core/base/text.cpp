#include "core/base/text.hpp"

#include <algorithm>
#include <charconv>

namespace signet {
namespace {

constexpr std::string_view kWhiteSpace = " \t\r\n\v\f";
constexpr std::string_view kHex = "0123456789abcdef";

bool is_plain(char c) {
  return c >= 0x20 && c < 0x7f;
}

std::string escaped(std::string_view text, std::string_view also_escaped) {
  if (also_escaped.empty() && std::all_of(text.begin(), text.end(), is_plain)) {
    return std::string(text);
  }
  std::string safe;
  safe.reserve(text.size());
  for (const char c : text) {
    if (also_escaped.find(c) != std::string_view::npos) {
      safe.push_back('\\');
      safe.push_back(c);
    } else if (is_plain(c)) {
      safe.push_back(c);
    } else {
      const auto octet = static_cast<unsigned char>(c);
      safe.append("\\x");
      safe.push_back(kHex[octet >> 4]);
      safe.push_back(kHex[octet & 0xf]);
    }
  }
  return safe;
}

}  // namespace

std::string join(const std::vector<std::string>& pieces, std::string_view separator) {
  std::string joined;
  for (const std::string& piece : pieces) {
    if (&piece != &pieces.front()) joined.append(separator);
    joined.append(piece);
  }
  return joined;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> pieces;
  while (true) {
    const auto at = text.find(separator);
    pieces.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return pieces;
    text.remove_prefix(at + 1);
  }
}

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(kWhiteSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kWhiteSpace) - first + 1);
}

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}

bool is_hex_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_alnum(char c) {
  return is_lower(c) || is_upper(c) || is_digit(c);
}

std::string to_lower(std::string_view text) {
  std::string lowered(text);
  for (char& c : lowered) {
    if (is_upper(c)) c = static_cast<char>(c - 'A' + 'a');
  }
  return lowered;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && to_lower(a) == to_lower(b);
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, failure] = std::from_chars(text.data(), end, value);
  if (failure != std::errc() || stopped != end) return std::nullopt;
  return value;
}

std::string printable(std::string_view text, std::size_t longest) {
  return shortened(escaped(text, ""), longest);
}

std::string Quoted::operator()(std::string_view text, std::size_t longest) const {
  return cat("\"", shortened(escaped(text, "\"\\"), longest), "\"");
}

std::string shortened(std::string_view text, std::size_t longest) {
  constexpr std::string_view kCut = "...";
  if (text.size() <= longest) return std::string(text);
  if (longest <= kCut.size()) return std::string(text.substr(0, longest));
  const std::size_t kept = longest - kCut.size();
  const std::size_t head = kept - kept / 2;
  return cat(text.substr(0, head), kCut, text.substr(text.size() - kept / 2));
}

}  // namespace signet
