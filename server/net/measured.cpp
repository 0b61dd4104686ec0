#include "server/net/measured.hpp"

#include <algorithm>
#include <chrono>

#include "core/base/text.hpp"
#include "server/runtime/metrics.hpp"

namespace signet {
namespace {

using std::chrono::steady_clock;

bool shows_a_login(const HttpRequest& request) {
  return std::any_of(request.headers.begin(), request.headers.end(), [](const auto& field) {
    return equals_ignoring_case(field.first, "Authorization");
  });
}

std::string_view label_of_status(unsigned status) {
  switch (status) {
    case 401:
      return "401";
    case 403:
      return "403";
    case 404:
      return "404";
    case 429:
      return "429";
    default:
      break;
  }
  if (status >= 500) return "5xx";
  if (status >= 400) return "4xx";
  return status >= 300 ? "3xx" : "2xx";
}

}  // namespace

std::string registry_label(const Url& url) {
  return url.host == "registry-1.docker.io" ? "docker.io" : url.host_header();
}

std::string_view code_label(const Result<HttpReply>& outcome) {
  if (outcome) return label_of_status(outcome->status);
  const Reason reason = outcome.error().reason();
  if (reason == Reason::registry_timeout || reason == Reason::deadline) return "timeout";
  if (reason == Reason::registry_tls) return "tls";
  const bool broken = reason == Reason::registry_unreachable || reason == Reason::registry_dns ||
                      reason == Reason::registry_protocol;
  return broken ? "network" : "";
}

// Looks at the queue when a request comes and when it goes, however it goes.
class MeasuredTransport::Pending {
 public:
  explicit Pending(MeasuredTransport& transport) : transport_(transport) { look(); }
  ~Pending() { look(); }
  Pending(const Pending&) = delete;
  Pending& operator=(const Pending&) = delete;

 private:
  void look() {
    transport_.metrics_->registry_waiting.set({}, static_cast<double>(transport_.waiting_()));
  }
  MeasuredTransport& transport_;
};

MeasuredTransport::MeasuredTransport(Transport& inner, Waiting waiting)
    : inner_(inner), waiting_(std::move(waiting)) {}

Task<Result<HttpReply>> MeasuredTransport::send(HttpRequest request, Deadline deadline) {
  return metrics_ == nullptr ? inner_.send(std::move(request), deadline)
                             : measure(std::move(request), deadline);
}

void MeasuredTransport::count_circuit(const Url& origin, bool open) {
  if (metrics_ == nullptr) return;
  const std::string label = registry_label(origin);
  metrics_->registry_circuit_open.set({label}, open ? 1 : 0);
  if (open) metrics_->registry_circuit_opened.add({label});
}

Task<Result<HttpReply>> MeasuredTransport::measure(HttpRequest request, Deadline deadline) {
  const Pending pending(*this);
  const auto began = steady_clock::now();
  HttpRequest copy = request;
  copy.body.clear();
  auto outcome = co_await inner_.send(std::move(request), deadline);
  const std::chrono::duration<double> took = steady_clock::now() - began;
  count(copy, outcome);
  metrics_->registry_request_duration.observe({name_of(copy.operation)}, took.count());
  co_return outcome;
}

void MeasuredTransport::count(const HttpRequest& request, const Result<HttpReply>& outcome) {
  const std::string_view operation = name_of(request.operation);
  const std::string_view code = code_label(outcome);
  if (!code.empty()) {
    metrics_->registry_requests.add({registry_label(request.url), operation, code});
  }
  if (request.attempt > 1) metrics_->registry_retries.add({operation});
  if (outcome) {
    metrics_->registry_received_bytes.add({operation}, static_cast<double>(outcome->body.size()));
    count_login(request, outcome->status);
    return;
  }
  const Reason reason = outcome.error().reason();
  if (reason == Reason::registry_blocked) metrics_->registry_blocked.add({"private_address"});
  if (reason == Reason::limit_exceeded) metrics_->registry_blocked.add({"too_large"});
}

// A 401 to a request without a login is a question, no refusal.
void MeasuredTransport::count_login(const HttpRequest& request, unsigned status) {
  std::string_view source = request.tenants_login ? "pull_secret" : "static";
  if (request.credential.empty()) source = "anonymous";
  const bool shown = shows_a_login(request) || source == "anonymous";
  if (status >= 200 && status < 300 && shown) metrics_->registry_credentials.add({source, "ok"});
  if (status == 401 && shows_a_login(request)) {
    metrics_->registry_credentials.add({source, "refused"});
  }
  if (status == 403) metrics_->registry_credentials.add({source, "forbidden"});
}

}  // namespace signet
