#pragma once
// What reviews need to know of the cluster: the logins of workloads, the labels of namespaces, and
// our own logins in secrets of the release namespace.

#include "server/app/cluster.hpp"
#include "server/app/own_logins.hpp"
#include "server/app/registry_stack.hpp"
#include "server/kube/namespaces.hpp"
#include "server/runtime/background.hpp"
#include "server/runtime/config.hpp"
#include "server/verify/pull_logins.hpp"
#include "server/web/webhook.hpp"

namespace signet {

class ClusterAccess {
 public:
  // Null where `cluster` is. Everything must outlive the loop, and so must this; before `cluster`
  // begins.
  static std::unique_ptr<ClusterAccess> make(ClusterLink* cluster, const Config& config,
                                             RegistryStack& registries, Metrics& metrics, Log& log);
  ClusterAccess(ClusterLink& cluster, const RegistryConfig& config, RegistryStack& registries,
                Metrics& metrics, Log& log);
  ClusterAccess(const ClusterAccess&) = delete;
  ClusterAccess& operator=(const ClusterAccess&) = delete;

  PullLogins& pull_logins() { return pull_logins_; }
  // The same judge, who knows namespaces.
  Judge with_labels(Judge judge);

  // Follows our own secrets, and clears what was kept long enough.
  void begin(Background& background);
  // Ends every question; who waits is told.
  void stop();

 private:
  SecretReader reader_;
  PullLogins pull_logins_;
  NamespaceLabels namespaces_;
  OwnLogins own_;
  bool has_own_;
};

// The same judge, who knows the namespaces of the cluster if there is one.
inline Judge with_namespaces(Judge judge, ClusterAccess* access) {
  return access == nullptr ? judge : access->with_labels(std::move(judge));
}

}  // namespace signet
