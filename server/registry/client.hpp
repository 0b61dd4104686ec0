#pragma once
// The registry as a source of images, read only. Every body is hashed here before anyone reads it;
// a digest that a registry merely states counts for resolving a tag and for nothing else
// (registry.md B.6).

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <optional>
#include <string>

#include "server/net/transport.hpp"
#include "server/registry/authenticator.hpp"
#include "server/registry/credentials.hpp"
#include "server/registry/host_rules.hpp"
#include "server/registry/settings.hpp"
#include "server/registry/source.hpp"

namespace signet {

class RegistryClient final : public ImageSource {
 public:
  // `transport` (retries included) must outlive the client, and the client the loop.
  RegistryClient(asio::any_io_executor executor, Transport& transport, Clock clock,
                 RegistrySettings settings);
  RegistryClient(const RegistryClient&) = delete;
  RegistryClient& operator=(const RegistryClient&) = delete;

  // The logins to use from now on; none at first.
  void use(std::shared_ptr<const Credentials> credentials);
  // Forgets the tokens of a login that is gone.
  void forget(const std::string& credential_id) { authenticator_.forget(credential_id); }
  // The hosts that may be asked from now on (RegistrySettings::allowed_hosts). Those of before
  // count for half a minute more: what is under way ends by the policies that it began with.
  void allow(std::vector<std::string> hosts);

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
  // What is asked for, in one value: coroutines take their parameters by value.
  struct Question {
    Repository repository;
    std::string kind;  // manifests, blobs, referrers
    std::string name;
    Access access;

    std::string text() const;  // "quay.io/a/b:1", for messages
  };

  void forget_former_hosts();
  Result<RegistryRequest> request_for(const Question& question, std::string method);
  Task<Result<HttpReply>> ask(Question question, std::string method, Deadline deadline);
  Task<Result<FetchedManifest>> fetch(Question question, Deadline deadline);
  Task<Result<Digest>> head(Question question, Deadline deadline);

  Task<Result<HttpReply>> referrers_page(Question question, std::string target, Deadline deadline);
  Task<Result<Referrers>> from_api(Question question, HttpReply first, Deadline deadline);
  Task<Result<Referrers>> from_tag(Question question, Digest subject, Deadline deadline);
  bool lacks_referrers(const Question& question, const Url& registry);
  void remember_lack(const Question& question, const HttpReply& reply);

  RegistrySettings settings_;
  HostRules rules_;
  std::optional<Deadline> former_until_;  // until then the hosts of before count too
  Authenticator authenticator_;
  Cache<std::string, bool> head_unreliable_;  // by origin
  Cache<std::string, bool> no_referrers_;     // by origin, or by origin and repository
};

}  // namespace signet
