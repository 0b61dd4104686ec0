#pragma once
// SubjectPublicKeyInfo judged by its bytes, before OpenSSL computes with them: explicit curves,
// compressed points, giant moduli and foreign algorithms never reach it (CVE-2022-0778).

#include <string>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/crypto/public_key.hpp"

namespace signet {

struct KeyShape {
  KeyKind kind;
  std::string name;  // "ECDSA P-256", "RSA-4096", "Ed25519"
};

// Fails with malformed_object, or with cert_profile where the key is well-formed and not allowed.
Result<KeyShape> check_spki(Bytes der);

// The SubjectPublicKeyInfo around a PKCS#1 RSAPublicKey.
Blob spki_of_rsa(Bytes pkcs1);

}  // namespace signet
