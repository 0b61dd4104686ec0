// Feeds DER to Certificate::from_der(): what it accepts must read the same again and hold its
// bounds.
#include <cstdint>
#include <cstdlib>

#include "core/base/limits.hpp"
#include "core/crypto/certificate.hpp"

using namespace signet;

namespace {

void require(bool good) {
  if (!good) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Bytes der(reinterpret_cast<const char*>(data), size);
  const auto certificate = Certificate::from_der(der);
  if (!certificate) return 0;
  require(certificate->der() == der && size <= kCertificateBytes);
  require(certificate->names().size() <= kCertificateNames);
  require(certificate->extensions().size() <= kCertificateExtensions);
  require(certificate->serial().size() <= 2 * kSerialBytes);
  require(PublicKey::from_spki(certificate->public_key().spki()).has_value());
  for (const char* oid : {"1.3.6.1.4.1.57264.1.1", "1.3.6.1.4.1.57264.1.8", "2.5.29.17"}) {
    const auto value = certificate->extension(oid);
    require(!value || value->size() < size);
  }
  for (const std::string& text : {certificate->subject(), certificate->issuer()}) {
    for (const char c : text)
      require(c >= 0x20 && c < 0x7f);
  }
  const auto again = Certificate::from_der(certificate->der());
  require(again.has_value() && *again == *certificate);
  return 0;
}
