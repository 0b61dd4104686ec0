#pragma once
// The service's own certificate, without help from outside (webhook.md D.3): a CA in a Secret that
// all replicas share, a leaf in the memory of each, and the caBundle of our webhook configurations
// kept right by the leader. A CA signs nothing before every live caBundle holds its certificate.

#include <random>

#include "server/kube/ca_secret.hpp"
#include "server/kube/live_webhooks.hpp"
#include "server/kube/told_once.hpp"
#include "server/runtime/log.hpp"
#include "server/runtime/metrics.hpp"

namespace signet {

struct OwnTlsSettings {
  std::string ns;
  std::string secret;  // its name
  ServiceNames names;  // what clients call us: "signet.signet-system.svc"
  CaTimes times{};
};

class OwnTls {
 public:
  struct Needs {
    std::function<bool()> leads;
    // Puts a certificate in force.
    std::function<Result<void>(ServingCertificate)> serve;
    // Told what the leader did: "RotateCertificate", and in words. May be empty.
    std::function<void(std::string_view reason, const std::string& note)> tell;
  };

  // What is given by reference outlives it.
  OwnTls(KubeApi& api, LiveWebhooks& webhooks, OwnTlsSettings settings, Needs needs, Clock clock,
         Metrics& metrics, Log& log);
  OwnTls(const OwnTls&) = delete;
  OwnTls& operator=(const OwnTls&) = delete;

  // For Background, often: looks at once after poke(), and at least once a minute by the wall
  // clock; otherwise nothing.
  Task<Result<void>> run();
  // The Secret or a webhook configuration may have changed.
  void poke() { due_ = std::nullopt; }

 private:
  Task<Result<void>> look();
  Task<Result<void>> follow(Deadline deadline);
  Task<Result<void>> create(Deadline deadline);
  Task<Result<void>> repair(std::string version, Deadline deadline);
  Task<Result<void>> lead(Deadline deadline);
  Task<Result<void>> obey(CaStep step, Deadline deadline);
  Task<Result<void>> write(CaSecret secret, Deadline deadline);
  Result<CaSecret> fresh_secret() const;
  std::vector<Certificate> trusted_by_live() const;
  bool is_signer() const;
  bool may_sign(TimePoint now) const;
  Result<void> sign_if_due();
  void show() const;
  void note(CaStep step);

  KubeApi& api_;
  LiveWebhooks& webhooks_;
  OwnTlsSettings settings_;
  Needs needs_;
  Clock clock_;
  Metrics& metrics_;
  Log& log_;
  std::minstd_rand dice_{std::random_device{}()};
  std::optional<CaSecret> secret_;  // as stored, or the last that could be read
  std::optional<ServingCertificate> leaf_;
  std::optional<Certificate> signer_;  // of the leaf
  TimePoint renew_{};                  // the leaf
  std::optional<TimePoint> due_;       // the next look; nothing: now
  TimePoint looked_{};
  std::chrono::seconds retry_{2};
  ToldOnce told_;
  std::string refused_;  // the version of a Secret that could not be read
};

}  // namespace signet
