// Feeds documents to the manifest parser, under every content type it tells apart, and to the
// parser of referrers.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "core/base/limits.hpp"
#include "core/oci/manifest.hpp"
#include "core/oci/media_types.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace signet;
  const std::string_view body(reinterpret_cast<const char*>(data), size);

  const auto as_image = parse_manifest(body, kOciManifest);
  const auto as_docker = parse_manifest(body, kDockerManifest);
  const auto as_index = parse_manifest(body, kOciIndex);
  const auto by_itself = parse_manifest(body, "");
  const auto page = parse_referrers(body);

  // No document is both (GHSA-5j5w-g665-5m35), whatever a registry calls it.
  if ((as_image || as_docker) && as_index) std::abort();
  if (as_image && !std::holds_alternative<ImageManifest>(*as_image)) std::abort();
  if (as_index && !std::holds_alternative<ImageIndex>(*as_index)) std::abort();
  if (by_itself && !as_image && !as_docker && !as_index &&
      !std::holds_alternative<ImageIndex>(*by_itself)) {
    std::abort();
  }
  if (page && page->descriptors.size() + page->unreadable > kIndexEntries) std::abort();
  if (as_index && !page) std::abort();
  return 0;
}
