#pragma once
// Our webhook configurations, read when asked and remembered as read: drift is told from them, and
// the leader puts their caBundle right by server-side apply, and then owns nothing of them.

#include <optional>

#include "server/kube/api.hpp"
#include "server/kube/webhook_configuration.hpp"
#include "server/runtime/writer_metrics.hpp"

namespace signet {

class LiveWebhooks {
 public:
  // What is given by reference outlives it.
  LiveWebhooks(KubeApi& api, std::vector<std::string> names, WriterMetrics& metrics)
      : api_(api), names_(std::move(names)), metrics_(metrics) {}

  // All of them, of both kinds; one that is not there is left out.
  Task<Result<void>> read(Deadline deadline);
  // Writes the bundle where it differs, and reads it back; only the leader does.
  Task<Result<void>> publish(std::string pem, Deadline deadline);

  // Empty before the first read().
  const std::vector<WebhookConfiguration>& known() const { return known_; }
  bool is_read() const { return read_; }
  bool all_have(const std::string& pem) const;
  // Whether every caBundle holds this certificate (PEM).
  bool all_hold(const std::string& certificate_pem) const;

 private:
  Task<Result<void>> read_one(WebhookKind kind, std::string name, Deadline deadline,
                              std::vector<WebhookConfiguration>* into);
  Task<Result<void>> put_right(WebhookConfiguration* configuration, std::string pem,
                               Deadline deadline);
  // Sends this patch; `configuration` is then what the API server answers.
  Task<Result<void>> patch(WebhookConfiguration* configuration, KubeRequest request,
                           Deadline deadline);

  KubeApi& api_;
  std::vector<std::string> names_;
  WriterMetrics& metrics_;
  std::vector<WebhookConfiguration> known_;
  bool read_ = false;
};

}  // namespace signet
