#pragma once
// All that this replica writes into its cluster: the Lease of the leader, its own certificates,
// the statuses of policies, Events; and what it finds wrong with the webhook configurations. None
// of it is waited for by a review.

#include <list>

#include "server/app/cluster_reports.hpp"
#include "server/kube/drift_watch.hpp"
#include "server/kube/leadership.hpp"
#include "server/kube/own_tls.hpp"
#include "server/kube/reflector.hpp"
#include "server/runtime/background.hpp"
#include "server/runtime/config.hpp"
#include "server/web/probes.hpp"
#include "server/web/review_record.hpp"
#include "server/web/tls_reload.hpp"

namespace signet {

class ClusterWriters {
 public:
  // `ns`: the release namespace. What is given by reference outlives it.
  ClusterWriters(KubeApi& api, const Config& config, std::string ns, const Clock& clock,
                 TlsReload& tls, Metrics& metrics, Log& log);
  ClusterWriters(const ClusterWriters&) = delete;
  ClusterWriters& operator=(const ClusterWriters&) = delete;

  // Begins the work that repeats.
  void begin(Background& background);
  // How the policies and roots of the cluster are.
  void show(std::vector<PolicyObjectStatus> objects);
  // For the webhook: what it decides becomes Events. Never waits.
  ReviewLog::Listener listener();

  bool leads() const { return leadership_.leads(); }
  // For /readyz?verbose: the drift of webhook configurations; it makes nothing unready.
  Check drift_check() const;
  // At the end, when nothing repeats any more: another replica may lead at once.
  Task<void> release(Deadline deadline) { return leadership_.release(deadline); }

 private:
  // The Secret of the CA or a webhook configuration may have changed: whatever it is, it is read.
  class Poke final : public WatchSink {
   public:
    explicit Poke(ClusterWriters& writers) : writers_(writers) {}
    std::vector<KubeKey> replace(std::vector<KubeObject> all) override;
    bool put(KubeObject object) override;
    void remove(const KubeKey& key) override;

   private:
    ClusterWriters& writers_;
  };

  void poke();
  void watch(KubeApi& api, WatchTarget target, const Reflector::Means& means);
  void watch_what_is_kept(KubeApi& api, const Config& config, const Reflector::Means& means);
  OwnTls::Needs tls_needs(TlsReload& tls);
  StatusWriter::Needs status_needs();
  Task<Result<void>> write_statuses();
  void note(const EventNote& note);

  const bool manages_tls_;
  const bool sends_events_;
  const std::string ns_;
  const std::string name_;
  Leadership leadership_;
  EventSender events_;
  LiveWebhooks webhooks_;
  OwnTls own_tls_;
  DriftWatch drift_;
  StatusWriter statuses_;
  std::vector<PolicyObjectStatus> objects_;
  std::optional<bool> enforced_;  // as the statuses say it
  Poke poke_{*this};
  std::list<Reflector> watches_;
};

}  // namespace signet
