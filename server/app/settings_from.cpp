#include "server/app/settings_from.hpp"

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

}  // namespace signet
