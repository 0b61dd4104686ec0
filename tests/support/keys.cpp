#include "tests/support/keys.hpp"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <map>
#include <stdexcept>

#include "core/crypto/openssl.hpp"

namespace signet::testing {
namespace {

using KeyContextOwner = std::unique_ptr<EVP_PKEY_CTX, Freer<EVP_PKEY_CTX_free>>;
using NumberOwner = std::unique_ptr<BIGNUM, Freer<BN_free>>;
using EcdsaOwner = std::unique_ptr<ECDSA_SIG, Freer<ECDSA_SIG_free>>;

void demand_key(bool good, const char* what) {
  if (!good) throw std::runtime_error(std::string("test key: ") + what);
}

evp_pkey_st* generate(TestKeyKind kind) {
  switch (kind) {
    case TestKeyKind::p256:
      return EVP_EC_gen("P-256");
    case TestKeyKind::p384:
      return EVP_EC_gen("P-384");
    case TestKeyKind::p521:
      return EVP_EC_gen("P-521");
    case TestKeyKind::p224:
      return EVP_EC_gen("P-224");
    case TestKeyKind::secp256k1:
      return EVP_EC_gen("secp256k1");
    case TestKeyKind::ed25519:
      return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    case TestKeyKind::rsa1024:
      return EVP_RSA_gen(1024);
    case TestKeyKind::rsa2048:
      return EVP_RSA_gen(2048);
    case TestKeyKind::rsa3072:
      return EVP_RSA_gen(3072);
    case TestKeyKind::rsa4096:
      return EVP_RSA_gen(4096);
  }
  return nullptr;
}

std::string contents_of(BIO* memory) {
  const char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  return std::string(data, static_cast<std::size_t>(size));
}

Blob sign_with(EVP_PKEY* key, Bytes message, const char* digest, bool pss) {
  const DigestContextOwner context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* parameters = nullptr;
  demand_key(EVP_DigestSignInit_ex(context.get(), &parameters, digest, nullptr, nullptr, key,
                                   nullptr) == 1,
             "cannot begin to sign");
  if (pss) {
    demand_key(EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1, "no PSS");
  }
  const auto* const bytes = reinterpret_cast<const unsigned char*>(message.data());
  std::size_t size = 0;
  demand_key(EVP_DigestSign(context.get(), nullptr, &size, bytes, message.size()) == 1, "no size");
  Blob signature(size, '\0');
  demand_key(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()),
                            &size, bytes, message.size()) == 1,
             "cannot sign");
  signature.resize(size);
  return signature;
}

}  // namespace

TestKey::TestKey(evp_pkey_st* key) : key_(key, EVP_PKEY_free) {
  demand_key(key != nullptr, "cannot be generated");
}

TestKey TestKey::make(TestKeyKind kind) {
  return TestKey(generate(kind));
}

TestKey TestKey::sharing(evp_pkey_st* key) {
  EVP_PKEY_up_ref(key);
  return TestKey(key);
}

TestKey TestKey::make_rsa(unsigned int bits, unsigned long exponent) {
  const KeyContextOwner context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  const NumberOwner number(BN_new());
  demand_key(BN_set_word(number.get(), exponent) == 1, "bad exponent");
  EVP_PKEY* key = nullptr;
  demand_key(EVP_PKEY_keygen_init(context.get()) == 1 &&
                 EVP_PKEY_CTX_set_rsa_keygen_bits(context.get(), static_cast<int>(bits)) == 1 &&
                 EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context.get(), number.get()) == 1 &&
                 EVP_PKEY_generate(context.get(), &key) == 1,
             "cannot make this RSA key");
  return TestKey(key);
}

Blob TestKey::sign(Bytes message, const char* digest) const {
  const bool pure = EVP_PKEY_is_a(key_.get(), "ED25519") == 1;
  return sign_with(key_.get(), message, pure ? nullptr : digest, false);
}

Blob TestKey::sign_pss(Bytes message) const {
  return sign_with(key_.get(), message, "SHA256", true);
}

Blob TestKey::spki() const {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key_.get(), &der);
  demand_key(size > 0, "cannot be written");
  Blob spki(reinterpret_cast<const char*>(der), static_cast<std::size_t>(size));
  OPENSSL_free(der);
  return spki;
}

PublicKey TestKey::public_key() const {
  auto key = PublicKey::from_spki(spki());
  if (!key) throw std::runtime_error("test key: " + key.error().what());
  return std::move(*key);
}

std::string TestKey::public_pem() const {
  return pem_block("PUBLIC KEY", spki());
}

std::string TestKey::private_pem() const {
  const BioOwner memory(BIO_new(BIO_s_mem()));
  demand_key(PEM_write_bio_PKCS8PrivateKey(memory.get(), key_.get(), nullptr, nullptr, 0, nullptr,
                                           nullptr) == 1,
             "cannot be written");
  return contents_of(memory.get());
}

const TestKey& shared_key(TestKeyKind kind, int index) {
  static std::map<std::pair<TestKeyKind, int>, TestKey> keys;
  const auto known = keys.find({kind, index});
  if (known != keys.end()) return known->second;
  return keys.emplace(std::pair(kind, index), TestKey::make(kind)).first->second;
}

Blob raw_ecdsa(Bytes der, std::size_t width) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const EcdsaOwner signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  demand_key(signature != nullptr, "not an ECDSA signature");
  Blob raw(2 * width, '\0');
  auto* const out = reinterpret_cast<unsigned char*>(raw.data());
  const int size = static_cast<int>(width);
  demand_key(BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), out, size) == size, "r is too wide");
  demand_key(BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), out + width, size) == size,
             "s is too wide");
  return raw;
}

std::string pem_block(std::string_view label, Bytes der) {
  constexpr std::size_t kLine = 64;
  const std::string name(label);
  const std::string body = base64(der);
  std::string text = "-----BEGIN " + name + "-----\n";
  for (std::size_t at = 0; at < body.size(); at += kLine)
    text += body.substr(at, kLine) + "\n";
  return text + "-----END " + name + "-----\n";
}

}  // namespace signet::testing
