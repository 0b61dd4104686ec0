#include "server/app/cluster_access.hpp"

namespace signet {
namespace {

constexpr std::chrono::seconds kSecretsLook{5};  // at our own secrets
constexpr std::chrono::seconds kSecretsUpkeep{10};

PullSecretRules rules_from(const PullSecretsConfig& config) {
  return PullSecretRules{config.mode,
                         {config.names.begin(), config.names.end()},
                         {config.namespaces.begin(), config.namespaces.end()}};
}

}  // namespace

std::unique_ptr<ClusterAccess> ClusterAccess::make(ClusterLink* cluster, const Config& config,
                                                   RegistryStack& registries, Metrics& metrics,
                                                   Log& log) {
  if (cluster == nullptr) return nullptr;
  const bool reads_secrets = config.registry.pull_secrets.mode != PullSecretMode::none;
  if (reads_secrets && config.tls.client_ca_file.empty()) {
    log.write(LogLine(LogLevel::warn, "registry", "unknown_callers",
                      "whoever reaches the admission port makes pull secrets be used: set "
                      "tls.clientCa"));
  }
  return std::make_unique<ClusterAccess>(*cluster, config.registry, registries, metrics, log);
}

ClusterAccess::ClusterAccess(ClusterLink& cluster, const RegistryConfig& config,
                             RegistryStack& registries, Metrics& metrics, Log& log)
    : reader_(cluster.api(), &metrics),
      pull_logins_(reader_, rules_from(config.pull_secrets),
                   [&registries](const std::string& id) { registries.forget(id); }),
      namespaces_(cluster.api(), &metrics),
      own_(
          cluster.api(), cluster.ns(), config.credential_secrets,
          [&registries](std::shared_ptr<const Credentials> all) {
            registries.use_also(std::move(all));
          },
          log),
      has_own_(!config.credential_secrets.empty()) {
  cluster.follow({"/api/v1/namespaces", "namespaces", ""}, namespaces_);
}

Judge ClusterAccess::with_labels(Judge judge) {
  judge.known_labels = [this](std::string_view ns, const Judge::LabelKeyList& keys) {
    return namespaces_.find(ns, keys);
  };
  judge.namespace_labels = [this](std::string ns, Judge::LabelKeyList keys, Deadline deadline) {
    return namespaces_.get(std::move(ns), std::move(keys), deadline);
  };
  return judge;
}

void ClusterAccess::begin(Background& background) {
  if (has_own_) {
    background.repeat("credential_secrets", Schedule{kSecretsLook}, [this] { return own_.look(); });
  }
  background.repeat("pull_secrets", Schedule{kSecretsUpkeep}, [this]() -> Task<Result<void>> {
    pull_logins_.forget_old();
    co_return Result<void>();
  });
}

void ClusterAccess::stop() {
  pull_logins_.stop();
  namespaces_.stop();
}

}  // namespace signet
