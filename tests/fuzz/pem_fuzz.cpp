// Feeds PEM texts to the readers of certificates, public keys and CRLs.
#include <cstdint>
#include <cstdlib>

#include "core/base/limits.hpp"
#include "core/crypto/certificate.hpp"
#include "core/crypto/crl.hpp"
#include "core/crypto/pem.hpp"

using namespace signet;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Bytes text(reinterpret_cast<const char*>(data), size);
  const auto blocks = parse_pem(text, kCertificates);
  if (blocks && (blocks->empty() || blocks->size() > kCertificates)) std::abort();
  const auto certificates = parse_certificates(text, kCertificates);
  if (certificates && (!blocks || certificates->size() != blocks->size())) std::abort();
  const auto key = PublicKey::from_pem(text);
  if (key && key->kind_name().empty()) std::abort();
  if (key) static_cast<void>(key->verify(text, text, EcdsaForm::der_or_raw));
  static_cast<void>(parse_crls(text));
  return 0;
}
