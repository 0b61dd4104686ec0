#pragma once
// A SHA-256 content digest, the only name of an image that this service trusts.

#include <array>
#include <compare>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace signet {

class Digest {
 public:
  // Accepts exactly "sha256:" and 64 lower-case hex digits; "sha512:" is refused by name.
  static Result<Digest> parse(std::string_view text);
  static Digest of(Bytes content);

  std::string str() const;       // sha256:<hex>
  std::string hex_part() const;  // <hex>

  friend auto operator<=>(const Digest&, const Digest&) = default;

 private:
  using Octets = std::array<unsigned char, 32>;
  explicit Digest(const Octets& octets) : octets_(octets) {}

  Octets octets_;
};

}  // namespace signet
