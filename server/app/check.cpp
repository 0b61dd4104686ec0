#include "server/app/check.hpp"

#include <boost/asio/co_spawn.hpp>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "core/crypto/certificate.hpp"
#include "server/app/command_tools.hpp"
#include "server/cli/webhook_check.hpp"
#include "server/kube/client.hpp"
#include "server/kube/webhook_configuration.hpp"
#include "server/runtime/files.hpp"

namespace signet {
namespace {

// A URL that was checked; `usual` is its path where it has none.
Url url_of(const std::string& text, std::string_view usual) {
  Url url = *Url::parse(text);
  if (url.target == "/") url.target = usual;
  return url;
}

Result<HookTarget> target_of(const CheckCommand& command) {
  HookTarget target{command.url, url_of(command.url, "/validate"), command.server_name, "",
                    command.tls_only};
  if (command.ca.empty()) return target;
  auto pem = read_file(command.ca, kTrustPemBytes);
  if (!pem) return pem.error();
  const auto certificates = parse_certificates(*pem, kTrustRootCertificates);
  if (!certificates) return certificates.error().under(command.ca);
  target.ca_pem = std::move(*pem);
  return target;
}

class Checks {
 public:
  Checks(asio::io_context& loop, const CheckCommand& command, Output output)
      : command_(command),
        resolver_(loop.get_executor(), {}, searching_lookup),
        check_(resolver_, command.timeout, output) {}

  // Exactly one of both is there.
  Task<int> run(std::optional<HookTarget> target, KubeClient* cluster) {
    if (target) co_await check_.hook(std::move(*target));
    if (cluster != nullptr) co_await registered(cluster);
    if (!command_.readyz.empty()) co_await check_.readiness(url_of(command_.readyz, "/readyz"));
    if (!command_.metrics.empty()) co_await check_.metrics(url_of(command_.metrics, "/metrics"));
    co_return check_.code();
  }

 private:
  Task<void> registered(KubeClient* cluster) {
    std::size_t found = 0;
    for (const WebhookKind kind : {WebhookKind::validating, WebhookKind::mutating}) {
      KubeRequest request("GET", path_of(kind, command_.webhook));
      const Deadline deadline = deadline_in(command_.timeout);
      const auto reply = co_await cluster->send(std::move(request), deadline);
      if (!reply) co_return check_.unasked(command_.webhook, reply.error().what());
      if (reply->status == 404) continue;
      if (!reply->ok()) co_return check_.unasked(command_.webhook, printable(reply->message()));
      const auto live = parse_webhook_configuration(kind, reply->body);
      if (!live) co_return check_.bad(command_.webhook, live.error().what());
      found += live->entries.size();
      for (const WebhookEntry& entry : live->entries)
        co_await one(entry);
    }
    if (found == 0) {
      check_.bad(command_.webhook,
                 "no webhook is registered by this name; the API server asks nobody");
    }
  }

  Task<void> one(WebhookEntry entry) {
    const auto url = Url::parse(entry.url);
    if (!url || !url->tls) {
      co_return check_.bad(entry.name, cat("it is registered at no URL: ", printable(entry.url)));
    }
    HookTarget target{printable(entry.name), *url, "", entry.ca_bundle, command_.tls_only};
    co_await check_.hook(std::move(target));
  }

  const CheckCommand& command_;
  SystemResolver resolver_;
  WebhookCheck check_;
};

// Runs it to its end; a program that waits for a name server walks away.
int run_checks(asio::io_context& loop, Checks& checks, std::optional<HookTarget> target,
               KubeClient* cluster) {
  int code = kExitUnchecked;
  std::exception_ptr failure;
  asio::co_spawn(loop, checks.run(std::move(target), cluster),
                 [&](const std::exception_ptr& thrown, int found) {
                   failure = thrown;
                   code = found;
                   if (cluster != nullptr) cluster->close();
                 });
  loop.run();
  if (failure) std::rethrow_exception(failure);
  return code;
}

}  // namespace

int run(CheckCommand command, Output output) {
  asio::io_context loop(1);
  Checks checks(loop, command, output);
  if (!command.url.empty()) {
    auto target = target_of(command);
    if (!target) return usage_error(output, "check", target.error().what());
    return run_checks(loop, checks, std::move(*target), nullptr);
  }
  auto access = KubeAccess::find(command.kubeconfig);
  if (!access) return usage_error(output, "check", access.error().what());
  auto client = KubeClient::make(loop.get_executor(), std::move(*access));
  if (!client) return usage_error(output, "check", client.error().what());
  return run_checks(loop, checks, std::nullopt, client->get());
}

}  // namespace signet
