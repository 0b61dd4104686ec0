#pragma once
// Who leads, as a Lease says it (webhook.md G.4): a pure candidate that is told what it reads and
// says what to do next. Times that others wrote are never compared with a clock of ours: a lease is
// free when we have seen it unchanged for its whole duration.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "core/base/time.hpp"

namespace signet {

struct LeaseTimes {
  std::chrono::seconds duration{15};        // others wait so long
  std::chrono::seconds renew_deadline{10};  // the leader stops by itself after this
  std::chrono::seconds retry{2};
};

struct LeaseRecord {
  std::string holder;            // empty: released
  std::string resource_version;  // empty: the lease does not exist yet
  std::string acquired;          // as written
  std::string renewed;
  std::uint64_t duration = 0;  // seconds
  std::uint64_t transitions = 0;

  friend bool operator==(const LeaseRecord&, const LeaseRecord&) = default;
};

// Of a Lease as the API server has it; fails with malformed_object.
Result<LeaseRecord> parse_lease(std::string_view json);
std::string lease_json(const std::string& ns, const std::string& name, const LeaseRecord& record);

enum class LeaseStep {
  read,   // GET
  write,  // what claim() says: POST where it has no version, else PUT
  wait,   // another one leads
};

class LeaseCandidate {
 public:
  using Moment = std::chrono::steady_clock::time_point;

  LeaseCandidate(std::string identity, LeaseTimes times)
      : identity_(std::move(identity)), times_(times) {}

  // After a read or a write: the lease as it is; nothing where there is none.
  void saw(std::optional<LeaseRecord> record, Moment now);
  // Our claim, sent at `sent`, was accepted as `record`.
  void wrote(LeaseRecord record, Moment sent, TimePoint wall_sent);
  // What we know is old: somebody else wrote, or our write may or may not have been taken.
  void forget() { known_ = false; }

  LeaseStep next(Moment now) const;
  LeaseRecord claim(TimePoint wall) const;
  // Gives it up for others to take at once.
  LeaseRecord release(TimePoint wall) const;
  // Only until the deadline after the last renewal, by either clock: one of them stands still while
  // a machine is suspended, the other may be set.
  bool leads(Moment now, TimePoint wall) const;
  bool holds() const { return record_ && record_->holder == identity_; }

 private:
  std::string identity_;
  LeaseTimes times_;
  bool known_ = false;
  std::optional<LeaseRecord> record_;
  Moment changed_{};               // when we saw the record change
  std::optional<Moment> renewed_;  // when our last accepted write was sent
  TimePoint wall_renewed_{};
};

}  // namespace signet
