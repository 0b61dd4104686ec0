#include "core/crypto/spki.hpp"

#include <bit>
#include <cstdint>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "core/crypto/der.hpp"

namespace signet {
namespace {

constexpr std::string_view kRsaOid = "1.2.840.113549.1.1.1";
constexpr std::string_view kEcOid = "1.2.840.10045.2.1";
constexpr std::string_view kEd25519Oid = "1.3.101.112";
constexpr std::size_t kEd25519KeyBytes = 32;
constexpr char kUncompressed = 0x04;  // SEC 1 2.3.3

struct Curve {
  std::string_view oid;
  KeyKind kind;
  std::string_view name;
  std::size_t width;
};
constexpr Curve kCurves[] = {
    {"1.2.840.10045.3.1.7", KeyKind::p256, "ECDSA P-256", 32},
    {"1.3.132.0.34", KeyKind::p384, "ECDSA P-384", 48},
    {"1.3.132.0.35", KeyKind::p521, "ECDSA P-521", 66},
};

Error key_not_allowed(std::string what) {
  return {Reason::cert_profile, std::move(what)};
}

std::size_t bits_of(Bytes unsigned_digits) {
  return (unsigned_digits.size() - 1) * 8 +
         std::bit_width(static_cast<unsigned char>(unsigned_digits.front()));
}

// The digits of a positive INTEGER without the sign octet; empty if it is zero or negative.
Bytes positive(Bytes content) {
  if (content.empty() || static_cast<unsigned char>(content.front()) >= 0x80) return {};
  if (content.front() == 0) content.remove_prefix(1);
  return content;
}

// Odd, at least 3 and at most 2^32 (rulings: larger ones only cost time).
bool good_exponent(Bytes digits) {
  if (digits.empty() || digits.size() > 4) return false;
  std::uint64_t value = 0;
  for (const char c : digits)
    value = (value << 8) | static_cast<unsigned char>(c);
  return value >= 3 && value % 2 == 1;
}

Result<KeyShape> check_rsa(DerReader parameters, Bytes key) {
  const auto null = parameters.next(der::kNull, "NULL among the parameters of an RSA key");
  if (!null) return null.error();
  if (!null->content.empty() || !parameters.at_end()) {
    return malformed("parameters of an RSA key that are not NULL");
  }
  const auto sequence = sole_element(key, der::kSequence, "RSA public key");
  if (!sequence) return sequence.error();
  const auto canonical = check_der(key);
  if (!canonical) return canonical.error();
  DerReader numbers(sequence->content);
  const auto modulus = numbers.next(der::kInteger, "RSA modulus");
  if (!modulus) return modulus.error();
  const auto exponent = numbers.next(der::kInteger, "RSA exponent");
  if (!exponent) return exponent.error();
  if (!numbers.at_end()) return malformed("an RSA public key of more than two numbers");

  const Bytes digits = positive(modulus->content);
  if (digits.empty()) return malformed("an RSA modulus that is not positive");
  const std::size_t bits = bits_of(digits);
  const std::string name = cat("RSA-", std::to_string(bits));
  if (bits < kRsaBitsLeast || bits > kRsaBitsMost || bits % 8 != 0) {
    return key_not_allowed(cat(name, " key; allowed are ", std::to_string(kRsaBitsLeast), " to ",
                               std::to_string(kRsaBitsMost), " bits in whole octets"));
  }
  if (!good_exponent(positive(exponent->content))) {
    return key_not_allowed(cat(name, " key whose exponent is not odd and from 3 to 2^32"));
  }
  return KeyShape{KeyKind::rsa, name};
}

Result<KeyShape> check_ec(DerReader parameters, Bytes key) {
  // RFC 5480 2.1.1: namedCurve; explicit parameters are an attack on the parser.
  if (!parameters.is_next(der::kObjectId)) return key_not_allowed("EC key without a named curve");
  const auto oid = parameters.next();
  if (!oid) return oid.error();
  const auto text = oid_text(oid->content);
  if (!text) return text.error();
  if (!parameters.at_end()) return malformed("bytes after the curve of an EC key");
  for (const Curve& curve : kCurves) {
    if (*text != curve.oid) continue;
    if (key.size() != 1 + 2 * curve.width || key.front() != kUncompressed) {
      return key_not_allowed(cat(curve.name, " key whose point is not written uncompressed"));
    }
    return KeyShape{curve.kind, std::string(curve.name)};
  }
  return key_not_allowed(
      cat("EC key on the curve ", *text, "; allowed are P-256, P-384 and P-521"));
}

Result<KeyShape> check_algorithm(std::string_view oid, DerReader parameters, Bytes key) {
  if (oid == kRsaOid) return check_rsa(parameters, key);
  if (oid == kEcOid) return check_ec(parameters, key);
  if (oid != kEd25519Oid) {
    return key_not_allowed(cat("key of the algorithm ", oid,
                               "; allowed are RSA, ECDSA on P-256, P-384 and P-521, and Ed25519"));
  }
  // RFC 8410 3: no parameters.
  if (!parameters.at_end() || key.size() != kEd25519KeyBytes)
    return malformed("a broken Ed25519 key");
  return KeyShape{KeyKind::ed25519, "Ed25519"};
}

}  // namespace

Result<KeyShape> check_spki(Bytes der) {
  const auto canonical = check_der(der);
  if (!canonical) return canonical.error();
  const auto outer = sole_element(der, der::kSequence, "SubjectPublicKeyInfo");
  if (!outer) return outer.error();
  DerReader reader(outer->content);
  const auto algorithm = reader.next(der::kSequence, "algorithm of a key");
  if (!algorithm) return algorithm.error();
  const auto bits = reader.next(der::kBitString, "key");
  if (!bits) return bits.error();
  if (!reader.at_end() || bits->content.empty() || bits->content.front() != 0) {
    return malformed("a key that is not whole octets");
  }
  DerReader parameters(algorithm->content);
  const auto oid = parameters.next(der::kObjectId, "algorithm of a key");
  if (!oid) return oid.error();
  const auto text = oid_text(oid->content);
  if (!text) return text.error();
  return check_algorithm(*text, parameters, bits->content.substr(1));
}

Blob spki_of_rsa(Bytes pkcs1) {
  constexpr Bytes kRsaAlgorithm("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00", 15);
  const Blob bits = der_element(der::kBitString, Blob(1, '\0').append(pkcs1));
  return der_element(der::kSequence, Blob(kRsaAlgorithm).append(bits));
}

}  // namespace signet
