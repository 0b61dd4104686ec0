#include "server/app/cluster_writers.hpp"

#include <unistd.h>

#include <array>
#include <random>

#include "core/base/bytes.hpp"
#include "core/base/text.hpp"
#include "server/app/settings_from.hpp"

namespace signet {
namespace {

constexpr std::chrono::milliseconds kWritersLook{500};
constexpr std::chrono::milliseconds kSend{1000};

std::string host_name() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "signet";
  return name.data();
}

std::uint64_t random_number() {
  std::random_device device;
  return (std::uint64_t{device()} << 32) | device();
}

std::string replica_name(const Config& config) {
  const std::string& given = config.kubernetes.identity;
  return given.empty() ? host_name() : given;
}

// A process that begins anew is another candidate.
LeadershipSettings leadership_settings(const Config& config, const std::string& ns) {
  const std::uint64_t number = random_number();
  const Bytes octets(reinterpret_cast<const char*>(&number), sizeof number);
  return {ns, config.kubernetes.name + "-leader", cat(replica_name(config), "_", hex(octets)), {}};
}

OwnTlsSettings own_tls_settings(const Config& config, const std::string& ns) {
  OwnTlsSettings settings;
  settings.ns = ns;
  settings.secret = config.kubernetes.name + "-webhook-ca";
  settings.names = {service_host(config, ns)};
  settings.names.insert(settings.names.end(), config.tls.names.begin(), config.tls.names.end());
  const auto seconds = [](std::chrono::milliseconds span) {
    return std::chrono::ceil<std::chrono::seconds>(span);
  };
  settings.times.ca_validity = seconds(config.tls.ca_validity);
  settings.times.leaf_validity = seconds(config.tls.leaf_validity);
  settings.times.propagation_delay = seconds(config.tls.ca_propagation_delay);
  return settings;
}

WebhookIntent intent_of(const Config& config) {
  WebhookIntent intent;
  intent.names = config.kubernetes.webhook_configurations;
  intent.failure_policy = config.kubernetes.failure_policy;
  for (const ExtraResource& extra : config.extra_resources)
    intent.extra.push_back(MeantResource{extra.group, extra.resource});
  return intent;
}

DriftWatch::Needs drift_needs(const Config& config, const std::string& ns, const TlsReload& tls) {
  DriftWatch::Needs needs;
  needs.chain = [&tls] { return tls.chain_pem(); };
  needs.needs_bundle = config.tls.self_managed;
  if (config.tls.self_managed) needs.host = service_host(config, ns);
  return needs;
}

}  // namespace

ClusterWriters::ClusterWriters(KubeApi& api, const Config& config, std::string ns,
                               const Clock& clock, TlsReload& tls, Metrics& metrics, Log& log)
    : manages_tls_(config.tls.self_managed),
      sends_events_(config.kubernetes.events),
      ns_(std::move(ns)),
      name_(config.kubernetes.name),
      leadership_(api, leadership_settings(config, ns_), clock, std::chrono::steady_clock::now,
                  metrics),
      events_(api, EventBook(replica_name(config), {}, random_number()), clock,
              std::chrono::steady_clock::now, metrics),
      webhooks_(api, config.kubernetes.webhook_configurations, metrics),
      own_tls_(api, webhooks_, own_tls_settings(config, ns_), tls_needs(tls), clock, metrics, log),
      drift_(api, intent_of(config), drift_needs(config, ns_, tls), clock, metrics, log),
      statuses_(api, status_needs(), clock, metrics) {
  watch_what_is_kept(api, config, Reflector::Means{clock, metrics, log});
}

// ---- what pokes

std::vector<KubeKey> ClusterWriters::Poke::replace(std::vector<KubeObject>) {
  writers_.poke();
  return {};
}

bool ClusterWriters::Poke::put(KubeObject) {
  writers_.poke();
  return true;
}

void ClusterWriters::Poke::remove(const KubeKey&) {
  writers_.poke();
}

void ClusterWriters::poke() {
  own_tls_.poke();
  drift_.poke();
}

void ClusterWriters::watch(KubeApi& api, WatchTarget target, const Reflector::Means& means) {
  watches_.emplace_back(api, std::move(target), poke_, means);
}

void ClusterWriters::watch_what_is_kept(KubeApi& api, const Config& config,
                                        const Reflector::Means& means) {
  if (manages_tls_) {
    watch(api,
          {cat("/api/v1/namespaces/", ns_, "/secrets"), "secrets",
           own_tls_settings(config, ns_).secret},
          means);
  }
  for (const std::string& name : config.kubernetes.webhook_configurations) {
    for (const char* const resource :
         {"validatingwebhookconfigurations", "mutatingwebhookconfigurations"}) {
      watch(api, {cat("/apis/admissionregistration.k8s.io/v1/", resource), resource, name}, means);
    }
  }
}

// ---- the rest

OwnTls::Needs ClusterWriters::tls_needs(TlsReload& tls) {
  OwnTls::Needs needs;
  needs.leads = [this] { return leads(); };
  needs.serve = [&tls](ServingCertificate made) {
    return tls.use(KeyPair{std::move(made.chain_pem), std::move(made.key_pem)});
  };
  needs.tell = [this](std::string_view reason, const std::string& words) {
    note(EventNote{EventObject{"apps/v1", "Deployment", ns_, name_}, EventType::normal,
                   std::string(reason), "RotateCertificate", words});
  };
  return needs;
}

StatusWriter::Needs ClusterWriters::status_needs() {
  StatusWriter::Needs needs;
  needs.leads = [this] { return leads(); };
  needs.changed = [this](const StatusTarget& target, const StatusCondition& ready,
                         const std::string& was) {
    if (const auto event = event_of(target, ready, was)) note(*event);
  };
  return needs;
}

void ClusterWriters::begin(Background& background) {
  const LeaseTimes times;
  background.repeat("leadership", Schedule{times.retry, times.retry},
                    [this] { return leadership_.run(); });
  if (manages_tls_)
    background.repeat("own_tls", Schedule{kWritersLook}, [this] { return own_tls_.run(); });
  background.repeat("webhook_drift", Schedule{kWritersLook}, [this] { return drift_.run(); });
  background.repeat("statuses", Schedule{kWritersLook}, [this] { return write_statuses(); });
  for (Reflector& one : watches_) {
    background.repeat("watch_" + one.resource(), Schedule{kWritersLook},
                      [&one] { return one.run(); });
  }
  if (sends_events_) background.repeat("events", Schedule{kSend}, [this] { return events_.run(); });
}

void ClusterWriters::show(std::vector<PolicyObjectStatus> objects) {
  objects_ = std::move(objects);
  const auto state = drift_.check();
  Enforcement enforcement{enforced_, state ? std::string() : state.error().what()};
  statuses_.want(statuses_for(objects_, enforcement));
}

Task<Result<void>> ClusterWriters::write_statuses() {
  if (drift_.is_enforced() != enforced_) {
    enforced_ = drift_.is_enforced();
    show(std::move(objects_));
  }
  return statuses_.run();
}

ReviewLog::Listener ClusterWriters::listener() {
  if (!sends_events_) return {};
  return
      [this](const Review& review, std::span<const JudgedImage> images, const Decision& decision) {
        if (const auto event = event_of(review, images, decision)) note(*event);
      };
}

void ClusterWriters::note(const EventNote& note) {
  if (sends_events_) events_.note(note);
}

Check ClusterWriters::drift_check() const {
  return Check{"webhook_configurations", [this] { return drift_.check(); }, true};
}

}  // namespace signet
