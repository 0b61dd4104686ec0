#pragma once
// Blobs and manifests by digest, kept once they were proven to be those bytes: they never age and
// serve every tenant. Whoever asks has learned the digest with logins of its own.

#include <memory>
#include <string>

#include "server/registry/source.hpp"
#include "server/runtime/cache.hpp"
#include "server/runtime/cache_counts.hpp"
#include "server/runtime/single_flight.hpp"

namespace signet {

class ContentCache final : public ImageSource {
 public:
  // `inner` verifies what it hands out; it must outlive the loop, and so must this.
  ContentCache(ImageSource& inner, std::size_t bytes);

  Task<Result<Digest>> resolve(Repository repository, std::string tag, Access access,
                               Deadline deadline) override;
  Task<Result<FetchedManifest>> manifest(Repository repository, std::string tag_or_digest,
                                         Access access, Deadline deadline) override;
  Task<Result<Blob>> blob(Repository repository, Descriptor descriptor, std::size_t limit,
                          Access access, Deadline deadline) override;
  Task<Result<Referrers>> referrers(Repository repository, Digest subject, Access access,
                                    Deadline deadline) override;
  std::string identity(const Repository& repository, const Access& access) const override;

  // From now on; `metrics` must outlive this.
  void count_in(RegistryMetrics& metrics) { counts_.count_in(metrics); }
  // Ends every flight; who waits is told.
  void stop();

 private:
  using Content = std::shared_ptr<const FetchedManifest>;  // of a blob: no media type
  using Flights = SingleFlight<std::string, Content>;

  Task<Result<Content>> find(std::string key, std::string flight, Flights::Work work,
                             Deadline deadline);
  Task<Result<Content>> fetch_manifest(std::string key, Repository repository, std::string digest,
                                       Access access);
  Task<Result<Content>> fetch_blob(std::string key, Repository repository, Descriptor descriptor,
                                   std::size_t limit, Access access);
  void keep(const std::string& key, const Content& content);

  ImageSource& inner_;
  Cache<std::string, Content> contents_;
  Flights flights_;
  CacheCounts counts_;
};

}  // namespace signet
