#pragma once
// Follows one collection of the API server, or one object of it, for as long as the program runs,
// and tells a sink: what was told stays true while the API server is away. WatchPlan decides, this
// obeys.

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "server/kube/watch_objects.hpp"
#include "server/kube/watch_plan.hpp"
#include "server/runtime/kube_metrics.hpp"
#include "server/runtime/log.hpp"

namespace signet {

struct KubeKey {
  std::string ns;
  std::string name;

  friend auto operator<=>(const KubeKey&, const KubeKey&) = default;
};

// Who is told. Objects that are older than what is known are not taken before a fresh GET confirms
// them (security.md SR-58); who does not care takes everything.
class WatchSink {
 public:
  virtual ~WatchSink() = default;
  // All that there are, the others are gone; returns those that must be confirmed.
  virtual std::vector<KubeKey> replace(std::vector<KubeObject> all) = 0;
  // False where it must be confirmed.
  virtual bool put(KubeObject object) = 0;
  virtual void confirm(KubeObject object) { put(std::move(object)); }
  virtual void remove(const KubeKey& key) = 0;
  // The watch is alive: what was told is current.
  virtual void alive() {}
  // The first list is forbidden, and why.
  virtual void refused(const std::string&) {}
};

struct WatchTarget {
  std::string path;      // "/apis/signet.dev/v1alpha1/trustroots"
  std::string resource;  // "trustroots"
  std::string only;      // the one name that is followed; empty: all
};

class Reflector {
 public:
  using Ticks = std::function<Deadline()>;
  using Pause = std::function<Task<void>(Deadline until)>;

  struct Means {
    Clock clock;
    KubeMetrics& metrics;
    Log& log;
    Ticks ticks = std::chrono::steady_clock::now;
    Pause pause{};  // a timer, unless a test has its own
  };

  // What is given by reference outlives it.
  Reflector(KubeApi& api, WatchTarget target, WatchSink& sink, Means means);
  Reflector(const Reflector&) = delete;
  Reflector& operator=(const Reflector&) = delete;

  // For Background: never returns, and ends by being cancelled.
  Task<Result<void>> run();
  // One step of it: a wait and a request.
  Task<void> turn();

  // The whole collection was told once.
  bool synced() const { return synced_; }
  // What is wrong now; empty: nothing.
  const std::string& trouble() const { return trouble_; }
  const WatchStep& next() const { return plan_.next(); }
  const std::string& resource() const { return target_.resource; }

 private:
  Task<void> list(WatchStep step);
  Task<void> watch(WatchStep step);
  Result<void> take(std::string_view line);
  Result<void> take(WatchEvent event);
  Task<bool> confirm(std::vector<KubeKey> doubted);
  Task<bool> confirm_one(KubeKey key);
  std::string query(const WatchStep& step) const;
  std::string path_of(const KubeKey& key) const;
  void ended(WatchRestart why);
  void ignore(std::size_t count, const std::string& why);
  void failing(const std::string& what);
  void healthy();
  Task<void> wait(Deadline until);
  static Task<bool> is_cancelled();

  KubeApi& api_;
  WatchTarget target_;
  WatchSink& sink_;
  Means means_;
  std::minstd_rand dice_;
  WatchPlan plan_;
  std::vector<KubeObject> pages_;
  std::vector<KubeKey> doubted_;           // in the stream
  std::optional<KubeFault> stream_fault_;  // an ERROR event
  bool synced_ = false;
  std::string trouble_;
  std::optional<TimePoint> healthy_at_;
  std::string ignored_;  // what was told of it last
};

}  // namespace signet
