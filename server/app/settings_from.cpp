#include "server/app/settings_from.hpp"

#include <sys/resource.h>

#include <algorithm>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "server/runtime/files.hpp"

namespace signet {
namespace {

Error about(std::string_view setting, const Error& error) {
  return error.as(Reason::config_not_ready).under(setting);
}

Result<std::string> ca_in(const std::string& file) {
  auto pem = read_file(file, kTrustPemBytes);
  if (!pem) return pem.error();
  const auto certificates = parse_certificates(*pem, kTrustRootCertificates);
  if (!certificates) return certificates.error().under(file);
  return cat(*pem, "\n");
}

Result<void> read_private(const RegistryConfig& config, AddressFilterSettings& filter) {
  for (const auto& [host, cidrs] : config.allow_private) {
    AllowPrivate exception{host, {}};
    for (const std::string& text : cidrs) {
      auto cidr = Cidr::parse(text);
      if (!cidr) return about("registry.allowPrivate", cidr.error());
      exception.cidrs.push_back(std::move(*cidr));
    }
    filter.allow_private.push_back(std::move(exception));
  }
  return {};
}

void add_once(std::vector<std::string>& list, std::string value) {
  if (std::find(list.begin(), list.end(), value) == list.end()) list.push_back(std::move(value));
}

std::string host_of(const ImageGlob& pattern) {
  const std::string host = pattern.text().substr(0, pattern.text().find('/'));
  return host == "**" ? "*" : host;
}

// An eighth is for sources that hold few; half of the descriptors are left for registries.
SeatLimits seat_limits(const ServerConfig& config) {
  rlimit descriptors{};
  const bool known = getrlimit(RLIMIT_NOFILE, &descriptors) == 0;
  SeatLimits seats;
  seats.all = config.connections;
  if (known) seats.all = std::min<std::size_t>(seats.all, descriptors.rlim_cur / 2);
  seats.one_source = config.connections_per_source;
  seats.reserved = seats.all / 8;
  return seats;
}

}  // namespace

Result<void> read_authorities(const RegistryConfig& config, NetSettings& net) {
  for (const std::string& file : config.ca_files) {
    auto pem = ca_in(file);
    if (!pem) return about("registry.ca", pem.error());
    net.ca_pem += *pem;
  }
  for (const auto& [host, file] : config.ca_by_host) {
    auto pem = ca_in(file);
    if (!pem) return about("registry.ca", pem.error());
    net.ca_pem_by_host[host] = std::move(*pem);
  }
  return {};
}

std::vector<std::string> hosts_named_by(const PolicySet& policies) {
  std::vector<std::string> hosts;
  for (const auto& policy : policies.policies) {
    if (policy->kind != PolicyKind::cluster) continue;
    for (const ImageGlob& pattern : policy->match.images)
      add_once(hosts, host_of(pattern));
    for (const Authority& authority : policy->authorities) {
      if (authority.signature_repository) add_once(hosts, authority.signature_repository->domain);
    }
  }
  return hosts;
}

std::vector<std::string> allowed_hosts_from(const Config& config, const PolicySet& policies) {
  std::vector<std::string> hosts = hosts_named_by(policies);
  for (const std::string& host : config.registry.allowed_hosts)
    add_once(hosts, host);
  return hosts;
}

Result<RegistrySettings> registry_settings_from(const Config& config, const PolicySet& policies) {
  RegistrySettings settings;
  settings.net.plain_http = config.registry.plain_http;
  settings.net.reply_bytes = config.registry.reply_bytes;
  const auto authorities = read_authorities(config.registry, settings.net);
  if (!authorities) return authorities.error();
  const auto exceptions = read_private(config.registry, settings.net.addresses);
  if (!exceptions) return exceptions.error();
  settings.allowed_hosts = allowed_hosts_from(config, policies);
  settings.auth_realms = config.registry.auth_realms;
  settings.realm_rule = config.registry.realm_scope == RealmScope::exact_host
                            ? RealmRule::strict
                            : RealmRule::registrable_domain;
  settings.credentials_file = config.registry.credentials_file;
  for (const auto& [prefix, directory] : config.registry.layouts) {
    settings.layouts.push_back(LayoutMount{prefix, directory});
  }
  return settings;
}

WebhookSettings webhook_settings_from(const Config& config) {
  WebhookSettings settings;
  settings.unpinned = config.unpinned;
  settings.reverify = config.reverify;
  settings.pin = config.pin;
  settings.extra_resources = config.extra_resources;
  settings.warn_before = std::chrono::floor<std::chrono::seconds>(config.warn_before);
  settings.namespace_labels = config.namespace_labels;
  settings.time.default_timeout = config.server.default_timeout;
  settings.time.max_work = config.server.max_work;
  settings.reviews = config.server.reviews;
  return settings;
}

WebSettings web_settings_from(const Config& config) {
  WebSettings settings;
  settings.listen = config.listen;
  settings.health_listen = config.health_listen;
  settings.metrics_listen = config.metrics_listen;
  settings.seats = seat_limits(config.server);
  settings.body_bytes = config.server.body_bytes;
  return settings;
}

std::string service_host(const Config& config, const std::string& ns) {
  const std::string& service =
      config.tls.service.empty() ? config.kubernetes.name : config.tls.service;
  return cat(service, ".", ns, ".svc");
}

TlsFiles tls_files_from(const Config& config, const std::string& ns) {
  const TlsConfig& tls = config.tls;
  TlsFiles files{tls.cert_file, tls.key_file,
                 tls.min_version == TlsFloor::tls12 ? TlsVersion::tls12 : TlsVersion::tls13,
                 tls.client_ca_file, tls.client_names};
  // Where no Service is named, something else may stand in front.
  if (!tls.service.empty() && !tls.cert_file.empty()) files.host = service_host(config, ns);
  return files;
}

}  // namespace signet
