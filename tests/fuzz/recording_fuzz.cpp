// Feeds recorded evidence to its reader (server/registry): what was read hashes to its names and
// is the same again once it was written.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "server/registry/recording.hpp"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto recording = signet::Recording::parse(text);
  if (!recording) return 0;
  for (const auto& [name, manifest] : recording->manifests) {
    if (!manifest) continue;
    const std::string digest = signet::Digest::of(manifest->body).str();
    if (!name.ends_with(digest) || manifest->digest.str() != digest) std::abort();
  }
  for (const auto& [name, blob] : recording->blobs) {
    if (!name.ends_with(signet::Digest::of(blob).str())) std::abort();
  }
  const std::string written = recording->text();
  const auto again = signet::Recording::parse(written);
  if (!again || again->text() != written) std::abort();
  return 0;
}
