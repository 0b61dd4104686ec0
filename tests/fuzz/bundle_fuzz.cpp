// Feeds sigstore bundles to the bundle parser and to the whole of parse_signature.
#include <cstdint>
#include <cstdlib>

#include "core/base/limits.hpp"
#include "core/sigstore/bundle.hpp"
#include "core/sigstore/signed_entity.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace signet;
  const Blob content(reinterpret_cast<const char*>(data), size);
  const Candidate candidate{SignatureFormat::bundle, "fuzz", {}, content};

  const auto bundle = parse_bundle(content);
  const auto by_certificate = parse_signature(candidate, Material::certificate);
  const auto by_key = parse_signature(candidate, Material::key);

  // Whoever asks for more gets no more: certificate implies key implies bundle.
  if ((by_certificate && !by_key) || (by_key && !bundle)) std::abort();
  if (by_key && !by_key->certificates.empty()) std::abort();
  if (by_certificate && by_certificate->certificates.size() > kCertificates) std::abort();
  return 0;
}
