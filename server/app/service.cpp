#include "server/app/service.hpp"

#include <algorithm>

#include "core/base/text.hpp"
#include "core/crypto/library_version.hpp"
#include "server/app/build_time.hpp"
#include "server/app/settings_from.hpp"
#include "server/app/verifier_judge.hpp"

namespace signet {
namespace {

constexpr std::string_view kLogger = "service";
constexpr std::chrono::milliseconds kLook{500};  // two looks: in force within about a second
constexpr std::chrono::milliseconds kBeat{1000};
constexpr std::chrono::seconds kUpkeep{10};
constexpr std::chrono::seconds kCrlLook{2};

VerifierOptions verifier_options(const Config& config, Metrics& metrics, ClusterAccess* access) {
  VerifierOptions options;
  if (access != nullptr) options.pull_logins = &access->pull_logins();
  options.memory.tag = config.cache.tag_ttl;
  options.memory.discovery = config.cache.discovery_ttl;
  options.memory.negative = config.cache.negative_ttl;
  options.memory.missing_tag = std::min(options.memory.missing_tag, config.cache.negative_ttl);
  options.memory.stale_discovery = config.cache.stale_discovery;
  options.memory.stale_tag = config.cache.stale_tags;
  options.metrics = &metrics;
  if (config.ticks) options.ticks = config.ticks;
  return options;
}

Task<Verdict> wrong_clock(std::string image, Error error) {
  co_return failed_verdict(image, error);
}

// Nothing is judged, and nothing remembered is used, while the clock is wrong.
Judge by_a_sound_clock(Judge judge, const Clock& clock, TimePoint built) {
  const auto sound = [clock, built] { return sound_clock(clock(), built); };
  judge.verify = [sound, verify = std::move(judge.verify)](Reference image, Workload workload,
                                                           Judge::Policies policies,
                                                           Deadline deadline) -> Task<Verdict> {
    if (const auto good = sound(); !good) return wrong_clock(image.original(), good.error());
    return verify(std::move(image), std::move(workload), std::move(policies), deadline);
  };
  judge.now = clock;
  if (!judge.recall) return judge;
  judge.recall = [sound, recall = std::move(judge.recall)](
                     std::string_view image, const Workload& workload,
                     const Judge::Policies& policies) -> std::shared_ptr<const Verdict> {
    return sound() ? recall(image, workload, policies) : nullptr;
  };
  return judge;
}

std::vector<Check> readiness(const Snapshot<PolicySet>& policies, const TlsReload& tls, Clock clock,
                             TimePoint built) {
  Check loaded{"policies", [&policies]() -> Result<void> {
                 if (policies.get()) return {};
                 return Error(Reason::config_not_ready, "no policies are loaded");
               }};
  Check certificate{"certificate", [&tls] { return tls.usable(); }};
  Check time{"clock", [clock = std::move(clock), built] { return sound_clock(clock(), built); }};
  return {std::move(loaded), std::move(certificate), std::move(time)};
}

std::size_t memory_limit(const ServerConfig& config) {
  if (config.memory_limit > 0) return config.memory_limit;
  return cgroup_memory_limit().value_or(0);
}

std::unique_ptr<ClusterLink> link_to(asio::io_context& loop, std::optional<ClusterEnds> ends,
                                     const Config& config, const Clock& clock, Metrics& metrics,
                                     Log& log) {
  if (!ends) return nullptr;
  return std::make_unique<ClusterLink>(loop.get_executor(), std::move(*ends),
                                       SetRules{config.no_match, config.dry_run}, clock, metrics,
                                       log);
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
  const auto sound = sound_clock(clock(), config.built);
  if (!sound) return sound.error();
  std::optional<ClusterEnds> cluster;
  if (config.kubernetes.enabled) {
    auto ends = ClusterEnds::make(loop.get_executor(), config.kubernetes);
    if (!ends) return ends.error();
    cluster = std::move(*ends);
  }
  PolicyStore store(config.policies, SetRules{config.no_match, config.dry_run});
  FileStamps policy_files = store.look();
  auto policies = store.read();
  if (!policies) return policies.error();
  if (!cluster && policies->files.set->policies.empty()) return no_policies_in(config.policies);
  auto settings = registry_settings_from(config, *policies->files.set);
  if (!settings) return settings.error();
  auto registries =
      RegistryStack::make(loop, std::move(*settings), clock, config.cache.content_bytes);
  if (!registries) return registries.error();
  std::unique_ptr<Service> service(new Service(loop, config, clock, std::move(log_out),
                                               std::move(*registries), std::move(cluster)));
  const auto loaded = service->load_certificate();
  if (!loaded) return loaded.error();
  service->decide_by(std::move(*policies));
  const auto followed = service->follow_files(std::move(policy_files));
  if (!followed) return followed.error();
  service->begin_upkeep();
  service->follow_cluster();
  service->say_what_is_wrong();
  return service;
}

Service::Service(asio::io_context& loop, const Config& config, const Clock& clock, Log::Out log_out,
                 std::unique_ptr<RegistryStack> registries, std::optional<ClusterEnds> cluster)
    : config_(config),
      clock_(clock),
      log_(config.log_level, std::move(log_out), config.log_format),
      metrics_(clock()),
      memory_(memory_limit(config.server)),
      store_(config.policies, SetRules{config.no_match, config.dry_run}),
      registries_(std::move(registries)),
      cluster_(link_to(loop, std::move(cluster), config, clock, metrics_, log_)),
      access_(ClusterAccess::make(cluster_.get(), config, *registries_, metrics_, log_)),
      crls_(registries_->transport(), clock, metrics_, log_,
            [this](const std::string& url, Blob crls) {
              if (cluster_) cluster_->put_crls(url, crls);
              store_.put_crls(url, std::move(crls));
              if (policy_files_ != nullptr) policy_files_->insist();
            }),
      verifier_(registries_->source(), clock, verifier_options(config, metrics_, access_.get())),
      webhook_(with_namespaces(
                   by_a_sound_clock(judge_by(verifier_, loop.get_executor()), clock, config.built),
                   access_.get()),
               policies_, webhook_settings_from(config), metrics_, log_),
      tls_(tls_files_from(config, cluster_ ? cluster_->ns() : config.kubernetes.ns), clock,
           metrics_),
      probes_(readiness(policies_, tls_, clock, config.built), metrics_),
      server_(loop.get_executor(), web_settings_from(config), webhook_, probes_, tls_, memory_,
              metrics_, log_),
      background_(loop.get_executor(), told_to(log_)) {
  log_.count_in(metrics_.log_messages, metrics_.log_dropped);
  metrics_.know_registries(config.registry.allowed_hosts);
  registries_->count_in(metrics_);
  if (memory_.limit() > 0) {
    metrics_.memory_limit_bytes.set({}, static_cast<double>(memory_.limit()));
  }
}

// ---- what is reloaded

void Service::decide_by(PolicyStore::Reading reading) {
  if (cluster_) {
    cluster_->put_files(reading.sources);
  } else {
    put_in_force(reading.files);
  }
  store_.remember(std::move(reading));
}

void Service::put_in_force(const Assembled& policies) {
  const PolicySet& set = *policies.set;
  tell_issues(policies.issues);
  if (policies.set == policies_.get()) return;
  registries_->allow(allowed_hosts_from(config_, set));
  metrics_.show_policies(set);
  log_.write(LogLine(LogLevel::info, kLogger, "policies_loaded", "these policies decide now")
                 .with("policies", set.policies.size())
                 .with("trust_roots", set.trust_roots.size())
                 .with("hash", set.fingerprint.substr(0, 12)));
  crls_.follow(set);
  policies_.swap(policies.set);
}

void Service::tell_issues(const std::vector<Issue>& issues) {
  std::vector<std::string> told;
  for (const Issue& issue : issues) {
    told.push_back(issue.str());
    if (std::find(told_issues_.begin(), told_issues_.end(), told.back()) != told_issues_.end()) {
      continue;
    }
    log_.write(LogLine(LogLevel::error, kLogger, "policy_invalid",
                       "a policy has an error: its last good version decides, or it denies")
                   .with("issue", told.back()));
  }
  told_issues_ = std::move(told);
}

void Service::follow_cluster() {
  if (!cluster_) return;
  probes_.add(Check{"cluster", [this] { return cluster_->ready(); }});
  access_->begin(background_);
  writers_ = std::make_unique<ClusterWriters>(cluster_->api(), config_, cluster_->ns(), clock_,
                                              tls_, metrics_, log_);
  webhook_.tell(writers_->listener());
  probes_.add(writers_->drift_check());
  writers_->begin(background_);
  cluster_->begin(background_, [this](PolicyObjects::Reading reading) {
    put_in_force(reading.policies);
    writers_->show(std::move(reading.statuses));
  });
}

Watched Service::policies_watched() {
  const auto build = [this]() -> Result<Built> {
    auto read = store_.read();
    if (!read) return read.error();
    const auto reading = std::make_shared<PolicyStore::Reading>(std::move(*read));
    std::optional<Error> flaw;
    if (const auto& issues = reading->files.issues; !issues.empty()) {
      flaw = Error(Reason::policy_invalid, issues.front().str());
    }
    return Built{[this, reading] { decide_by(std::move(*reading)); }, std::move(flaw)};
  };
  return Watched{"policies", [this] { return store_.look(); }, build};
}

Watched Service::credentials_watched() {
  const std::string& file = config_.registry.credentials_file;
  const auto build = [this, file]() -> Result<Built> {
    auto read = read_credentials(file);
    if (!read) return read.error();
    return Built{[this, logins = std::move(*read)] { registries_->use(logins); }, std::nullopt};
  };
  return Watched{"credentials", [file] { return stamps_of({file}); }, build};
}

Watched Service::authorities_watched() {
  std::vector<std::string> files = config_.registry.ca_files;
  for (const auto& [host, file] : config_.registry.ca_by_host)
    files.push_back(file);
  const auto build = [this]() -> Result<Built> {
    NetSettings net;
    const auto read = read_authorities(config_.registry, net);
    if (!read) return read.error();
    return Built{[this, net = std::move(net)] { registries_->trust(net); }, std::nullopt};
  };
  return Watched{"registry_ca", [files = std::move(files)] { return stamps_of(files); }, build};
}

Reloader& Service::watch(Watched watched) {
  const std::string name = watched.what;
  Reloader& reloader = reloaders_.emplace_back(std::move(watched), clock_, metrics_, log_);
  background_.repeat(name, Schedule{kLook}, [&reloader] { return reloader.look(); });
  return reloader;
}

Result<void> Service::follow(Watched watched) {
  return watch(std::move(watched)).load();
}

Result<void> Service::follow_files(FileStamps policy_files) {
  policy_files_ = &watch(policies_watched());
  policy_files_->begin(std::move(policy_files));
  if (!config_.registry.credentials_file.empty()) {
    const auto loaded = follow(credentials_watched());
    if (!loaded) return loaded;
  }
  if (config_.registry.ca_files.empty() && config_.registry.ca_by_host.empty()) return {};
  return follow(authorities_watched());
}

void Service::toggle_debug() {
  const bool on = log_.toggle_debug(std::chrono::steady_clock::now());
  log_.write(LogLine(LogLevel::warn, kLogger, "debug_toggled", "the level of the log was changed")
                 .with("debug", on));
}

void Service::reload() {
  log_.write(LogLine(LogLevel::info, kLogger, "reload_asked", "everything is loaded anew"));
  for (Reloader& reloader : reloaders_)
    reloader.insist();
}

Result<void> Service::load_certificate() {
  if (!config_.tls.client_ca_file.empty()) {
    const auto loaded = follow(tls_.client_ca());
    if (!loaded) return loaded;
  }
  if (config_.tls.self_managed) return {};  // from the cluster, soon
  if (!config_.tls.cert_file.empty()) return follow(tls_.pair());
  const auto made = tls_.make_own({"localhost", "127.0.0.1", "::1"});
  if (!made) return made;
  log_.write(LogLine(
      LogLevel::warn, kLogger, "self_signed",
      "no certificate was given (tls.cert, tls.key): serving a self-signed one for localhost"));
  return {};
}

// ---- what else repeats

void Service::begin_upkeep() {
  background_.repeat("heartbeat", Schedule{kBeat, kBeat}, [this] { return probes_.beat(); });
  background_.repeat("crls", Schedule{kCrlLook}, [this] { return crls_.run(); });
  background_.repeat("upkeep", Schedule{kUpkeep}, [this]() -> Task<Result<void>> {
    memory_.trim();
    metrics_.forget(clock_());
    co_return Result<void>();
  });
}

void Service::say_what_is_wrong() {
  if (const auto warning = library_warning()) {
    log_.write(LogLine(LogLevel::warn, kLogger, "old_library", "a library should be updated")
                   .with("why", *warning));
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
                 .with("policies", policies_.get() ? policies_.get()->policies.size() : 0)
                 .with("version", SIGNET_VERSION));
  return listening;
}

void Service::begin_drain() {
  log_.write(LogLine(LogLevel::info, kLogger, "draining", "not ready from now on, still serving"));
  server_.begin_drain();
}

Task<void> Service::stop(Deadline deadline) {
  co_await server_.stop(deadline);
  co_await webhook_.stop(deadline);
  co_await background_.join(deadline);
  if (writers_) co_await writers_->release(deadline);
  verifier_.stop();
  registries_->close();
  if (access_) access_->stop();
  if (cluster_) cluster_->close();
  log_.write(LogLine(LogLevel::info, kLogger, "stopped", "stopped"));
}

}  // namespace signet
