#pragma once
// An OCI image layout directory as a source of images. Tags are the
// org.opencontainers.image.ref.name of index.json ("1.0", for every repository it stands for, or
// "host/path:1.0"); what it does not hold is not there: the network is never asked.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/oci/manifest.hpp"
#include "server/registry/layout_files.hpp"
#include "server/registry/source.hpp"

namespace signet {

class LayoutSource final : public ImageSource {
 public:
  // Fails with config_not_ready where the directory is no layout.
  static Result<std::unique_ptr<LayoutSource>> open(const std::string& directory);

  Task<Result<Digest>> resolve(Repository repository, std::string tag, Access access,
                               Deadline deadline) override;
  Task<Result<FetchedManifest>> manifest(Repository repository, std::string tag_or_digest,
                                         Access access, Deadline deadline) override;
  Task<Result<Blob>> blob(Repository repository, Descriptor descriptor, std::size_t limit,
                          Access access, Deadline deadline) override;
  Task<Result<Referrers>> referrers(Repository repository, Digest subject, Access access,
                                    Deadline deadline) override;

 private:
  explicit LayoutSource(LayoutFiles files) : files_(std::move(files)) {}

  // Reads index.json anew where it changed.
  Result<void> refresh();
  void scan_subjects();
  // What one manifest of the index says; the bytes of a digest never change, so it is read once.
  struct Scanned {
    std::optional<Error> fault;
    std::optional<Digest> subject;
    std::string artifact_type;
    Annotations annotations;
    std::size_t bytes = 0;
  };
  Scanned scan(const Descriptor& entry) const;
  Result<Descriptor> tagged(const Repository& repository, const std::string& tag) const;
  // The signatures that `cosign save` stores beside the one image of its layout.
  const Descriptor* saved_signatures(const std::string& tag) const;
  Result<FetchedManifest> read_manifest(const Digest& digest, const std::string& media_type) const;
  Result<FetchedManifest> find_manifest(const Repository& repository,
                                        const std::string& tag_or_digest);
  Result<Referrers> find_referrers(const Repository& repository, const Digest& subject);

  LayoutFiles files_;
  std::uint64_t stamp_ = 0;
  std::vector<Descriptor> entries_;
  std::map<Digest, Scanned> scanned_;
  std::multimap<Digest, Descriptor> by_subject_;
  std::optional<Error> unreadable_;  // an entry whose subject could not be read
};

}  // namespace signet
