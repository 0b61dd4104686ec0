#pragma once
// Small text functions without locale. Whatever comes from outside goes through printable() before
// it reaches a person.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signet {

// The pieces joined into one string with a single allocation.
template <class... Pieces>
std::string cat(const Pieces&... pieces) {
  std::string joined;
  joined.reserve((std::string_view(pieces).size() + ... + 0));
  (joined.append(std::string_view(pieces)), ...);
  return joined;
}

std::string join(const std::vector<std::string>& pieces, std::string_view separator);
std::vector<std::string_view> split(std::string_view text, char separator);
// Without ASCII white space at either end.
std::string_view trim(std::string_view text);

bool is_lower(char c);
bool is_upper(char c);
bool is_digit(char c);
bool is_hex_digit(char c);
bool is_alnum(char c);
std::string to_lower(std::string_view text);
bool equals_ignoring_case(std::string_view a, std::string_view b);

// Decimal digits only, the whole text, no sign, no leading zero; nothing if it does not fit.
std::optional<std::uint64_t> parse_number(std::string_view text);

// Text of unknown origin made safe for a message: printable ASCII as it is, the rest as \xNN, and
// "..." in the middle where it is longer than `longest`.
std::string printable(std::string_view text, std::size_t longest = 256);
// The same in double quotes, with quotes and backslashes escaped. An object, so that a call with a
// std::string does not find std::quoted as well.
struct Quoted {
  std::string operator()(std::string_view text, std::size_t longest = 256) const;
};
inline constexpr Quoted quoted;
// A text cut in its middle to at most `longest` characters, "..." where it was cut.
std::string shortened(std::string_view text, std::size_t longest);

}  // namespace signet
