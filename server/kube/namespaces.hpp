#pragma once
// The labels of all namespaces: a watch tells of them, and the one that a review names before the
// watch did is asked for, once and within a second (security.md SR-33). What was seen goes on
// while the API server is away (rulings.md 25); what was never seen has no labels.

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/policy/selector.hpp"
#include "server/kube/reflector.hpp"
#include "server/runtime/cache.hpp"
#include "server/runtime/metrics.hpp"
#include "server/runtime/single_flight.hpp"

namespace signet {

class NamespaceLabels final : public WatchSink {
 public:
  using Ticks = std::function<Deadline()>;

  // `api` must outlive the loop, and so must this; `metrics` may be null.
  NamespaceLabels(KubeApi& api, AccessMetrics* metrics,
                  Ticks ticks = std::chrono::steady_clock::now);

  std::vector<KubeKey> replace(std::vector<KubeObject> all) override;
  bool put(KubeObject object) override;
  void remove(const KubeKey& key) override;
  void alive() override;

  // ---- what reviews ask
  // Those labels of a namespace that `keys` names; nothing where it must be asked for: it was never
  // seen, or nothing was heard of it for five minutes.
  std::optional<Labels> find(std::string_view name, const std::vector<std::string>& keys);
  // The same, asked. Where nobody answers what was seen last serves; fails with config_not_ready
  // where nothing was.
  Task<Result<Labels>> get(std::string name, std::vector<std::string> keys, Deadline deadline);

  std::size_t size() const { return known_.size(); }
  // Ends every question; who waits is told.
  void stop() { flights_.stop(); }

 private:
  struct Known {
    std::string labels;  // each name and value with a NUL behind it
    Deadline heard;
  };
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };
  using Nothing = bool;

  // Fails with malformed_object.
  static Result<Labels> labels_in(std::string_view object);
  const Known* seen(std::string_view name) const;
  bool is_current(const Known& known, Deadline now) const;
  Task<Result<Nothing>> ask(std::string name);
  bool take(const std::string& name, std::string_view object);
  void drop(std::string_view name);
  void count();

  KubeApi& api_;
  AccessMetrics* metrics_;
  Ticks ticks_;
  Deadline alive_ = Deadline::min();
  std::unordered_map<std::string, Known, TextHash, std::equal_to<>> known_;
  Cache<std::string, Error> faults_;  // of questions, for a moment
  SingleFlight<std::string, Nothing> flights_;
};

}  // namespace signet
