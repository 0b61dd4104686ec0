#pragma once
// The cluster as the service knows it: its API server, the policies and trust roots that live there
// with what they name, and what else is followed. Until all of it was read once nothing decides;
// afterwards the last good set goes on, whatever becomes of the API server.

#include <list>
#include <map>
#include <memory>
#include <string>

#include "server/kube/client.hpp"
#include "server/kube/reflector.hpp"
#include "server/runtime/background.hpp"
#include "server/runtime/config.hpp"
#include "server/runtime/metrics.hpp"
#include "server/verify/policy_objects.hpp"

namespace signet {

// How to reach the cluster, made before anything that needs it.
struct ClusterEnds {
  std::unique_ptr<KubeClient> client;
  std::string ns;  // the release namespace

  // Fails with config_not_ready and names the setting or file.
  static Result<ClusterEnds> make(const asio::any_io_executor& executor,
                                  const KubernetesConfig& config);
};

class ClusterLink {
 public:
  // Puts a set in force.
  using Decide = std::function<void(PolicyObjects::Reading)>;

  // What is given by reference outlives it.
  ClusterLink(asio::any_io_executor executor, ClusterEnds ends, SetRules rules, Clock clock,
              Metrics& metrics, Log& log);
  ~ClusterLink();
  ClusterLink(const ClusterLink&) = delete;
  ClusterLink& operator=(const ClusterLink&) = delete;

  KubeApi& api() { return *ends_.client; }
  const std::string& ns() const { return ends_.ns; }

  // Something else to be followed; before begin(). `sink` outlives this.
  void follow(WatchTarget target, WatchSink& sink);
  void begin(Background& background, Decide decide);
  // Policies of files, which decide together with those of the cluster.
  void put_files(std::vector<SourcePtr> files);
  // The CRLs behind a URL.
  void put_crls(const std::string& url, Blob crls);

  // For /readyz: every policy and what it names was read once.
  Result<void> ready() const;
  // Nothing is asked any more.
  void close();

  // Changes that come together make one set: it waits so long for the next, and for what they name.
  static constexpr std::chrono::milliseconds kSettle{50};
  static constexpr std::chrono::milliseconds kMaterialTime{1000};

 private:
  class Policies;
  class Material;

  void watch(Reflector& reflector);
  void changed();
  void look_later();
  void look();
  void want_material();
  bool is_synced() const;
  bool has_material() const;

  ClusterEnds ends_;
  Reflector::Means means_;
  PolicyObjects objects_;
  Decide decide_;
  Background* background_ = nullptr;
  asio::steady_timer settle_;
  std::optional<Deadline> changed_at_;
  bool decided_ = false;
  std::list<Reflector> reflectors_;
  std::list<Policies> policies_;
  std::map<MaterialRef, std::unique_ptr<Material>> material_;
};

}  // namespace signet
