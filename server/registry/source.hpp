#pragma once
// Where images and their signatures come from: a registry, or an OCI layout directory standing in
// for one.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/oci/descriptor.hpp"
#include "core/oci/reference.hpp"
#include "server/runtime/task.hpp"

namespace signet {

struct FetchedManifest {
  std::string body;
  std::string media_type;  // Content-Type without parameters; may be empty
  Digest digest;           // of the body, always computed
};

struct Referrers {
  std::vector<Descriptor> descriptors;
  bool from_fallback_tag = false;
  // Why the list may lack something. Nothing among the rest that verifies is then no proof that
  // there is nothing.
  std::optional<Error> incomplete;
};

class Credentials;

// On whose behalf something is fetched.
struct Access {
  bool with_logins = true;  // false: our own are never shown
  std::string tenant;       // the namespace whose share of connections it takes; empty: our own
  // The tenant's own logins, tried before ours; none of another tenant's is ever among them.
  std::shared_ptr<const Credentials> pull_secrets = nullptr;

  static const Access own;
  static const Access anonymous;
};
inline const Access Access::own{};
inline const Access Access::anonymous{false, {}, nullptr};

class ImageSource {
 public:
  virtual ~ImageSource() = default;
  // The digest a tag stands for: HEAD, then GET where HEAD cannot tell. image_not_found where there
  // is none.
  virtual Task<Result<Digest>> resolve(Repository repository, std::string tag, Access access,
                                       Deadline deadline) = 0;
  // A manifest by tag ("sha256-<hex>.sig") or by digest ("sha256:<hex>"). image_not_found where
  // there is none.
  virtual Task<Result<FetchedManifest>> manifest(Repository repository, std::string tag_or_digest,
                                                 Access access, Deadline deadline) = 0;
  // A blob, verified against the descriptor's size and digest; larger than `limit` is
  // limit_exceeded before a request.
  virtual Task<Result<Blob>> blob(Repository repository, Descriptor descriptor, std::size_t limit,
                                  Access access, Deadline deadline) = 0;
  // The referrers API, or the fallback tag where the registry has none. An empty list is an answer.
  virtual Task<Result<Referrers>> referrers(Repository repository, Digest subject, Access access,
                                            Deadline deadline) = 0;
  // Tells the logins that would be shown for a repository: what one of them could read is another's
  // only if both have the same text. Empty: none is known here.
  virtual std::string identity(const Repository& repository, const Access& access) const {
    static_cast<void>(repository);
    static_cast<void>(access);
    return {};
  }
};

}  // namespace signet
