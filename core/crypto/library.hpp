#pragma once
// The OpenSSL library context in which certificates, keys and CRLs are read and judged.
//
// It has the algorithms of the default provider, but decodes public keys of the accepted kinds
// only. OpenSSL 3.0 tries every decoder of a context for each certificate, which takes longer than
// the signature verifications that the certificate is needed for; measured, three quarters of the
// time of reading one.

#include <openssl/types.h>

namespace signet {

// Made once and never freed. Where it cannot be made: the default context, nullptr, with the same
// answers.
OSSL_LIB_CTX* crypto_library();

}  // namespace signet
