#pragma once
// The logins that workloads bring along, as the kubelet has them (registry.md C.9): read from their
// own namespace when an image needs one, kept for five minutes at most, never listed or watched.
// What cannot be read is no login, and a hint for people.

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "core/policy/plan.hpp"
#include "server/kube/secrets.hpp"
#include "server/registry/credentials.hpp"
#include "server/runtime/cache.hpp"
#include "server/runtime/config.hpp"
#include "server/runtime/single_flight.hpp"
#include "server/verify/remembered.hpp"

namespace signet {

struct PullSecretRules {
  PullSecretMode mode = PullSecretMode::none;
  std::set<std::string, std::less<>> names;
  std::set<std::string, std::less<>> namespaces;

  bool reads_namespace(std::string_view ns) const;
  // Why a secret is not read, as half a sentence; empty: it is.
  std::string objection(std::string_view ns, std::string_view name) const;
};

struct BroughtLogins {
  std::shared_ptr<const Credentials> credentials;  // null: none
  std::vector<std::string> ids;                    // of all of them
  std::vector<std::string> hints;                  // what is wrong with the others
};

class PullLogins {
 public:
  using Brought = std::shared_ptr<const BroughtLogins>;  // never null, but from find()
  using Gone = std::function<void(const std::string& credential_id)>;

  // `reader` must outlive the loop, and so must this. `gone` hears of logins that a secret no
  // longer holds.
  PullLogins(SecretReader& reader, PullSecretRules rules, Gone gone,
             Ticks ticks = std::chrono::steady_clock::now);

  // What is held, or needs no question; null where the API server must be asked.
  Brought find(const Workload& workload);
  // The same, or what the API server says within a second.
  Task<Brought> get(Workload workload, Deadline deadline);
  // After a registry refused `before`: what the secrets hold now; null where that is the same or
  // was read a moment ago.
  Task<Brought> get_other(Workload workload, Brought before, Deadline deadline);

  // Clears what was kept long enough; now and then.
  void forget_old();
  // Ends every flight; who waits is told.
  void stop() { flights_.stop(); }

 private:
  struct Kept {
    Brought logins;
    Deadline read;
  };
  struct Reading;

  bool brings_none(const Workload& workload) const;
  Task<Brought> fly(std::string key, Workload workload, Deadline deadline);
  Task<Result<Brought>> read(std::string key, Workload workload);
  Task<void> read_account(Reading* reading, Deadline deadline);
  Task<void> read_secret(Reading* reading, std::string name, Deadline deadline);
  void tell_gone(const std::string& key, const std::vector<std::string>& ids);

  SecretReader& reader_;
  PullSecretRules rules_;
  Gone gone_;
  Ticks ticks_;
  Brought none_ = std::make_shared<const BroughtLogins>();
  Cache<std::string, Kept> kept_;
  Cache<std::string, std::vector<std::string>> last_ids_;
  SingleFlight<std::string, Brought> flights_;
};

}  // namespace signet
