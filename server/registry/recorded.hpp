#pragma once
// Sources of images that answer from recorded evidence, and that record it. What was not recorded
// is not "absent": it cannot be told, and the network is never asked.

#include <set>

#include "server/registry/recording.hpp"
#include "server/registry/source.hpp"

namespace signet {

class RecordedSource final : public ImageSource {
 public:
  explicit RecordedSource(std::shared_ptr<const Recording> recording)
      : recording_(std::move(recording)) {}

  Task<Result<Digest>> resolve(Repository repository, std::string tag, Access access,
                               Deadline deadline) override;
  Task<Result<FetchedManifest>> manifest(Repository repository, std::string tag_or_digest,
                                         Access access, Deadline deadline) override;
  Task<Result<Blob>> blob(Repository repository, Descriptor descriptor, std::size_t limit,
                          Access access, Deadline deadline) override;
  Task<Result<Referrers>> referrers(Repository repository, Digest subject, Access access,
                                    Deadline deadline) override;

  // What was asked for and is not in the recording.
  const std::set<std::string>& missing() const { return missing_; }

 private:
  Result<Digest> find_tag(const std::string& name);
  Result<FetchedManifest> find_manifest(const Repository& repository,
                                        const std::string& tag_or_digest);
  // The recorded failure of `name`, else that it was not recorded.
  Error failure_of(const std::string& name);

  std::shared_ptr<const Recording> recording_;
  std::set<std::string> missing_;
};

class RecordingSource final : public ImageSource {
 public:
  // `inner` must outlive this.
  explicit RecordingSource(ImageSource& inner) : inner_(inner) {}

  Task<Result<Digest>> resolve(Repository repository, std::string tag, Access access,
                               Deadline deadline) override;
  Task<Result<FetchedManifest>> manifest(Repository repository, std::string tag_or_digest,
                                         Access access, Deadline deadline) override;
  Task<Result<Blob>> blob(Repository repository, Descriptor descriptor, std::size_t limit,
                          Access access, Deadline deadline) override;
  Task<Result<Referrers>> referrers(Repository repository, Digest subject, Access access,
                                    Deadline deadline) override;

  const Recording& recording() const { return recording_; }

 private:
  void keep(const Repository& repository, FetchedManifest manifest);

  ImageSource& inner_;
  Recording recording_;
};

}  // namespace signet
