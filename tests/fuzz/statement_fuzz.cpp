// Feeds in-toto statements to the reader of a bundle's claims.
#include <cstdint>
#include <cstdlib>

#include "core/sigstore/intoto.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const signet::Bytes statement(reinterpret_cast<const char*>(data), size);
  const signet::Digest image = signet::Digest::of("image");

  const auto claims = signet::statement_claims(statement, image);

  // What is accepted names the image, as it is or with JSON escapes.
  const bool named = statement.find(image.hex_part()) != signet::Bytes::npos ||
                     statement.find('\\') != signet::Bytes::npos;
  if (claims && (claims->image != image || claims->docker_reference || !named)) std::abort();
  return 0;
}
