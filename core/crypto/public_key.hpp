#pragma once
// A public key and the one question asked of it: did its holder sign these bytes?
//
// RSA 2048 to 8192 (PKCS#1 v1.5), P-256, P-384, P-521, Ed25519; nothing else exists here.
// The algorithm follows from the key, never from the message.

#include <memory>
#include <string>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/crypto/digest.hpp"

struct evp_pkey_st;

namespace signet {

enum class KeyKind { rsa, p256, p384, p521, ed25519 };

// How an ECDSA signature may be written.
enum class EcdsaForm {
  der,         // legacy annotations: strict DER only
  der_or_raw,  // DSSE envelopes: DER, or r||s of the curve's width
};

class PublicKey {
 public:
  // `PUBLIC KEY` (SubjectPublicKeyInfo) or `RSA PUBLIC KEY` (PKCS#1); text before the block is
  // fine; any other label, a second block or text after it is an error that says what was found. A
  // key that is well-formed but not allowed (RSA-1024, P-224) fails with cert_profile, else
  // malformed_object or limit_exceeded.
  static Result<PublicKey> from_pem(Bytes pem);
  static Result<PublicKey> from_spki(Bytes der);

  KeyKind kind() const { return kind_; }
  std::string_view kind_name() const;                // "ECDSA P-256", "RSA-4096", ...
  const std::string& spki() const { return spki_; }  // DER
  Digest id() const { return Digest::of(spki_); }    // distinct keys have distinct ids

  // Whether `signature` is over `message`: SHA-256 first, then the hash natural to the key (P-384:
  // SHA-384, P-521: SHA-512; Ed25519: pure, then ph where the library has it). Fails with
  // signature_invalid.
  Result<void> verify(Bytes message, Bytes signature, EcdsaForm form) const;

  evp_pkey_st* handle() const { return key_.get(); }  // borrowed

 private:
  friend class Certificate;
  // Takes what OpenSSL made of `spki`; fails where its kind, size or exponent is not allowed.
  static Result<PublicKey> adopt(std::shared_ptr<evp_pkey_st> key, Bytes spki);
  PublicKey(std::shared_ptr<evp_pkey_st> key, KeyKind kind, std::string spki, std::string name);

  std::shared_ptr<evp_pkey_st> key_;
  KeyKind kind_;
  std::string spki_;
  std::string name_;
};

}  // namespace signet
