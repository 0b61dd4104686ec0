#pragma once
// Fetches the signatures of one image: bytes and where they lay, judged by nobody here.
//
// A malformed or foreign object is skipped or handed on as a candidate that will not count; a
// failed request is kept as the failure of its place, so that "could not be fetched" never reads as
// "not signed".

#include "core/base/limits.hpp"
#include "core/oci/manifest.hpp"
#include "core/oci/reference.hpp"
#include "core/sigstore/evidence.hpp"
#include "server/registry/source.hpp"
#include "server/runtime/task.hpp"

namespace signet {

// The bundles of one image that are held at one time: two of the largest, or thousands of usual
// ones.
inline constexpr std::size_t kBundleBytesInAll = 32 * kMiB;

// What the referrers of an image hold; legacy signatures may hang there too (OCI 1.1).
struct ReferrerSignatures {
  FoundSignatures bundles;
  FoundSignatures legacy;
};

// Where a repository keeps signatures.
enum class Shelf { referrers, signature_tag };

// Where to look, for which image.
struct Search {
  Repository repository;  // where the signatures lie
  Repository image;       // whose they are; a payload may name it
  Digest digest;
  Access access;
};

class Gatherer {
 public:
  // `source` must outlive the gatherer.
  explicit Gatherer(ImageSource& source) : source_(source) {}

  // The referrers API or its fallback tag, every child that may be a signature, and its blob.
  Task<ReferrerSignatures> referrers(Search search, Deadline deadline);
  // The object at cosign's `sha256-<hex>.sig` tag: one signature a layer.
  Task<FoundSignatures> signature_tag(Search search, Deadline deadline);

 private:
  struct Child;
  struct Round;
  Task<void> fetch_children(Round* round);
  Task<void> fetch_lane(Round* round);
  Task<Result<ReferrerSignatures>> fetch_child(Round* round, Descriptor child);
  Task<Result<Candidate>> fetch_bundle(Round* round, Descriptor layer, std::string origin,
                                       Annotations annotations);
  Task<FoundSignatures> legacy_layers(Search search, ImageManifest manifest, std::string origin,
                                      Deadline deadline);

  ImageSource& source_;
};

}  // namespace signet
