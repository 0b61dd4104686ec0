#pragma once
// One source out of several: a layout for the repositories it stands for, the longest prefix first,
// and the network for all others.

#include <memory>
#include <string>
#include <vector>

#include "server/registry/layout.hpp"
#include "server/registry/settings.hpp"
#include "server/registry/source.hpp"

namespace signet {

class Sources final : public ImageSource {
 public:
  // `network` must outlive this. Fails with config_not_ready and names the prefix or directory.
  static Result<std::unique_ptr<Sources>> make(ImageSource& network,
                                               const std::vector<LayoutMount>& layouts);

  Task<Result<Digest>> resolve(Repository repository, std::string tag, Access access,
                               Deadline deadline) override;
  Task<Result<FetchedManifest>> manifest(Repository repository, std::string tag_or_digest,
                                         Access access, Deadline deadline) override;
  Task<Result<Blob>> blob(Repository repository, Descriptor descriptor, std::size_t limit,
                          Access access, Deadline deadline) override;
  Task<Result<Referrers>> referrers(Repository repository, Digest subject, Access access,
                                    Deadline deadline) override;
  std::string identity(const Repository& repository, const Access& access) const override;

 private:
  struct Mount {
    std::string prefix;  // canonical; "" for all
    std::unique_ptr<ImageSource> source;
  };

  explicit Sources(ImageSource& network) : network_(network) {}
  ImageSource& source_of(const Repository& repository) const;

  ImageSource& network_;
  std::vector<Mount> mounts_;  // the longest prefix first
};

}  // namespace signet
