#pragma once
// The admission service: every component named once, in order of dependency.

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <vector>

#include "server/app/registry_stack.hpp"
#include "server/runtime/background.hpp"
#include "server/runtime/snapshot.hpp"
#include "server/verify/policy_store.hpp"
#include "server/verify/verifier.hpp"
#include "server/web/server.hpp"

namespace signet {

class Service {
 public:
  // Reads policies, credentials and certificate; nothing listens yet. Fails with the reason of what
  // is wrong, and names the file or setting. `log_out`: where log lines go; empty: standard error.
  static Result<std::unique_ptr<Service>> make(asio::io_context& loop, const Config& config,
                                               Clock clock, Log::Out log_out);
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  // Binds, serves, and logs `listening` with the ports that were taken.
  Result<Listening> open();
  // Not ready from now on, still serving.
  void begin_drain();
  // No new requests, those in progress finish, at most until `deadline`. The loop runs out
  // afterwards.
  Task<void> stop(Deadline deadline);

  // Whom clients are to trust.
  const std::string& certificate_pem() const { return tls_.chain_pem(); }
  Log& log() { return log_; }

 private:
  Service(asio::io_context& loop, const Config& config, const Clock& clock, Log::Out log_out,
          PolicyFiles policies, std::unique_ptr<RegistryStack> registries);
  Result<void> load_certificate(const Config& config);
  void say_what_is_wrong(const PolicyFiles& policies);

  Log log_;
  Metrics metrics_;
  Snapshot<PolicySet> policies_;
  std::unique_ptr<RegistryStack> registries_;
  Verifier verifier_;
  Webhook webhook_;
  TlsReload tls_;
  Probes probes_;
  WebServer server_;
  Background background_;
};

}  // namespace signet
