#pragma once
// Fetches the signatures of one image: bytes and where they lay, judged by nobody here.
//
// A malformed or foreign object is skipped or handed on as a candidate that will not count; a
// failed request is kept as the failure of its place, so that "could not be fetched" never reads as
// "not signed".

#include "core/oci/manifest.hpp"
#include "core/oci/reference.hpp"
#include "core/sigstore/evidence.hpp"
#include "server/registry/source.hpp"
#include "server/runtime/task.hpp"

namespace signet {

// What the referrers of an image hold; legacy signatures may hang there too (OCI 1.1).
struct ReferrerSignatures {
  FoundSignatures bundles;
  FoundSignatures legacy;
};

// Where to look, for which image.
struct Search {
  Repository repository;  // where the signatures lie
  Repository image;       // whose they are; a payload may name it
  Digest digest;
  Access access = Access::own;
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
  Task<void> fetch_children(const Search* search, std::vector<Child>* children, Deadline deadline);
  Task<void> fetch_lane(const Search* search, std::vector<Child>* children, std::size_t* next,
                        Deadline deadline);
  Task<Result<ReferrerSignatures>> fetch_child(Search search, Descriptor child, Deadline deadline);
  Task<Result<Candidate>> fetch_bundle(Search search, Descriptor layer, std::string origin,
                                       Annotations annotations, Deadline deadline);
  Task<FoundSignatures> legacy_layers(Search search, ImageManifest manifest, std::string origin,
                                      Deadline deadline);

  ImageSource& source_;
};

}  // namespace signet
