#pragma once
// The admission service: every component named once, in order of dependency.

#include <boost/asio/io_context.hpp>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include "server/app/cluster.hpp"
#include "server/app/cluster_access.hpp"
#include "server/app/cluster_writers.hpp"
#include "server/app/registry_stack.hpp"
#include "server/runtime/background.hpp"
#include "server/runtime/memory.hpp"
#include "server/runtime/reloader.hpp"
#include "server/runtime/snapshot.hpp"
#include "server/verify/crl_refresher.hpp"
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

  // Looks at everything that is reloaded, changed or not (SIGHUP).
  void reload();
  // Logs everything for ten minutes, or no longer (SIGUSR1).
  void toggle_debug();

  // Whom clients are to trust.
  const std::string& certificate_pem() const { return tls_.chain_pem(); }
  Log& log() { return log_; }

 private:
  Service(asio::io_context& loop, const Config& config, const Clock& clock, Log::Out log_out,
          std::unique_ptr<RegistryStack> registries, std::optional<ClusterEnds> cluster);
  void decide_by(PolicyStore::Reading reading);
  void put_in_force(const Assembled& policies);
  void tell_issues(const std::vector<Issue>& issues);
  void follow_cluster();
  Watched policies_watched();
  Watched credentials_watched();
  Watched authorities_watched();
  // Loads it now and keeps it as its files say.
  Result<void> follow(Watched watched);
  Reloader& watch(Watched watched);
  Result<void> load_certificate();
  Result<void> follow_files(FileStamps policy_files);
  void begin_upkeep();
  void say_what_is_wrong();

  const Config config_;
  Clock clock_;
  Log log_;
  Metrics metrics_;
  Memory memory_;
  PolicyStore store_;
  Snapshot<PolicySet> policies_;
  std::vector<std::string> told_issues_;
  std::unique_ptr<RegistryStack> registries_;
  std::unique_ptr<ClusterLink> cluster_;   // nullptr: outside a cluster
  std::unique_ptr<ClusterAccess> access_;  // likewise
  CrlRefresher crls_;
  Reloader* policy_files_ = nullptr;
  Verifier verifier_;
  Webhook webhook_;
  TlsReload tls_;
  Probes probes_;
  WebServer server_;
  std::unique_ptr<ClusterWriters> writers_;  // likewise
  std::list<Reloader> reloaders_;
  Background background_;
};

}  // namespace signet
