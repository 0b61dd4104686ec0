#pragma once
// Says what of our webhook configurations is not as it is meant to be (security.md SR-34): as a
// metric, to the log once, and to whoever asks. It repairs nothing.

#include "server/kube/live_webhooks.hpp"
#include "server/kube/told_once.hpp"
#include "server/runtime/log.hpp"

namespace signet {

class DriftWatch {
 public:
  struct Needs {
    std::function<std::string()> chain;  // that is served, PEM; empty: none yet
    std::string host;                    // that clients call; empty: any
    bool needs_bundle = false;           // without a caBundle clients would not trust us
  };

  // What is given by reference outlives it.
  DriftWatch(KubeApi& api, WebhookIntent intent, Needs needs, Clock clock, WriterMetrics& metrics,
             Log& log);
  DriftWatch(const DriftWatch&) = delete;
  DriftWatch& operator=(const DriftWatch&) = delete;

  // For Background, often: reads after poke(), and at least once a minute.
  Task<Result<void>> run();
  void poke() { due_ = std::nullopt; }

  // Fails with all that was found last.
  Result<void> check() const;
  // Whether Pods are validated by a webhook that trusts us: nothing before it is known. A fault
  // counts when it has lasted, for a repair takes a moment.
  std::optional<bool> is_enforced() const { return enforced_; }
  static constexpr std::chrono::seconds kLasting{60};

 private:
  void judge();
  bool stops_nothing() const;

  LiveWebhooks webhooks_;
  WebhookIntent intent_;
  Needs needs_;
  Clock clock_;
  WriterMetrics& metrics_;
  Log& log_;
  std::vector<WebhookDrift> found_;
  std::optional<TimePoint> due_;
  TimePoint looked_{};
  std::optional<TimePoint> faulty_since_;
  std::optional<bool> enforced_;
  std::string logged_;
  ToldOnce told_;
};

}  // namespace signet
