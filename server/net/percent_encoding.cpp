#include "server/net/percent_encoding.hpp"

#include "core/base/text.hpp"

namespace signet {

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string encoded;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (is_alnum(c) || std::string_view("-._~").find(c) != std::string_view::npos) {
      encoded += c;
    } else {
      encoded += '%';
      encoded += kHex[octet >> 4];
      encoded += kHex[octet & 0xf];
    }
  }
  return encoded;
}

}  // namespace signet
