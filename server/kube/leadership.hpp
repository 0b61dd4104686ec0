#pragma once
// Whether this replica leads: statuses, caBundle and the rotation of the CA are written by the
// leader alone. Admission never depends on it, and it is no fence: every write that needs one
// carries a resourceVersion.

#include "server/kube/api.hpp"
#include "server/kube/lease.hpp"
#include "server/kube/told_once.hpp"
#include "server/runtime/writer_metrics.hpp"

namespace signet {

struct LeadershipSettings {
  std::string ns;
  std::string lease;     // its name
  std::string identity;  // unique among the replicas
  LeaseTimes times{};
};

class Leadership {
 public:
  using Ticks = std::function<std::chrono::steady_clock::time_point()>;

  // What is given by reference outlives it.
  Leadership(KubeApi& api, LeadershipSettings settings, Clock clock, Ticks ticks,
             WriterMetrics& metrics);
  Leadership(const Leadership&) = delete;
  Leadership& operator=(const Leadership&) = delete;

  // For Background, every settings.times.retry: takes, renews or watches the lease.
  Task<Result<void>> run();
  bool leads() const { return candidate_.leads(ticks_(), clock_()); }
  // At the end, after the last run(): another replica need not wait for the lease to lapse.
  Task<void> release(Deadline deadline);

 private:
  Task<Result<void>> read(Deadline deadline);
  Task<Result<void>> write(LeaseRecord record, Deadline deadline);
  void show();

  KubeApi& api_;
  LeadershipSettings settings_;
  Clock clock_;
  Ticks ticks_;
  WriterMetrics& metrics_;
  LeaseCandidate candidate_;
  bool shown_ = false;
  ToldOnce told_;
};

}  // namespace signet
