#include "server/kube/live_webhooks.hpp"

#include <algorithm>

#include "core/base/text.hpp"

namespace signet {
namespace {

Error refused_configuration(const std::string& name, const KubeReply& reply) {
  return {Reason::config_not_ready, cat("the webhook configuration ", name, ": ", reply.message())};
}

}  // namespace

Task<Result<void>> LiveWebhooks::read(Deadline deadline) {
  std::vector<WebhookConfiguration> live;
  for (const std::string& name : names_) {
    for (const WebhookKind kind : {WebhookKind::validating, WebhookKind::mutating}) {
      const auto done = co_await read_one(kind, name, deadline, &live);
      if (!done) co_return done;
    }
  }
  known_ = std::move(live);
  read_ = true;
  co_return Result<void>();
}

Task<Result<void>> LiveWebhooks::read_one(WebhookKind kind, std::string name, Deadline deadline,
                                          std::vector<WebhookConfiguration>* into) {
  KubeRequest request("GET", path_of(kind, name));
  auto reply = co_await api_.send(std::move(request), deadline);
  if (!reply) co_return reply.error();
  if (reply->status == 404) co_return Result<void>();
  if (!reply->ok()) co_return refused_configuration(name, *reply);
  auto read = parse_webhook_configuration(kind, reply->body);
  if (!read) co_return read.error();
  into->push_back(std::move(*read));
  co_return Result<void>();
}

Task<Result<void>> LiveWebhooks::publish(std::string pem, Deadline deadline) {
  for (WebhookConfiguration& configuration : known_) {
    if (!has_ca_bundle(configuration, pem)) {
      const auto done = co_await put_right(&configuration, pem, deadline);
      metrics_.ca_bundle_patches.add({done ? "ok" : "failed"});
      if (!done) co_return done;
    }
    if (configuration.disowning.empty()) continue;
    KubeRequest request("PATCH", path_of(configuration.kind, configuration.name));
    request.content_type = "application/json-patch+json";
    request.body = configuration.disowning;
    const auto done = co_await patch(&configuration, std::move(request), deadline);
    if (!done) co_return done;
  }
  co_return Result<void>();
}

Task<Result<void>> LiveWebhooks::put_right(WebhookConfiguration* configuration, std::string pem,
                                           Deadline deadline) {
  KubeRequest request("PATCH", cat(path_of(configuration->kind, configuration->name),
                                   "?fieldManager=", kCaBundleManager, "&force=true"));
  request.content_type = "application/apply-patch+yaml";
  request.body = ca_bundle_patch(*configuration, pem);
  const auto done = co_await patch(configuration, std::move(request), deadline);
  if (!done) co_return done;
  if (has_ca_bundle(*configuration, pem)) co_return Result<void>();
  co_return Error(Reason::config_not_ready, cat("the webhook configuration ", configuration->name,
                                                " did not take the caBundle"));
}

Task<Result<void>> LiveWebhooks::patch(WebhookConfiguration* configuration, KubeRequest request,
                                       Deadline deadline) {
  auto reply = co_await api_.send(std::move(request), deadline);
  if (!reply) co_return reply.error();
  if (!reply->ok()) co_return refused_configuration(configuration->name, *reply);
  auto written = parse_webhook_configuration(configuration->kind, reply->body);
  if (!written) co_return written.error();
  *configuration = std::move(*written);
  co_return Result<void>();
}

bool LiveWebhooks::all_have(const std::string& pem) const {
  return std::all_of(known_.begin(), known_.end(),
                     [&](const auto& one) { return has_ca_bundle(one, pem); });
}

bool LiveWebhooks::all_hold(const std::string& certificate_pem) const {
  for (const WebhookConfiguration& one : known_) {
    for (const WebhookEntry& entry : one.entries) {
      if (entry.ca_bundle.find(certificate_pem) == std::string::npos) return false;
    }
  }
  return true;
}

}  // namespace signet
