#pragma once
// Private keys for tests, fresh in every run. RSA keys are slow to make: shared_key() makes one a
// program and index.

#include <memory>
#include <string>

#include "core/crypto/public_key.hpp"

namespace signet::testing {

// The kinds Signet accepts, and those it must refuse.
enum class TestKeyKind {
  p256,
  p384,
  p521,
  ed25519,
  rsa2048,
  rsa3072,
  rsa4096,
  p224,
  secp256k1,
  rsa1024,
};

class TestKey {
 public:
  static TestKey make(TestKeyKind kind = TestKeyKind::p256);
  static TestKey make_rsa(unsigned int bits, unsigned long exponent = 65537);
  // The key behind a handle that somebody else owns, too.
  static TestKey sharing(evp_pkey_st* key);

  // ECDSA in DER, RSA PKCS#1 v1.5, or pure Ed25519. `digest` is ignored by Ed25519.
  Blob sign(Bytes message, const char* digest = "SHA256") const;
  // RSA-PSS, which Signet refuses.
  Blob sign_pss(Bytes message) const;

  // The key as Signet reads it; throws if it is of a kind that is refused.
  PublicKey public_key() const;
  Blob spki() const;               // DER
  std::string public_pem() const;  // PUBLIC KEY
  std::string private_pem() const;
  evp_pkey_st* handle() const { return key_.get(); }

 private:
  explicit TestKey(evp_pkey_st* key);
  std::shared_ptr<evp_pkey_st> key_;
};

// The same key for the same kind and index throughout one program.
const TestKey& shared_key(TestKeyKind kind, int index = 0);

// r||s of an ECDSA signature in DER, each `width` octets wide.
Blob raw_ecdsa(Bytes der, std::size_t width);

// Any DER as a PEM block.
std::string pem_block(std::string_view label, Bytes der);

}  // namespace signet::testing
