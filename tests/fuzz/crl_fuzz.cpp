// Feeds DER to Crl::from_der(): what it accepts is a complete CRL that reads the same again.
#include <cstdint>
#include <cstdlib>

#include "core/crypto/crl.hpp"

using namespace signet;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Bytes der(reinterpret_cast<const char*>(data), size);
  const auto crl = Crl::from_der(der);
  if (!crl) return 0;
  if (crl->der() != der) std::abort();
  for (const char c : crl->issuer()) {
    if (c < 0x20 || c >= 0x7f) std::abort();
  }
  if (!Crl::from_der(crl->der())) std::abort();
  return 0;
}
