#include "server/kube/client.hpp"

#include <algorithm>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "core/crypto/certificate.hpp"
#include "server/kube/line_splitter.hpp"
#include "server/runtime/files.hpp"

namespace signet {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kReadAgain{60};

Error not_ready(std::string what) {
  return {Reason::config_not_ready, std::move(what)};
}

NetSettings net_settings() {
  NetSettings net;
  net.addresses.enabled = false;  // the administrator says where the API server is
  net.timers.dns = seconds(5);
  net.timers.connect = seconds(5);
  net.timers.connect_one = seconds(3);
  net.timers.handshake = seconds(5);
  net.timers.write = seconds(10);
  net.timers.first_byte = seconds(30);
  net.timers.between_reads = seconds(30);
  net.timers.attempt = seconds(60);
  net.timers.rate_grace = seconds(30);
  net.pool.idle_per_origin = 4;
  net.turns.per_origin = 512;  // every watch keeps one
  net.turns.in_all = 512;
  return net;
}

template <class T>
Result<std::string> text_of(const TextOrFile<T>& place, std::size_t limit) {
  if (!place.file.empty()) return read_file(place.file, limit);
  if constexpr (std::is_same_v<T, SecretString>) {
    return place.text.reveal();
  } else {
    return place.text;
  }
}

std::optional<milliseconds> retry_after_in(const HttpReply& reply) {
  const std::string* const field = reply.header("Retry-After");
  if (field == nullptr) return std::nullopt;
  const auto span = parse_number(*field);
  if (!span) return std::nullopt;
  return seconds(std::min<std::uint64_t>(*span, 3600));
}

std::string_view code_of(const Result<KubeReply>& reply) {
  if (!reply) {
    const Reason reason = reply.error().reason();
    if (reason == Reason::registry_tls) return "tls";
    const bool late = reason == Reason::registry_timeout || reason == Reason::deadline;
    return late ? "timeout" : "network";
  }
  switch (reply->status) {
    case 401:
      return "401";
    case 403:
      return "403";
    case 404:
      return "404";
    case 409:
      return "409";
    case 410:
      return "410";
    case 429:
      return "429";
    default:
      break;
  }
  if (reply->status >= 500) return "5xx";
  return reply->status >= 400 ? "4xx" : "2xx";
}

// What the transport says for registries, for the API server.
Error seen_here(const Error& error) {
  std::string what = error.what();
  const std::size_t cure = what.find("; give that authority's certificate with");
  if (error.reason() == Reason::registry_tls && cure != std::string::npos) {
    what.resize(cure);
    what += "; it must be that of the cluster, which the ServiceAccount or the kubeconfig names";
  }
  return Error(error.reason(), std::move(what)).under("the API server");
}

}  // namespace

Result<std::unique_ptr<KubeClient>> KubeClient::make(asio::any_io_executor executor,
                                                     KubeAccess access, Ticks ticks) {
  std::unique_ptr<KubeClient> client(new KubeClient(std::move(access), std::move(ticks)));
  const auto opened = client->open(std::move(executor));
  if (!opened) return opened.error();
  return client;
}

KubeClient::~KubeClient() = default;

Result<void> KubeClient::open(asio::any_io_executor executor) {
  NetSettings net = net_settings();
  if (!access_.ca.empty()) {
    auto pem = text_of(access_.ca, kTrustPemBytes);
    if (!pem) return pem.error().as(Reason::config_not_ready);
    ca_pem_ = std::move(*pem);
    net.ca_pem = ca_pem_;
    net.system_anchors = false;
  }
  if (!access_.client_certificate.empty()) {
    auto chain = text_of(access_.client_certificate, kTrustPemBytes);
    if (!chain) return chain.error().as(Reason::config_not_ready);
    auto key = text_of(access_.client_key, kTrustPemBytes);
    if (!key) return key.error().as(Reason::config_not_ready);
    net.client_keys = KeyPair{std::move(*chain), std::move(*key)};
    const auto usable =
        make_client_context(ClientTls{"", false, TlsVersion::tls12, net.client_keys});
    if (!usable) return usable.error().under("client-certificate");
  }
  resolver_ = std::make_unique<SystemResolver>(executor);
  auto transport = HttpsTransport::make(std::move(executor), *resolver_, std::move(net));
  if (!transport) return transport.error().under("the CA of the API server");
  transport_ = std::move(*transport);
  return {};
}

Result<std::string> KubeClient::ns() const {
  auto text = text_of(access_.ns, 4 * kKiB);
  if (!text) return text;
  return std::string(trim(*text));
}

Result<void> KubeClient::follow_files() {
  const Deadline now = ticks_();
  if (read_ && now - *read_ < kReadAgain) return {};
  const auto token = read_token();
  if (!token) return token;
  const auto ca = read_ca();
  if (!ca) return ca;
  read_ = now;
  return {};
}

// An unreadable file leaves the token of before: it may still be good.
Result<void> KubeClient::read_token() {
  if (access_.token.empty()) return {};
  const auto text = text_of(access_.token, 64 * kKiB);
  if (!text && token_.empty()) return text.error().as(Reason::config_not_ready);
  if (!text) return {};
  SecretString token{std::string(trim(*text))};
  if (token.empty() && token_.empty()) {
    return not_ready(cat("the token of the ServiceAccount is empty: ", access_.token.file));
  }
  if (!token.empty()) token_ = std::move(token);
  return {};
}

Result<void> KubeClient::read_ca() {
  if (access_.ca.file.empty()) return {};
  auto pem = read_file(access_.ca.file, kTrustPemBytes);
  if (!pem || *pem == ca_pem_) return {};
  const auto certificates = parse_certificates(*pem, kTrustRootCertificates);
  if (!certificates || certificates->empty()) return {};
  ca_pem_ = std::move(*pem);
  transport_->trust(ca_pem_, {});
  return {};
}

// After a 401: the kubelet may have replaced it within the minute.
Result<bool> KubeClient::has_new_token() {
  if (access_.token.file.empty()) return false;
  const SecretString before = token_;
  const auto read = read_token();
  if (!read) return read.error();
  return !(token_ == before);
}

Result<HttpRequest> KubeClient::http_request(const KubeRequest& request) const {
  std::string target = access_.server.target;
  if (target.ends_with('/')) target.pop_back();
  const auto url = Url::parse(cat(access_.server.origin(), target, request.path));
  if (!url) return url.error();
  HttpRequest made(request.method, *url);
  made.headers.emplace_back("Accept", "application/json");
  if (!token_.empty()) made.headers.emplace_back("Authorization", cat("Bearer ", token_.reveal()));
  if (!request.body.empty()) {
    made.headers.emplace_back(
        "Content-Type", request.content_type.empty() ? "application/json" : request.content_type);
  }
  made.body = request.body;
  made.body_limit = request.body_limit;
  return made;
}

Task<Result<KubeReply>> KubeClient::ask_once(KubeRequest request, std::optional<BodyStream> stream,
                                             Deadline deadline) {
  const auto followed = follow_files();
  if (!followed) co_return followed.error();
  auto made = http_request(request);
  if (!made) co_return made.error();
  made->stream = std::move(stream);
  HttpRequest http = std::move(*made);
  auto came = co_await transport_->send(std::move(http), deadline);
  if (!came) co_return seen_here(came.error());
  KubeReply reply;
  reply.status = came->status;
  reply.retry_after = retry_after_in(*came);
  reply.body = std::move(came->body);
  co_return reply;
}

Task<Result<KubeReply>> KubeClient::ask(KubeRequest request, std::optional<BodyStream> stream,
                                        Deadline deadline) {
  const Deadline begun = std::chrono::steady_clock::now();
  auto reply = co_await ask_once(request, stream, deadline);
  count(request, reply, begun);
  if (!reply || reply->status != 401) co_return reply;
  const auto renewed = has_new_token();
  if (!renewed || !*renewed) co_return reply;
  auto again = co_await ask_once(request, std::move(stream), deadline);
  count(request, again, begun);
  co_return again;
}

Task<Result<KubeReply>> KubeClient::send(KubeRequest request, Deadline deadline) {
  std::optional<BodyStream> none;
  co_return co_await ask(std::move(request), std::move(none), deadline);
}

Task<Result<KubeReply>> KubeClient::stream(KubeRequest request, OnLine on_line,
                                           milliseconds silence, Deadline deadline) {
  LineSplitter lines(request.body_limit, std::move(on_line));
  std::optional<BodyStream> stream(
      BodyStream{[&lines](std::string_view octets) { return lines.feed(octets); }, silence});
  co_return co_await ask(std::move(request), std::move(stream), deadline);
}

void KubeClient::count(const KubeRequest& request, const Result<KubeReply>& reply, Deadline begun) {
  if (metrics_ == nullptr) return;
  const KubeCall call = KubeCall::of(request.method, request.path);
  metrics_->kube_requests.add({call.verb, call.resource, code_of(reply)});
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begun;
  metrics_->kube_request_duration.observe({call.verb}, spent.count());
}

}  // namespace signet
