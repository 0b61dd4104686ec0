#pragma once
// What a follower of a collection does next, and when (webhook.md G.2): list, then watch from
// there, again and again. A pure machine: it is told what came of each step and says the next.

#include <chrono>
#include <optional>
#include <random>
#include <string>

#include "server/kube/api.hpp"

namespace signet {

// Waits after failures: 0.8 s, doubled up to `longest`, each times 1 to 2, from the start again
// after two minutes without one, or a success.
class KubeBackoff {
 public:
  explicit KubeBackoff(std::uint32_t seed) : dice_(seed) {}

  std::chrono::milliseconds after_failure(Deadline now,
                                          std::chrono::milliseconds longest = kLongest);
  void on_success() { base_ = kFirst; }

  static constexpr std::chrono::milliseconds kFirst{800};
  static constexpr std::chrono::milliseconds kLongest{30'000};
  static constexpr std::chrono::minutes kHealthy{2};

 private:
  std::minstd_rand dice_;
  std::chrono::milliseconds base_ = kFirst;
  std::optional<Deadline> failed_;
};

enum class KubeFaultKind {
  gone,     // the version or the continue token is too old, or from another time
  missing,  // there is no such resource: its CRD was deleted
  broken,   // all others
};

struct KubeFault {
  KubeFaultKind kind = KubeFaultKind::broken;
  std::string what;
  std::optional<std::chrono::milliseconds> retry_after;

  // Of an answer that is no success; `what` says it to people.
  static KubeFault of(const KubeReply& reply);
  static KubeFault of(const Error& error);
};

struct WatchStep {
  enum class Kind { list, watch };
  Kind kind = Kind::list;
  std::string version;  // of a watch: from there
  std::string token;    // of a list: the page; empty: the first
  bool paged = true;
  Deadline not_before{};
};

enum class WatchRestart { closed, gone, error, short_lived };

class WatchPlan {
 public:
  explicit WatchPlan(std::uint32_t seed) : backoff_(seed), dice_(seed) {}

  const WatchStep& next() const { return step_; }

  void on_page(std::string token);
  void on_listed(std::string version, Deadline now);
  void on_list_failed(const KubeFault& fault, Deadline now);

  // The version of an event or a bookmark.
  void on_event(std::string version);
  // The server ended the watch, after `lasted`.
  WatchRestart on_watch_closed(std::chrono::milliseconds lasted, Deadline now);
  WatchRestart on_watch_failed(const KubeFault& fault, Deadline now);
  // Something must be seen afresh.
  void list_again(Deadline not_before);

  static constexpr std::chrono::milliseconds kShort{1000};
  static constexpr std::chrono::minutes kListEvery{30};
  static constexpr std::chrono::seconds kMissing{30};
  static constexpr std::chrono::seconds kPatience{60};  // for a watch that only fails
  // Between tries to watch: a change that falls between two of them waits no longer. A try costs
  // the API server little; a list does not.
  static constexpr std::chrono::seconds kLongestPause{4};

 private:
  void watch_from(Deadline not_before);
  Deadline after(const KubeFault& fault, Deadline now,
                 std::chrono::milliseconds longest = KubeBackoff::kLongest);

  KubeBackoff backoff_;
  std::minstd_rand dice_;
  WatchStep step_;
  std::string version_;
  Deadline list_at_{};
  std::optional<Deadline> failing_since_;
  bool moved_ = false;       // an event came in this watch
  bool ever_moved_ = false;  // or since the list
};

}  // namespace signet
