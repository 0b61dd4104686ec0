#include "server/app/service.hpp"

#include "core/base/text.hpp"
#include "core/crypto/library_version.hpp"
#include "server/app/settings_from.hpp"

namespace signet {
namespace {

constexpr std::string_view kLogger = "service";
constexpr std::chrono::seconds kCertificateLook{10};

Judge judge_by(Verifier& verifier) {
  Judge judge;
  judge.verify = [&verifier](Reference image, Workload workload,
                             std::shared_ptr<const PolicySet> policies, Deadline deadline) {
    return verifier.verify(std::move(image), std::move(workload), std::move(policies), deadline);
  };
  judge.resolve = [&verifier](Reference image, Deadline deadline) {
    return verifier.resolve(std::move(image), deadline);
  };
  return judge;
}

WebhookSettings webhook_settings(const Config& config) {
  WebhookSettings settings;
  settings.unpinned = config.unpinned;
  settings.namespace_labels = config.namespace_labels;
  settings.time.default_timeout = config.server.default_timeout;
  settings.time.max_work = config.server.max_work;
  settings.reviews = config.server.reviews;
  return settings;
}

WebSettings web_settings(const Config& config) {
  WebSettings settings;
  settings.listen = config.listen;
  settings.health_listen = config.health_listen;
  settings.metrics_listen = config.metrics_listen;
  settings.connections = config.server.connections;
  settings.body_bytes = config.server.body_bytes;
  return settings;
}

TlsFiles tls_files(const TlsConfig& config) {
  const TlsVersion least =
      config.min_version == TlsFloor::tls12 ? TlsVersion::tls12 : TlsVersion::tls13;
  return TlsFiles{config.cert_file, config.key_file, least};
}

std::vector<Check> readiness(const Snapshot<PolicySet>& policies, const TlsReload& tls) {
  Check loaded{"policies", [&policies]() -> Result<void> {
                 if (policies.get()) return {};
                 return Error(Reason::config_not_ready, "no policies are loaded");
               }};
  Check certificate{"certificate", [&tls] { return tls.usable(); }};
  return {std::move(loaded), std::move(certificate)};
}

Background::OnError told_to(Log& log) {
  return [&log](std::string_view name, const Error& error) {
    log.write(LogLine(LogLevel::warn, kLogger, "background_failed", "background work failed")
                  .with("work", name)
                  .with("reason", name_of(error.reason()))
                  .with("error", error.what()));
  };
}

}  // namespace

Result<std::unique_ptr<Service>> Service::make(asio::io_context& loop, const Config& config,
                                               Clock clock, Log::Out log_out) {
  auto policies = load_policy_files(config.policies, config.no_match);
  if (!policies) return policies.error();
  auto settings = registry_settings_from(config, *policies->set);
  if (!settings) return settings.error();
  auto registries = RegistryStack::make(loop, std::move(*settings), clock);
  if (!registries) return registries.error();
  std::unique_ptr<Service> service(
      new Service(loop, config, clock, std::move(log_out), *policies, std::move(*registries)));
  const auto loaded = service->load_certificate(config);
  if (!loaded) return loaded.error();
  service->say_what_is_wrong(*policies);
  return service;
}

Service::Service(asio::io_context& loop, const Config& config, const Clock& clock, Log::Out log_out,
                 PolicyFiles policies, std::unique_ptr<RegistryStack> registries)
    : log_(config.log_level, std::move(log_out)),
      metrics_(clock()),
      policies_(policies.set),
      registries_(std::move(registries)),
      verifier_(registries_->source(), clock),
      webhook_(judge_by(verifier_), policies_, webhook_settings(config), metrics_, log_),
      tls_(tls_files(config.tls), clock, metrics_, log_),
      probes_(readiness(policies_, tls_), metrics_),
      server_(loop.get_executor(), web_settings(config), webhook_, probes_, tls_, metrics_, log_),
      background_(loop.get_executor(), told_to(log_)) {}

Result<void> Service::load_certificate(const Config& config) {
  if (!config.tls.cert_file.empty()) {
    const auto loaded = tls_.load();
    if (!loaded) return loaded;
    background_.repeat("certificate", Schedule{kCertificateLook},
                       [this] { return tls_.refresh(); });
    return {};
  }
  const auto made = tls_.make_own({"localhost", "127.0.0.1", "::1"});
  if (!made) return made;
  log_.write(LogLine(
      LogLevel::warn, kLogger, "self_signed",
      "no certificate was given (tls.cert, tls.key): serving a self-signed one for localhost"));
  return {};
}

void Service::say_what_is_wrong(const PolicyFiles& policies) {
  if (const auto warning = library_warning()) {
    log_.write(LogLine(LogLevel::warn, kLogger, "old_library", "a library should be updated")
                   .with("why", *warning));
  }
  for (const Issue& issue : policies.issues) {
    log_.write(LogLine(LogLevel::error, kLogger, "policy_invalid",
                       "a policy has an error and denies what it would match")
                   .with("issue", issue.str()));
  }
  for (const std::string& warning : registries_->warnings()) {
    log_.write(LogLine(LogLevel::warn, kLogger, "credentials", "a login cannot be used")
                   .with("why", warning));
  }
}

Result<Listening> Service::open() {
  auto listening = server_.open();
  if (!listening) return listening;
  log_.write(LogLine(LogLevel::info, kLogger, "listening", "listening")
                 .with("address", listening->admission.str())
                 .with("health", listening->health.str())
                 .with("metrics", listening->metrics.str())
                 .with("policies", policies_.get()->policies.size())
                 .with("version", SIGNET_VERSION));
  return listening;
}

void Service::begin_drain() {
  log_.write(LogLine(LogLevel::info, kLogger, "draining", "not ready from now on, still serving"));
  server_.begin_drain();
}

Task<void> Service::stop(Deadline deadline) {
  co_await server_.stop(deadline);
  co_await background_.join(deadline);
  registries_->close();
  log_.write(LogLine(LogLevel::info, kLogger, "stopped", "stopped"));
}

}  // namespace signet
