#pragma once
// Everything between an image reference and its bytes, built in order of dependency: resolver,
// transport, measures, retries, breaker, registry client,
// contents, layouts.

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <vector>

#include "server/net/breaker.hpp"
#include "server/net/https_transport.hpp"
#include "server/net/measured.hpp"
#include "server/net/resolver.hpp"
#include "server/net/retry.hpp"
#include "server/registry/client.hpp"
#include "server/registry/content_cache.hpp"
#include "server/registry/recorded.hpp"
#include "server/registry/sources.hpp"

namespace signet {

// Logins in a Docker config.json; null without a file. Fails with config_not_ready.
Result<std::shared_ptr<const Credentials>> read_credentials(const std::string& file);

class RegistryStack {
 public:
  // Reads the credentials file; fails with config_not_ready and names the file or host that is
  // wrong. `content_bytes` are kept of what is named by digest.
  static Result<std::unique_ptr<RegistryStack>> make(asio::io_context& loop,
                                                     RegistrySettings settings, Clock clock,
                                                     std::size_t content_bytes = 0);
  RegistryStack(const RegistryStack&) = delete;
  RegistryStack& operator=(const RegistryStack&) = delete;

  ImageSource& source() { return *sources_; }
  // For other things than images, without retries.
  Transport& transport() { return *transport_; }
  // What is wrong with the credentials, without secrets.
  const std::vector<std::string>& warnings() const { return warnings_; }
  // From now on; requests under way keep what they began with.
  void use(std::shared_ptr<const Credentials> of_the_file);
  void use_also(std::shared_ptr<const Credentials> of_secrets);
  void forget(const std::string& credential_id) { client_->forget(credential_id); }
  void allow(std::vector<std::string> hosts) { client_->allow(std::move(hosts)); }
  void trust(NetSettings authorities) {
    transport_->trust(std::move(authorities.ca_pem), std::move(authorities.ca_pem_by_host));
  }
  // From now on; `metrics` must outlive this.
  void count_in(RegistryMetrics& metrics) {
    measured_->count_in(metrics);
    contents_->count_in(metrics);
  }
  // Ends what is under way, tokens included, so that the loop can end.
  void close() {
    contents_->stop();
    transport_->close();
  }

 private:
  RegistryStack() = default;
  void use_both();

  std::vector<std::string> warnings_;
  std::shared_ptr<const Credentials> of_the_file_;
  std::shared_ptr<const Credentials> of_secrets_;
  std::unique_ptr<SystemResolver> resolver_;
  std::unique_ptr<HttpsTransport> transport_;
  std::unique_ptr<MeasuredTransport> measured_;
  std::unique_ptr<RetryingTransport> retrying_;
  std::unique_ptr<BreakingTransport> breaking_;
  std::unique_ptr<RegistryClient> client_;
  std::unique_ptr<ContentCache> contents_;
  std::unique_ptr<RecordedSource> recorded_;  // in place of the network
  std::unique_ptr<Sources> sources_;
};

}  // namespace signet
