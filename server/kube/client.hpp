#pragma once
// The real KubeApi: HTTPS to the one API server, with its CA alone, no proxy and no address filter,
// for the administrator names it. Token and CA may be replaced under it at any time (webhook.md
// G.1).

#include <memory>
#include <string>

#include "server/kube/api.hpp"
#include "server/kube/kube_config.hpp"
#include "server/net/https_transport.hpp"
#include "server/runtime/kube_metrics.hpp"

namespace signet {

class KubeClient final : public KubeApi {
 public:
  using Ticks = std::function<Deadline()>;

  // Fails with config_not_ready and names a file that cannot be read or used. The client must
  // outlive every Task it returned.
  static Result<std::unique_ptr<KubeClient>> make(asio::any_io_executor executor, KubeAccess access,
                                                  Ticks ticks = std::chrono::steady_clock::now);
  ~KubeClient() override;

  Task<Result<KubeReply>> send(KubeRequest request, Deadline deadline) override;
  Task<Result<KubeReply>> stream(KubeRequest request, OnLine on_line,
                                 std::chrono::milliseconds silence, Deadline deadline) override;

  // The namespace that the kubeconfig or the ServiceAccount names; may be empty.
  Result<std::string> ns() const;
  // From now on; outlives the client.
  void count_in(KubeMetrics& metrics) { metrics_ = &metrics; }
  // Nothing is sent any more, and what is under way fails.
  void close() { transport_->close(); }

 private:
  KubeClient(KubeAccess access, Ticks ticks)
      : access_(std::move(access)), ticks_(std::move(ticks)) {}

  Result<void> open(asio::any_io_executor executor);
  Result<void> follow_files();
  Result<void> read_token();
  Result<void> read_ca();
  Result<bool> has_new_token();
  Result<HttpRequest> http_request(const KubeRequest& request) const;
  Task<Result<KubeReply>> ask(KubeRequest request, std::optional<BodyStream> stream,
                              Deadline deadline);
  Task<Result<KubeReply>> ask_once(KubeRequest request, std::optional<BodyStream> stream,
                                   Deadline deadline);
  void count(const KubeRequest& request, const Result<KubeReply>& reply, Deadline begun);

  KubeAccess access_;
  KubeMetrics* metrics_ = nullptr;
  Ticks ticks_;
  SecretString token_;
  std::string ca_pem_;
  std::optional<Deadline> read_;  // the files, last
  std::unique_ptr<Resolver> resolver_;
  std::unique_ptr<HttpsTransport> transport_;
};

// What a request is counted as: "list" and "secrets".
struct KubeCall {
  std::string verb;      // get, list, watch, create, update, patch
  std::string resource;  // in plural

  static KubeCall of(std::string_view method, std::string_view path);
  friend bool operator==(const KubeCall&, const KubeCall&) = default;
};

}  // namespace signet
