#pragma once
// Another source whose tags stay what they were first: within one run a tag means one image.

#include <map>
#include <string>

#include "server/registry/source.hpp"

namespace signet {

class SteadyTags final : public ImageSource {
 public:
  // `source` must outlive this.
  explicit SteadyTags(ImageSource& source) : source_(source) {}

  Task<Result<Digest>> resolve(Repository repository, std::string tag, Access access,
                               Deadline deadline) override;
  Task<Result<FetchedManifest>> manifest(Repository repository, std::string tag_or_digest,
                                         Access access, Deadline deadline) override {
    return source_.manifest(std::move(repository), std::move(tag_or_digest), std::move(access),
                            deadline);
  }
  Task<Result<Blob>> blob(Repository repository, Descriptor descriptor, std::size_t limit,
                          Access access, Deadline deadline) override {
    return source_.blob(std::move(repository), std::move(descriptor), limit, std::move(access),
                        deadline);
  }
  Task<Result<Referrers>> referrers(Repository repository, Digest subject, Access access,
                                    Deadline deadline) override {
    return source_.referrers(std::move(repository), std::move(subject), std::move(access),
                             deadline);
  }
  std::string identity(const Repository& repository, const Access& access) const override {
    return source_.identity(repository, access);
  }

 private:
  ImageSource& source_;
  std::map<std::string, Result<Digest>> known_;  // failures, too
};

}  // namespace signet
