#include "core/crypto/public_key.hpp"

#include <openssl/core_names.h>

#include <algorithm>
#include <array>
#include <bit>
#include <optional>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "core/crypto/der.hpp"
#include "core/crypto/openssl.hpp"
#include "core/crypto/pem.hpp"
#include "core/crypto/spki.hpp"

namespace signet {
namespace {

constexpr std::size_t kEd25519SignatureBytes = 64;

Error wrong_signature(std::string_view why) {
  return Error(Reason::signature_invalid, std::string(why));
}

// Octets of one coordinate; 0 for keys that have none.
std::size_t curve_width(KeyKind kind) {
  switch (kind) {
    case KeyKind::p256:
      return 32;
    case KeyKind::p384:
      return 48;
    case KeyKind::p521:
      return 66;
    case KeyKind::rsa:
    case KeyKind::ed25519:
      return 0;
  }
  return 0;
}

// SHA-256 is what every cosign verifies; the second is what cosign 3 signs with such a key.
std::array<const char*, 2> hashes_for(KeyKind kind) {
  if (kind == KeyKind::p384) return {"SHA256", "SHA384"};
  if (kind == KeyKind::p521) return {"SHA256", "SHA512"};
  return {"SHA256", nullptr};
}

const unsigned char* octets(Bytes bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

bool verifies(EVP_PKEY* key, const char* hash, const OSSL_PARAM* parameters, Bytes message,
              Bytes signature) {
  ErrorQueue errors;
  const DigestContextOwner context(EVP_MD_CTX_new());
  if (!context) return false;
  // RSA: PKCS#1 v1.5 is the default padding, and no other is ever set.
  if (EVP_DigestVerifyInit_ex(context.get(), nullptr, hash, nullptr, nullptr, key, parameters) !=
      1) {
    return false;
  }
  return EVP_DigestVerify(context.get(), octets(signature), signature.size(), octets(message),
                          message.size()) == 1;
}

bool verifies_ed25519(EVP_PKEY* key, Bytes message, Bytes signature) {
  if (verifies(key, nullptr, nullptr, message, signature)) return true;
  constexpr unsigned long kFirstWithEd25519ph = 0x30200000L;  // OpenSSL 3.2
  if (OpenSSL_version_num() < kFirstWithEd25519ph) return false;
  char instance[] = "Ed25519ph";
  const std::array parameters = {OSSL_PARAM_construct_utf8_string("instance", instance, 0),
                                 OSSL_PARAM_construct_end()};
  return verifies(key, nullptr, parameters.data(), message, signature);
}

// An integer of an ECDSA signature: positive, minimal (SEC 1 C.5), no wider than the curve.
bool good_integer(Bytes content, std::size_t width) {
  if (content.empty() || static_cast<unsigned char>(content[0]) >= 0x80) return false;
  if (content[0] == 0) content.remove_prefix(1);
  return !content.empty() && content.size() <= width && content[0] != 0;
}

// Whether it is exactly SEQUENCE { INTEGER r, INTEGER s } in DER. Lenient parsers make one
// signature many.
bool is_strict_ecdsa(Bytes signature, std::size_t width) {
  const auto sequence = sole_element(signature, der::kSequence, "ECDSA signature");
  if (!sequence || !check_der(signature)) return false;
  DerReader reader(sequence->content);
  const auto r = reader.next(der::kInteger, "r");
  const auto s = reader.next(der::kInteger, "s");
  return r && s && reader.at_end() && good_integer(r->content, width) &&
         good_integer(s->content, width);
}

Blob unsigned_integer(Bytes digits) {
  while (digits.size() > 1 && digits.front() == 0)
    digits.remove_prefix(1);
  Blob content(digits);
  if (static_cast<unsigned char>(content.front()) >= 0x80) content.insert(content.begin(), '\0');
  return der_element(der::kInteger, content);
}

// The DER form of r||s (IEEE P1363), each exactly as wide as the curve.
Blob der_from_raw(Bytes raw) {
  const std::size_t width = raw.size() / 2;
  return der_element(der::kSequence,
                     unsigned_integer(raw.substr(0, width)) + unsigned_integer(raw.substr(width)));
}

// The signature as OpenSSL takes it, or nothing if its form is not allowed for this key.
std::optional<Blob> accepted_form(KeyKind kind, Bytes signature, EcdsaForm form,
                                  std::size_t modulus_bytes) {
  if (kind == KeyKind::rsa && signature.size() != modulus_bytes) return std::nullopt;
  if (kind == KeyKind::ed25519 && signature.size() != kEd25519SignatureBytes) return std::nullopt;
  const std::size_t width = curve_width(kind);
  if (width == 0 || is_strict_ecdsa(signature, width)) return Blob(signature);
  if (form == EcdsaForm::der_or_raw && signature.size() == 2 * width) {
    return der_from_raw(signature);
  }
  return std::nullopt;
}

}  // namespace

PublicKey::PublicKey(std::shared_ptr<evp_pkey_st> key, KeyKind kind, std::string spki,
                     std::string name)
    : key_(std::move(key)), kind_(kind), spki_(std::move(spki)), name_(std::move(name)) {}

Result<PublicKey> PublicKey::adopt(std::shared_ptr<evp_pkey_st> key, Bytes spki) {
  auto shape = check_spki(spki);
  if (!shape) return shape.error();
  if (key == nullptr) return malformed(cat(shape->name, " key that OpenSSL cannot read"));
  return PublicKey(std::move(key), shape->kind, std::string(spki), std::move(shape->name));
}

Result<PublicKey> PublicKey::from_spki(Bytes der) {
  const auto shape = check_spki(der);  // before OpenSSL computes with what it finds
  if (!shape) return shape.error();
  ErrorQueue errors;
  const unsigned char* at = octets(der);
  std::shared_ptr<evp_pkey_st> key(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())),
                                   EVP_PKEY_free);
  if (key == nullptr) {
    return malformed(cat(shape->name, " key that OpenSSL refuses: ", errors.drain()));
  }
  return adopt(std::move(key), der);
}

Result<PublicKey> PublicKey::from_pem(Bytes pem) {
  if (pem.size() > kPemBytes) {
    return too_large(cat("a public key file of more than ", std::to_string(kPemBytes), " bytes"));
  }
  constexpr std::size_t kEnoughToSeeTwo = 2;
  const auto blocks = parse_pem(pem, kEnoughToSeeTwo);
  if (!blocks) return blocks.error().under("public key");
  for (const PemBlock& block : *blocks) {
    if (block.label != "PUBLIC KEY" && block.label != "RSA PUBLIC KEY") {
      return malformed(cat("public key: found a ", block.label,
                           " block where PUBLIC KEY or RSA PUBLIC KEY belongs"));
    }
  }
  if (blocks->size() > 1) {
    return malformed("public key: several keys in one text; give each key its own authority");
  }
  const PemBlock& block = blocks->front();
  const auto key = from_spki(block.label == "PUBLIC KEY" ? block.der : spki_of_rsa(block.der));
  return key ? key : key.error().under("public key");
}

std::string_view PublicKey::kind_name() const {
  return name_;
}

Result<void> PublicKey::verify(Bytes message, Bytes signature, EcdsaForm form) const {
  if (signature.empty()) return wrong_signature("the signature is empty");
  if (signature.size() > kSignatureBytes) {
    return wrong_signature(
        cat("the signature has more than ", std::to_string(kSignatureBytes), " bytes"));
  }
  const auto modulus_bytes = static_cast<std::size_t>(EVP_PKEY_get_size(key_.get()));
  const auto accepted = accepted_form(kind_, signature, form, modulus_bytes);
  if (!accepted) {
    return wrong_signature(
        cat("the signature does not have the form of one by an ", name_, " key"));
  }
  const Error mismatch = wrong_signature(cat("the signature is not by this ", name_, " key"));
  if (kind_ == KeyKind::ed25519) {
    return verifies_ed25519(key_.get(), message, *accepted) ? Result<void>() : mismatch;
  }
  for (const char* const hash : hashes_for(kind_)) {
    if (hash != nullptr && verifies(key_.get(), hash, nullptr, message, *accepted)) return {};
  }
  return mismatch;
}

}  // namespace signet
