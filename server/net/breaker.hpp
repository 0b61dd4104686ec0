#pragma once
// When a registry is left alone: after five failures in a row, seen from at least two namespaces
// (rulings.md 18), for ten seconds; then one request finds out. Any answer closes it, so that what
// one tenant asks for cannot shut a registry that answers others.

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "server/net/transport.hpp"
#include "server/runtime/cache.hpp"

namespace signet {

struct BreakerSettings {
  std::size_t failures = 5;
  std::size_t witnesses = 2;  // tenants
  std::chrono::milliseconds open{10'000};
  std::chrono::milliseconds probe{2'000};  // until the next may ask where one has not come back
};

// Of one origin. Pure.
class Breaker {
 public:
  enum class Pass { free, probe, refused };

  explicit Breaker(BreakerSettings settings) : settings_(settings) {}

  Pass admit(const std::string& tenant, Deadline now);
  void succeeded();
  // Whether it opened by this.
  bool failed(Pass pass, const std::string& tenant, Deadline now);

  bool closed() const { return !next_probe_; }

 private:
  bool is_witness(const std::string& tenant) const;

  BreakerSettings settings_;
  std::size_t failures_ = 0;            // in a row
  std::vector<std::string> witnesses_;  // of these failures; of failed probes, once it has opened
  std::optional<Deadline> next_probe_;  // open, or half open
  Deadline witness_again_;              // when the witness of a failed probe may ask again
};

// Whether this outcome says that the registry itself is ill: no connection, no answer in time, or
// a server error. A reason of ours, a refusal or a deadline says nothing.
enum class Health { well, ill, unknown };
Health health_in(const Result<HttpReply>& outcome);

// Obeys one Breaker for each origin. Put it above the retries: what they cure is no failure.
class BreakingTransport final : public Transport {
 public:
  // `opened` hears of each opening and closing; `inner` must outlive this.
  using Told = std::function<void(const Url& origin, bool open)>;
  BreakingTransport(Transport& inner, Told told, BreakerSettings settings = {});

  // Fails with registry_unreachable while the breaker of the origin is open.
  Task<Result<HttpReply>> send(HttpRequest request, Deadline deadline) override;

 private:
  Breaker::Pass admit(const std::string& origin, const std::string& tenant);
  void learn(const HttpRequest& request, Breaker::Pass pass, const Result<HttpReply>& outcome);

  Transport& inner_;
  Told told_;
  BreakerSettings settings_;
  Cache<std::string, Breaker> breakers_;  // of origins that failed last
};

}  // namespace signet
