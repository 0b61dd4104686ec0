#pragma once
// Writes the statuses of policies and trust roots (webhook.md G.3): the leader alone, by
// server-side apply of our own fields, and only what differs from what the object has.
// lastTransitionTime changes with `status` alone.

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "server/kube/api.hpp"
#include "server/kube/told_once.hpp"
#include "server/runtime/writer_metrics.hpp"

namespace signet {

struct StatusCondition {
  std::string type;    // Ready
  std::string status;  // True, False, Unknown
  std::string reason;  // one word
  std::string message;
  std::string since{};  // lastTransitionTime; of what is wanted: empty

  friend bool operator==(const StatusCondition&, const StatusCondition&) = default;
};

// The status of one object: `generation` is what the conditions speak of.
struct ObjectStatus {
  std::int64_t generation = 0;
  std::vector<StatusCondition> conditions;

  friend bool operator==(const ObjectStatus&, const ObjectStatus&) = default;
};

struct StatusTarget {
  std::string kind;    // ClusterTrustPolicy
  std::string plural;  // clustertrustpolicies
  std::string ns;      // empty: of the cluster
  std::string name;
  std::string uid;  // another object of the same name is not written

  friend auto operator<=>(const StatusTarget&, const StatusTarget&) = default;
};

using WantedStatuses = std::map<StatusTarget, ObjectStatus>;

// ---- decisions

// As the API server has it; `uid` may be of another object of the same name.
struct LiveStatus {
  std::string uid;
  ObjectStatus status;
};
Result<LiveStatus> parse_live_status(std::string_view json);
// What it becomes: each condition begins now, or where its status did not change when it did.
ObjectStatus with_times(const ObjectStatus& wanted, const ObjectStatus& live, TimePoint now);
std::string status_patch(const StatusTarget& target, const ObjectStatus& status);
std::string path_of(const StatusTarget& target);

class StatusWriter {
 public:
  struct Needs {
    std::function<bool()> leads;
    // The Ready condition of an object became another; `was` is empty where it had none. May be
    // empty.
    std::function<void(const StatusTarget&, const StatusCondition& is, const std::string& was)>
        changed;
  };

  // What is given by reference outlives it.
  StatusWriter(KubeApi& api, Needs needs, Clock clock, WriterMetrics& metrics)
      : api_(api), needs_(std::move(needs)), clock_(std::move(clock)), metrics_(metrics) {}
  StatusWriter(const StatusWriter&) = delete;
  StatusWriter& operator=(const StatusWriter&) = delete;

  // The statuses of all objects that there are.
  void want(WantedStatuses all);
  // For Background, often: writes some of what differs.
  Task<Result<void>> run();

  std::size_t waiting() const { return due_.size(); }
  static constexpr std::size_t kWritesOfOneRun = 50;

 private:
  Task<Result<void>> write(StatusTarget target, Deadline deadline);
  Task<Result<void>> apply(StatusTarget target, ObjectStatus status, Deadline deadline);
  void tell(const StatusTarget& target, const ObjectStatus& before, const ObjectStatus& now) const;

  KubeApi& api_;
  Needs needs_;
  Clock clock_;
  WriterMetrics& metrics_;
  WantedStatuses wanted_;
  std::set<StatusTarget> due_;  // what may differ
  bool led_ = false;
  std::optional<TimePoint> not_before_;  // after a failure
  ToldOnce told_;
};

}  // namespace signet
