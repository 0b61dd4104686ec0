#pragma once
// Writes an OCI image layout (image-layout.md of the OCI image specification): blobs by digest, and
// an index of tags.

#include <string>
#include <vector>

#include "core/oci/descriptor.hpp"

namespace signet {

class LayoutWriter {
 public:
  // `directory` exists and is empty.
  explicit LayoutWriter(std::string directory) : directory_(std::move(directory)) {}

  Result<Descriptor> add_blob(Bytes content, std::string media_type);
  // A manifest under a tag; the tag is the `org.opencontainers.image.ref.name` annotation of the
  // index.
  Result<Descriptor> add_manifest(const Json& manifest, const std::string& tag);
  // Writes index.json and oci-layout; nothing can be read before.
  Result<void> finish();

 private:
  std::string directory_;
  std::vector<Descriptor> tagged_;
};

Json descriptor_json(const Descriptor& descriptor);

}  // namespace signet
