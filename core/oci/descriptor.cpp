#include "core/oci/descriptor.hpp"

#include <nlohmann/json.hpp>

#include "core/base/bytes.hpp"
#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "core/oci/json_fields.hpp"

namespace signet {
namespace {

Result<Digest> digest_of(const Json& json) {
  const auto text = string_member(json, "digest");
  if (!text) return text.error().as(Reason::registry_protocol);
  auto digest = Digest::parse(*text);
  if (digest) return digest;
  if (text->starts_with("sha512:")) {
    return Error(Reason::unsupported_format, "a digest is sha512, and only sha256 is supported");
  }
  return Error(Reason::registry_protocol, cat(quoted(*text, 80), " is not a sha256 digest"));
}

// Embedded content replaces a request, so it is held to the same size and digest (B.6 D6).
Result<std::optional<std::string>> data_of(const Json& json, const Descriptor& descriptor) {
  const auto text = optional_string(json, "data");
  if (!text) return text.error();
  if (find_member(json, "data") == nullptr) return std::optional<std::string>();
  auto data = unbase64(*text, Base64::standard);
  if (!data) return Error(Reason::registry_protocol, "the embedded data is not base64");
  if (data->size() != descriptor.size || Digest::of(*data) != descriptor.digest) {
    return Error(Reason::digest_mismatch,
                 cat("the embedded data is not the content of ", descriptor.digest.str()));
  }
  return std::optional<std::string>(std::move(*data));
}

}  // namespace

Result<Descriptor> Descriptor::parse(const Json& json) {
  if (!json.is_object()) return Error(Reason::registry_protocol, "a descriptor is not an object");
  auto media_type = string_member(json, "mediaType");
  if (!media_type) return media_type.error().as(Reason::registry_protocol);
  auto digest = digest_of(json);
  if (!digest) return digest.error();
  const auto size = number_member(json, "size");
  if (!size) return size.error().as(Reason::registry_protocol);
  auto annotations = parse_annotations(json);
  if (!annotations) return annotations.error();
  auto artifact_type = optional_string(json, "artifactType");
  if (!artifact_type) return artifact_type.error();

  Descriptor descriptor{std::move(*media_type),    *digest,     *size, std::move(*annotations),
                        std::move(*artifact_type), std::nullopt};
  auto data = data_of(json, descriptor);
  if (!data) return data.error();
  descriptor.data = std::move(*data);
  return descriptor;
}

}  // namespace signet
