// Feeds simple signing payloads to the reader of legacy claims.
#include <cstdint>
#include <cstdlib>

#include "core/sigstore/simple_signing.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const signet::Bytes payload(reinterpret_cast<const char*>(data), size);
  const signet::Digest image = signet::Digest::of("image");

  const auto claims = signet::simple_signing_claims(payload, image);

  // What is accepted names the image, as it is or with JSON escapes.
  const bool named = payload.find(image.hex_part()) != signet::Bytes::npos ||
                     payload.find('\\') != signet::Bytes::npos;
  if (claims && (claims->image != image || !named)) std::abort();
  return 0;
}
