#pragma once
// Keeps the CRLs behind URLs new (security.md SR-20), never while an image waits: each is asked for
// well before it ends, and what is not better than what is known is refused and changes nothing.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "core/crypto/crl.hpp"
#include "core/policy/model.hpp"
#include "server/net/transport.hpp"
#include "server/runtime/crl_metrics.hpp"
#include "server/runtime/log.hpp"

namespace signet {

// When to ask again: after success a quarter of the way to the end of `crls`, at least a minute and
// at most an hour; after failures in a row a minute, doubled up to a quarter of an hour.
TimePoint next_crl_fetch(std::span<const Crl> crls, TimePoint now, unsigned failures);

class CrlRefresher {
 public:
  // New CRLs, as they came.
  using Accepted = std::function<void(const std::string& url, Blob crls)>;

  // What is given by reference outlives it.
  CrlRefresher(Transport& transport, Clock clock, CrlMetrics& metrics, Log& log, Accepted accepted)
      : transport_(transport),
        clock_(std::move(clock)),
        metrics_(metrics),
        log_(log),
        accepted_(std::move(accepted)) {}
  CrlRefresher(const CrlRefresher&) = delete;
  CrlRefresher& operator=(const CrlRefresher&) = delete;

  // The URLs of this set from now on, and who may have signed what comes from there.
  void follow(const PolicySet& policies);
  // For Background, often: asks those that are due.
  Task<Result<void>> run();

  std::size_t urls() const { return known_.size(); }

 private:
  struct Known {
    std::vector<Certificate> issuers;
    std::vector<Crl> crls;  // the last good ones
    TimePoint due{};        // at once
    unsigned failures = 0;
    std::string told;  // the failure that the log has
  };

  Task<void> refresh(std::string url);
  Result<void> accept(const std::string& url, Known& known, Blob body);
  void refuse(const std::string& url, Known& known, std::string_view result, const Error& error);

  Transport& transport_;
  Clock clock_;
  CrlMetrics& metrics_;
  Log& log_;
  Accepted accepted_;
  std::map<std::string, Known> known_;
};

}  // namespace signet
