#include "server/registry/host_rules.hpp"

#include <algorithm>
#include <array>

#include "core/base/text.hpp"

namespace signet {
namespace {

constexpr std::uint16_t kHttps = 443;

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

HostRules::Entry HostRules::parse_entry(std::string_view text) {
  const std::string name = to_lower(text);
  const std::size_t bracket = name.find(']');
  const std::size_t colon = name.find(':', bracket == std::string::npos ? 0 : bracket);
  const auto port =
      colon == std::string::npos ? std::nullopt : parse_number(name.substr(colon + 1));
  std::string host = name.substr(0, colon);
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  if (host == "docker.io" || host == "index.docker.io") host = "registry-1.docker.io";
  return {std::move(host), static_cast<std::uint16_t>(port.value_or(kHttps)), false};
}

HostRules::HostRules(const RegistrySettings& settings)
    : enabled_(settings.net.addresses.enabled), has_list_(!settings.allowed_hosts.empty()) {
  for (const std::string& host : settings.allowed_hosts)
    allowed_.push_back(parse_entry(host));
  for (const std::string& host : settings.net.plain_http) {
    Entry entry = parse_entry(host);
    entry.any_port = host.find(':') == std::string::npos;
    configured_.push_back(std::move(entry));
  }
  for (const auto& [host, pem] : settings.net.ca_pem_by_host) {
    Entry entry = parse_entry(host);
    entry.any_port = host.find(':') == std::string::npos;
    configured_.push_back(std::move(entry));
  }
  for (const AllowPrivate& exception : settings.net.addresses.allow_private) {
    Entry entry = parse_entry(exception.host);
    entry.any_port = true;
    configured_.push_back(std::move(entry));
  }
  for (const auto& [registry, realms] : settings.auth_realms) {
    configured_.push_back(parse_entry(registry));
    for (const std::string& realm : realms)
      configured_.push_back(parse_entry(realm));
  }
}

bool HostRules::is_listed(const std::vector<Entry>& entries, const Url& url) const {
  return std::any_of(entries.begin(), entries.end(), [&](const Entry& entry) {
    return host_matches(entry.host, url.host) && (entry.any_port || entry.port == url.port);
  });
}

Result<void> HostRules::check_registry(const Url& url) const {
  if (is_metadata_name(url.host)) return blocked(url, "is a cloud's metadata service");
  if (!enabled_ && !has_list_) return {};
  if (is_listed(configured_, url) || is_listed(allowed_, url)) return {};
  const bool any = !has_list_ || std::any_of(allowed_.begin(), allowed_.end(),
                                             [](const Entry& entry) { return entry.host == "*"; });
  if (!any) {
    return blocked(url,
                   "is not among the registries that may be asked; name it in a policy's "
                   "match.images or in registry.allowedHosts");
  }
  if (url.port != kHttps) {
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
  if (!enabled_ || is_listed(configured_, url) || is_listed(allowed_, url)) return {};
  if (is_inside_name(url.host)) {
    return blocked(url, "the registry points at an inside name; name it in registry.allowedHosts");
  }
  return {};
}

}  // namespace signet
