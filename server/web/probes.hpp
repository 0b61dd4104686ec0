#pragma once
// /livez, /readyz (with ?verbose and /readyz/NAME) and /metrics. Readiness never depends on
// registries: one outage there must not take every replica out of service (webhook.md E.4).

#include <functional>
#include <string>
#include <vector>

#include "server/runtime/metrics.hpp"
#include "server/web/router.hpp"

namespace signet {

struct Check {
  std::string name;                     // "policies", "certificate"
  std::function<Result<void>()> check;  // its error is shown to whoever asks
  bool only_told = false;               // in ?verbose; it makes nothing unready
};

class Probes {
 public:
  // `metrics` outlives the probes.
  Probes(std::vector<Check> ready, Metrics& metrics);
  Probes(const Probes&) = delete;
  Probes& operator=(const Probes&) = delete;

  void set_draining() { draining_ = true; }
  void add(Check check) { ready_.push_back(std::move(check)); }
  // The heart of the loop, for Background: beats, and says how late the loop is. /livez fails when
  // it has not beaten for kStuck.
  Task<Result<void>> beat();
  static constexpr std::chrono::seconds kStuck{30};

  void add_health_routes(Router& router);
  void add_metrics_routes(Router& router);

 private:
  Task<WebReply> live(WebRequest request);
  Task<WebReply> ready(WebRequest request);
  Task<WebReply> one(WebRequest request);
  Task<WebReply> scrape(WebRequest request);

  std::vector<Check> ready_;
  Metrics& metrics_;
  std::shared_ptr<int> scrape_ = std::make_shared<int>();  // shared by the replies not yet written
  bool draining_ = false;
  Deadline beaten_ = std::chrono::steady_clock::now();
};

}  // namespace signet
