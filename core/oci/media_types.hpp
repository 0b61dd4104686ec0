#pragma once
// The manifest types that are asked for and understood (registry.md B.3). Schema 1 is neither.

#include <string_view>

namespace signet {

inline constexpr std::string_view kOciIndex = "application/vnd.oci.image.index.v1+json";
inline constexpr std::string_view kDockerList =
    "application/vnd.docker.distribution.manifest.list.v2+json";
inline constexpr std::string_view kOciManifest = "application/vnd.oci.image.manifest.v1+json";
inline constexpr std::string_view kDockerManifest =
    "application/vnd.docker.distribution.manifest.v2+json";

// One joined Accept header, the same for HEAD and GET: registries substitute a child, with another
// digest, or answer 404 where one of the four is missing.
inline constexpr std::string_view kManifestAccept =
    "application/vnd.oci.image.index.v1+json, "
    "application/vnd.docker.distribution.manifest.list.v2+json, "
    "application/vnd.oci.image.manifest.v1+json, "
    "application/vnd.docker.distribution.manifest.v2+json";

constexpr bool is_index_type(std::string_view media_type) {
  return media_type == kOciIndex || media_type == kDockerList;
}

constexpr bool is_image_type(std::string_view media_type) {
  return media_type == kOciManifest || media_type == kDockerManifest;
}

}  // namespace signet
