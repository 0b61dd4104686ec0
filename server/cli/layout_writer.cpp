#include "server/cli/layout_writer.hpp"

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "core/base/text.hpp"

namespace signet {
namespace {

constexpr std::string_view kManifestType = "application/vnd.oci.image.manifest.v1+json";

Result<void> write_file(const std::filesystem::path& path, Bytes content) {
  std::error_code failure;
  std::filesystem::create_directories(path.parent_path(), failure);
  std::ofstream file(path, std::ios::binary);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  file.flush();
  if (!file) return Error(Reason::internal, cat("cannot write ", path.string()));
  return {};
}

}  // namespace

Json descriptor_json(const Descriptor& descriptor) {
  Json json = {{"mediaType", descriptor.media_type},
               {"digest", descriptor.digest.str()},
               {"size", descriptor.size}};
  if (!descriptor.annotations.empty()) json["annotations"] = descriptor.annotations;
  return json;
}

Result<Descriptor> LayoutWriter::add_blob(Bytes content, std::string media_type) {
  const Digest digest = Digest::of(content);
  const auto path = std::filesystem::path(directory_) / "blobs" / "sha256" / digest.hex_part();
  auto written = write_file(path, content);
  if (!written) return written.error();
  return Descriptor{std::move(media_type), digest, content.size(), {}, "", std::nullopt};
}

Result<Descriptor> LayoutWriter::add_manifest(const Json& manifest, const std::string& tag) {
  auto added = add_blob(manifest.dump(), std::string(kManifestType));
  if (!added) return added;
  tagged_.push_back(*added);
  tagged_.back().annotations.insert_or_assign(std::string(kRefNameAnnotation), tag);
  return added;
}

Result<void> LayoutWriter::finish() {
  Json manifests = Json::array();
  for (const Descriptor& descriptor : tagged_)
    manifests.push_back(descriptor_json(descriptor));
  const Json index = {{"schemaVersion", 2},
                      {"mediaType", "application/vnd.oci.image.index.v1+json"},
                      {"manifests", manifests}};
  const std::filesystem::path directory(directory_);
  auto written = write_file(directory / "index.json", index.dump());
  if (!written) return written;
  return write_file(directory / "oci-layout", R"({"imageLayoutVersion":"1.0.0"})");
}

}  // namespace signet
