#include "core/base/bytes.hpp"

#include <array>
#include <cstdint>

namespace signet {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kStandard =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr unsigned char kNone = 0xff;

constexpr std::array<unsigned char, 256> alphabet(char plus, char slash) {
  std::array<unsigned char, 256> values{};
  values.fill(kNone);
  for (std::size_t i = 0; i < 62; ++i) {
    values[static_cast<unsigned char>(kStandard[i])] = static_cast<unsigned char>(i);
  }
  values[static_cast<unsigned char>(plus)] = 62;
  values[static_cast<unsigned char>(slash)] = 63;
  return values;
}

constexpr auto kStandardValues = alphabet('+', '/');
constexpr auto kUrlValues = alphabet('-', '_');

int hex_value(char c) {
  const auto at = kHexDigits.find(c);
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

std::string without_line_ends(std::string_view text) {
  std::string kept;
  kept.reserve(text.size());
  for (const char c : text) {
    if (c != '\r' && c != '\n') kept.push_back(c);
  }
  return kept;
}

// `digits` holds no padding and not 1 modulo 4 characters.
Result<Blob> decode(std::string_view digits, const std::array<unsigned char, 256>& values) {
  Blob decoded;
  decoded.reserve(digits.size() * 3 / 4);
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : digits) {
    const unsigned char value = values[static_cast<unsigned char>(c)];
    if (value == kNone) return malformed("a character outside the base64 alphabet");
    bits = (bits << 6) | value;
    held += 6;
    if (held >= 8) {
      held -= 8;
      decoded.push_back(static_cast<char>((bits >> held) & 0xff));
    }
  }
  return decoded;
}

}  // namespace

std::string hex(Bytes bytes) {
  std::string text(bytes.size() * 2, '\0');
  char* digit = text.data();
  for (const char c : bytes) {
    const auto octet = static_cast<unsigned char>(c);
    *digit++ = kHexDigits[octet >> 4];
    *digit++ = kHexDigits[octet & 0xf];
  }
  return text;
}

Result<Blob> unhex(std::string_view text) {
  if (text.size() % 2 != 0) return malformed("an odd number of hex digits");
  Blob decoded;
  decoded.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return malformed("not lower-case hex");
    decoded.push_back(static_cast<char>(high * 16 + low));
  }
  return decoded;
}

std::string base64(Bytes bytes) {
  std::string text((bytes.size() + 2) / 3 * 4, '=');
  const auto octet = [bytes](std::size_t i) {
    return i < bytes.size() ? static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i])) : 0u;
  };
  char* digit = text.data();
  for (std::size_t i = 0; i < bytes.size(); i += 3, digit += 4) {
    const std::uint32_t group = octet(i) << 16 | octet(i + 1) << 8 | octet(i + 2);
    digit[0] = kStandard[group >> 18];
    digit[1] = kStandard[(group >> 12) & 0x3f];
    if (i + 1 < bytes.size()) digit[2] = kStandard[(group >> 6) & 0x3f];
    if (i + 2 < bytes.size()) digit[3] = kStandard[group & 0x3f];
  }
  return text;
}

Result<Blob> unbase64(std::string_view text, Base64 variant) {
  if (variant == Base64::with_lines && text.find_first_of("\r\n") != std::string_view::npos) {
    return unbase64(without_line_ends(text), Base64::standard);
  }
  const bool padding_required = variant != Base64::any;
  const std::size_t end = text.find_last_not_of('=') + 1;
  const std::size_t padding = text.size() - end;
  const std::string_view digits = text.substr(0, end);
  if (padding > 2 || digits.size() % 4 == 1) return malformed("base64 of a wrong length");
  if ((padding > 0 || padding_required) && text.size() % 4 != 0) {
    return malformed("base64 without its padding");
  }
  const bool url = variant == Base64::any && digits.find_first_of("-_") != std::string_view::npos;
  return decode(digits, url ? kUrlValues : kStandardValues);
}

}  // namespace signet
