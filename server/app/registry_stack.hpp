#pragma once
// Everything between an image reference and its bytes, built in order of dependency: resolver,
// transport, retries, registry client, layouts.

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <vector>

#include "server/net/https_transport.hpp"
#include "server/net/resolver.hpp"
#include "server/net/retry.hpp"
#include "server/registry/client.hpp"
#include "server/registry/sources.hpp"

namespace signet {

class RegistryStack {
 public:
  // Reads the credentials file; fails with config_not_ready and names the file or host that is
  // wrong.
  static Result<std::unique_ptr<RegistryStack>> make(asio::io_context& loop,
                                                     RegistrySettings settings, Clock clock);
  RegistryStack(const RegistryStack&) = delete;
  RegistryStack& operator=(const RegistryStack&) = delete;

  ImageSource& source() { return *sources_; }
  // What is wrong with the credentials, without secrets.
  const std::vector<std::string>& warnings() const { return warnings_; }
  // Closes idle connections, so that the loop can end.
  void close() { transport_->close_idle(); }

 private:
  RegistryStack() = default;

  std::vector<std::string> warnings_;
  std::unique_ptr<SystemResolver> resolver_;
  std::unique_ptr<HttpsTransport> transport_;
  std::unique_ptr<RetryingTransport> retrying_;
  std::unique_ptr<RegistryClient> client_;
  std::unique_ptr<Sources> sources_;
};

}  // namespace signet
