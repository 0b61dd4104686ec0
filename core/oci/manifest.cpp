#include "core/oci/manifest.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "core/oci/json_fields.hpp"
#include "core/oci/media_types.hpp"

namespace signet {
namespace {

enum class Kind { image, index };

Error broken_manifest(std::string_view what) {
  return {Reason::registry_protocol, std::string(what)};
}

Error ambiguous(std::string_view what) {
  return {Reason::ambiguous_manifest, cat("the manifest can be read in two ways: ", what)};
}

Error unsupported(std::string_view what) {
  return {Reason::unsupported_format, std::string(what)};
}

// Parsers in Go match member names in any case: "Layers" beside "manifests" would be a second
// reading of the same bytes.
std::optional<Error> fault_of_names(const Json& json) {
  constexpr std::array<std::string_view, 9> kNames = {
      "schemaVersion", "mediaType", "artifactType", "config",  "layers",
      "manifests",     "subject",   "annotations",  "fsLayers"};
  for (const auto& member : json.items()) {
    const std::string& name = member.key();
    const auto same = [&](std::string_view known) {
      return name != known && equals_ignoring_case(name, known);
    };
    if (std::any_of(kNames.begin(), kNames.end(), same)) {
      return ambiguous(
          cat("member ", quoted(name, 64), " differs from the specified name in case"));
    }
  }
  return std::nullopt;
}

bool is_schema1_type(std::string_view media_type) {
  return media_type == "application/vnd.docker.distribution.manifest.v1+json" ||
         media_type == "application/vnd.docker.distribution.manifest.v1+prettyjws" ||
         media_type == "text/plain";
}

Error schema1() {
  return unsupported("a Docker schema 1 manifest is not supported; push the image again");
}

std::optional<Kind> kind_named(std::string_view media_type) {
  if (is_index_type(media_type)) return Kind::index;
  if (is_image_type(media_type)) return Kind::image;
  return std::nullopt;
}

std::optional<Kind> kind_shaped(const Json& json) {
  if (json.contains("manifests")) return Kind::index;
  if (json.contains("config") && json.contains("layers")) return Kind::image;
  return std::nullopt;
}

std::optional<Error> fault_of_schema_version(const Json& json) {
  const Json* const version = find_member(json, "schemaVersion");
  if (version == nullptr || !version->is_number_integer()) {
    return broken_manifest("the manifest has no schemaVersion");
  }
  if (*version == 1) return schema1();
  if (*version != 2) return unsupported("the manifest's schemaVersion is not 2");
  return std::nullopt;
}

struct Typed {
  Kind kind;
  std::string media_type;
};

// The document's own type and the header's must be one (B.4, rule 4); where neither is known, the
// shape decides.
Result<Typed> type_of(const Json& json, std::string_view content_type) {
  const auto own = optional_string(json, "mediaType");
  if (!own) return own.error();
  const auto from_header = kind_named(content_type);
  if (from_header && !own->empty() && *own != content_type) {
    return ambiguous(
        cat("Content-Type is ", printable(content_type, 80), ", mediaType is ", quoted(*own, 80)));
  }
  if (from_header) return Typed{*from_header, std::string(content_type)};
  if (const auto from_document = kind_named(*own)) return Typed{*from_document, *own};
  if (!own->empty()) return unsupported(cat("the media type ", quoted(*own, 80), " is no image"));
  const auto shaped = kind_shaped(json);
  if (!shaped) return broken_manifest("the document is neither an image manifest nor an index");
  return Typed{*shaped, std::string()};
}

// GHSA-5j5w-g665-5m35: bytes that one parser takes for an index and another for an image.
std::optional<Error> fault_of_shape(const Json& json, Kind kind) {
  const bool image = json.contains("layers") || json.contains("config");
  const bool index = json.contains("manifests");
  if (kind == Kind::index && image) return ambiguous("an index with 'config' or 'layers'");
  if (kind == Kind::image && index) return ambiguous("an image manifest with 'manifests'");
  if (json.contains("fsLayers")) return ambiguous("'fsLayers' of schema 1 beside schema 2");
  return std::nullopt;
}

// The array's elements; a null array is an empty one, as Go writes it.
Result<const Json*> entries_of(const Json& json, std::string_view name) {
  static const Json kNone = Json::array();
  const auto found = json.find(name);
  if (found == json.end()) return broken_manifest(cat("the manifest has no ", quoted(name)));
  if (found->is_null()) return &kNone;
  if (!found->is_array()) return broken_manifest(cat(quoted(name), " is not an array"));
  return &*found;
}

Result<std::vector<Descriptor>> descriptors_of(const Json& entries, std::string_view name) {
  std::vector<Descriptor> descriptors;
  for (const Json& entry : entries) {
    auto descriptor = Descriptor::parse(entry);
    if (!descriptor) {
      return descriptor.error().under(cat(name, " entry ", std::to_string(descriptors.size() + 1)));
    }
    descriptors.push_back(std::move(*descriptor));
  }
  return descriptors;
}

Error too_many_entries() {
  return too_large(cat("an index of more than ", std::to_string(kIndexEntries), " entries"));
}

Result<Manifest> parse_index(const Json& json, std::string media_type) {
  const auto entries = entries_of(json, "manifests");
  if (!entries) return entries.error();
  if ((*entries)->size() > kIndexEntries) return too_many_entries();
  auto manifests = descriptors_of(**entries, "manifests");
  if (!manifests) return manifests.error();
  auto annotations = parse_annotations(json);
  if (!annotations) return annotations.error();
  return Manifest(
      ImageIndex{std::move(media_type), std::move(*manifests), std::move(*annotations)});
}

Result<std::optional<Descriptor>> subject_of(const Json& json) {
  const Json* const member = find_member(json, "subject");
  if (member == nullptr) return std::optional<Descriptor>();
  auto subject = Descriptor::parse(*member);
  if (!subject) return subject.error().under("subject");
  return std::optional<Descriptor>(std::move(*subject));
}

Result<Manifest> parse_image(const Json& json, std::string media_type) {
  const auto config_json = object_member(json, "config");
  if (!config_json) return config_json.error().as(Reason::registry_protocol);
  auto config = Descriptor::parse(**config_json);
  if (!config) return config.error().under("config");
  const auto entries = entries_of(json, "layers");
  if (!entries) return entries.error();
  auto layers = descriptors_of(**entries, "layers");
  if (!layers) return layers.error();
  auto subject = subject_of(json);
  if (!subject) return subject.error();
  auto annotations = parse_annotations(json);
  if (!annotations) return annotations.error();
  auto artifact_type = optional_string(json, "artifactType");
  if (!artifact_type) return artifact_type.error();
  if (artifact_type->empty()) *artifact_type = config->media_type;
  return Manifest(ImageManifest{std::move(media_type), std::move(*artifact_type),
                                std::move(*config), std::move(*layers), std::move(*subject),
                                std::move(*annotations)});
}

// The JSON of a manifest whose members have one reading only.
Result<Json> parse_document(std::string_view body) {
  if (body.size() > kManifestBytes) {
    return too_large(cat("a manifest of more than ", std::to_string(kManifestBytes), " bytes"));
  }
  auto json = parse_json(body);
  if (!json) {
    if (json.error().reason() == Reason::limit_exceeded) return json.error();
    return json.error().as(Reason::registry_protocol).under("the manifest cannot be read");
  }
  if (!json->is_object()) return broken_manifest("the manifest is not a JSON object");
  if (auto fault = fault_of_names(*json)) return *fault;
  if (auto fault = fault_of_schema_version(*json)) return *fault;
  return json;
}

}  // namespace

std::string media_type_of(std::string_view content_type) {
  return to_lower(trim(content_type.substr(0, content_type.find(';'))));
}

Result<Manifest> parse_manifest(std::string_view body, std::string_view content_type) {
  const std::string declared = media_type_of(content_type);
  if (is_schema1_type(declared)) return schema1();
  const auto json = parse_document(body);
  if (!json) return json.error();
  auto type = type_of(*json, declared);
  if (!type) return type.error();
  if (auto fault = fault_of_shape(*json, type->kind)) return *fault;
  if (type->kind == Kind::index) return parse_index(*json, std::move(type->media_type));
  return parse_image(*json, std::move(type->media_type));
}

Result<ReferrersPage> parse_referrers(std::string_view body) {
  const auto json = parse_document(body);
  if (!json) return json.error();
  const auto type = type_of(*json, kOciIndex);
  if (!type) return type.error();
  if (auto fault = fault_of_shape(*json, Kind::index)) return *fault;
  const auto entries = entries_of(*json, "manifests");
  if (!entries) return entries.error();
  if ((*entries)->size() > kIndexEntries) return too_many_entries();
  ReferrersPage page;
  for (const Json& entry : **entries) {
    if (auto descriptor = Descriptor::parse(entry)) {
      page.descriptors.push_back(std::move(*descriptor));
    } else {
      ++page.unreadable;
    }
  }
  return page;
}

}  // namespace signet
