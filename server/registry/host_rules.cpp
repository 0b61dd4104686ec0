#include "server/registry/host_rules.hpp"

#include <algorithm>
#include <array>

#include "core/base/text.hpp"
#include "server/net/host_port.hpp"

namespace signet {
namespace {

constexpr std::string_view kBehindAProxy =
    "is reached through a proxy, so its address cannot be checked; name it in "
    "registry.allowedHosts";

// Names that lead inside: to this machine, this cluster or a cloud's metadata.
bool is_inside_name(std::string_view host) {
  constexpr std::array<std::string_view, 5> kSuffixes = {".localhost", ".local", ".internal",
                                                         ".svc", ".cluster.local"};
  const bool is_ipv6 = host.find(':') != std::string_view::npos;
  if (!is_ipv6 && host.find('.') == std::string_view::npos) return true;
  return std::any_of(kSuffixes.begin(), kSuffixes.end(),
                     [&](std::string_view suffix) { return host.ends_with(suffix); });
}

// No setting opens these (registry.md H.1); their addresses are blocked as well.
bool is_metadata_name(std::string_view host) {
  return host == "metadata.google.internal" || host == "metadata.goog" || host == "metadata";
}

Error blocked(const Url& url, std::string_view why) {
  return {Reason::registry_blocked, cat(printable(url.host_header(), 80), ": ", why)};
}

bool host_matches(std::string_view pattern, std::string_view host) {
  if (!pattern.starts_with("*.")) return pattern == host;
  return host.size() > pattern.size() - 1 && host.ends_with(pattern.substr(1));
}

}  // namespace

HostRules::Entry HostRules::parse_entry(std::string_view text, std::uint16_t usual_port) {
  HostPort parsed = HostPort::parse(text);
  const bool hub = parsed.host == "docker.io" || parsed.host == "index.docker.io";
  if (hub) parsed.host = "registry-1.docker.io";
  return {std::move(parsed.host), parsed.port.value_or(usual_port)};
}

HostRules::HostRules(const RegistrySettings& settings)
    : enabled_(settings.net.addresses.enabled),
      has_list_(!settings.allowed_hosts.empty()),
      proxies_(settings.net.proxies) {
  for (const std::string& host : settings.allowed_hosts)
    allowed_.push_back(parse_entry(host, kHttpsPort));
  take_configured(settings);
}

void HostRules::take_configured(const RegistrySettings& settings) {
  for (const std::string& host : settings.net.plain_http)
    configured_.push_back(parse_entry(host, kHttpPort));
  for (const auto& [host, pem] : settings.net.ca_pem_by_host)
    configured_.push_back(parse_entry(host, kHttpsPort));
  for (const AllowPrivate& exception : settings.net.addresses.allow_private) {
    configured_.push_back(parse_entry(exception.host, kHttpsPort));
    private_.push_back(configured_.back().host);
  }
  for (const auto& [registry, realms] : settings.auth_realms) {
    configured_.push_back(parse_entry(registry, kHttpsPort));
    for (const std::string& realm : realms)
      configured_.push_back(parse_entry(realm, kHttpsPort));
  }
}

bool HostRules::is_listed(const Url& url) const {
  const auto covers = [&](const Entry& entry) {
    return host_matches(entry.host, url.host) && entry.port == url.port;
  };
  return std::any_of(configured_.begin(), configured_.end(), covers) ||
         std::any_of(allowed_.begin(), allowed_.end(), covers);
}

Result<void> HostRules::check_registry(const Url& url) const {
  if (is_metadata_name(url.host)) return blocked(url, "is a cloud's metadata service");
  if (!enabled_ && !has_list_) return {};
  if (is_listed(url)) return {};
  const bool any = !has_list_ || std::any_of(allowed_.begin(), allowed_.end(),
                                             [](const Entry& entry) { return entry.host == "*"; });
  if (any && is_proxied(url)) return blocked(url, kBehindAProxy);
  if (!any) {
    return blocked(url,
                   "is not among the registries that may be asked; name it in a policy's "
                   "match.images or in registry.allowedHosts");
  }
  if (url.port != kHttpsPort) {
    return blocked(url,
                   "ports other than 443 must be listed; name host and port in "
                   "registry.allowedHosts");
  }
  if (is_inside_name(url.host)) {
    return blocked(url, "is an inside name; name it in registry.allowedHosts");
  }
  return {};
}

Result<void> HostRules::check_other(const Url& url) const {
  if (is_metadata_name(url.host)) return blocked(url, "is a cloud's metadata service");
  if (!enabled_ || is_listed(url)) return {};
  if (is_proxied(url)) return blocked(url, kBehindAProxy);
  if (std::find(private_.begin(), private_.end(), url.host) != private_.end()) {
    return blocked(url,
                   "the registry points at another port of an inside host; name host and port in "
                   "registry.allowedHosts");
  }
  if (is_inside_name(url.host)) {
    return blocked(url, "the registry points at an inside name; name it in registry.allowedHosts");
  }
  return {};
}

}  // namespace signet
