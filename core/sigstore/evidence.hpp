#pragma once
// What the gatherer hands in: signatures as they lie in a registry, or why they are missing.
// Bytes only; nothing here was judged.

#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/oci/descriptor.hpp"

namespace signet {

enum class SignatureFormat { bundle, legacy };
std::string_view name_of(SignatureFormat format);

// One signature that somebody left for an image.
struct Candidate {
  SignatureFormat format;
  std::string origin;  // for people: "sha256-<hex>.sig layer 2", "referrer sha256:<hex>"
  Annotations
      annotations;  // legacy: those of the layer; bundle: those of the manifest (never trusted)
  Result<Blob>
      content;  // legacy: the payload; bundle: the bundle's JSON; or why it could not be had
};

// All signatures of one format in one repository.
struct FoundSignatures {
  std::vector<Candidate> candidates;
  std::vector<std::string>
      searched;  // for people: "OCI referrers (2 bundles)", "tag sha256-<hex>.sig (none)"
  std::optional<Error> failure;  // this place could not be searched, or only in part
  // Why this is older than it should be, for people: the registry cannot be reached.
  std::optional<std::string> stale;
};

}  // namespace signet
