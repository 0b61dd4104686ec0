#include "core/crypto/digest.hpp"

#include <algorithm>
#include <stdexcept>

#include "core/base/text.hpp"
#include "core/crypto/openssl.hpp"

namespace signet {
namespace {

constexpr std::string_view kPrefix = "sha256:";

// Fetched once: a look-up by name costs more than hashing a manifest.
const EVP_MD* sha256() {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return algorithm;
}

}  // namespace

Result<Digest> Digest::parse(std::string_view text) {
  const auto bad = [&](std::string_view why) {
    return Error(Reason::invalid_reference, cat("digest ", quoted(text, 96), ": ", why));
  };
  if (text.starts_with("sha512:")) {
    return bad("sha512 digests are not supported; refer to the image by its sha256 digest");
  }
  if (!text.starts_with(kPrefix)) return bad("a digest begins with sha256:");
  const std::string_view digits = text.substr(kPrefix.size());
  Octets octets{};
  if (digits.size() != octets.size() * 2) return bad("sha256: is followed by 64 hex digits");
  const auto decoded = unhex(digits);
  if (!decoded) return bad("the digits are lower-case hex");
  std::copy(decoded->begin(), decoded->end(), octets.begin());
  return Digest(octets);
}

Digest Digest::of(Bytes content) {
  Octets octets{};
  unsigned int size = 0;
  if (EVP_Digest(content.data(), content.size(), octets.data(), &size, sha256(), nullptr) != 1 ||
      size != octets.size()) {
    throw std::runtime_error("SHA-256 is not available");
  }
  return Digest(octets);
}

std::string Digest::str() const {
  return cat(kPrefix, hex_part());
}

std::string Digest::hex_part() const {
  return hex({reinterpret_cast<const char*>(octets_.data()), octets_.size()});
}

}  // namespace signet
