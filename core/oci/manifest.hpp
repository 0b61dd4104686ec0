#pragma once
// Image manifests and indexes (OCI and Docker schema 2), parsed only after their bytes were hashed.
// A document that could be read as both is refused as ambiguous_manifest (GHSA-5j5w-g665-5m35).

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/result.hpp"
#include "core/oci/descriptor.hpp"

namespace signet {

struct ImageManifest {
  std::string media_type;
  std::string artifact_type;  // or the config's media type where the manifest has none
  Descriptor config;
  std::vector<Descriptor> layers;
  std::optional<Descriptor> subject;
  Annotations annotations;
};

struct ImageIndex {
  std::string media_type;
  std::vector<Descriptor> manifests;  // at most kIndexEntries, beyond that limit_exceeded
  Annotations annotations;
};

using Manifest = std::variant<ImageManifest, ImageIndex>;

// `content_type` as the registry sent it (may be empty or generic: then the document itself
// decides). Fails with ambiguous_manifest, registry_protocol, limit_exceeded, unsupported_format.
Result<Manifest> parse_manifest(std::string_view body, std::string_view content_type);

// A Content-Type without parameters, lower case.
std::string media_type_of(std::string_view content_type);

// A page of referrers is a registry's own listing: an entry that cannot be read is counted and
// skipped, for anybody who may push can add one.
struct ReferrersPage {
  std::vector<Descriptor> descriptors;  // at most kIndexEntries, the unreadable ones included
  std::size_t unreadable = 0;
};
Result<ReferrersPage> parse_referrers(std::string_view body);

}  // namespace signet
