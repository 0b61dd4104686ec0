#pragma once
// Counts what is sent to registries (webhook.md I.3): every attempt, its outcome and its time.

#include <functional>
#include <string>
#include <string_view>

#include "server/net/transport.hpp"

namespace signet {

struct RegistryMetrics;

// A registry as a label: "docker.io", or host and port. What no policy or setting names counts as
// "other".
std::string registry_label(const Url& url);
// "2xx", "404", "timeout" and the like; empty where nothing came of a request.
std::string_view code_label(const Result<HttpReply>& outcome);

class MeasuredTransport final : public Transport {
 public:
  // `waiting`: how many requests wait for a turn. What it refers to must outlive this.
  using Waiting = std::function<std::size_t()>;
  MeasuredTransport(Transport& inner, Waiting waiting);

  // Nothing is counted before; `metrics` must outlive this.
  void count_in(RegistryMetrics& metrics) { metrics_ = &metrics; }
  // What a BreakingTransport above tells.
  void count_circuit(const Url& origin, bool open);

  Task<Result<HttpReply>> send(HttpRequest request, Deadline deadline) override;

 private:
  class Pending;
  Task<Result<HttpReply>> measure(HttpRequest request, Deadline deadline);
  void count(const HttpRequest& request, const Result<HttpReply>& outcome);
  void count_login(const HttpRequest& request, unsigned status);

  Transport& inner_;
  RegistryMetrics* metrics_ = nullptr;
  Waiting waiting_;
};

}  // namespace signet
