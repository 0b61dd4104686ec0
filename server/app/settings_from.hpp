#pragma once
// The configuration of `signet serve` as the settings of its components: files read, words turned
// into values.

#include <string>
#include <vector>

#include "server/net/tls.hpp"
#include "server/registry/settings.hpp"
#include "server/runtime/config.hpp"
#include "server/web/server.hpp"

namespace signet {

// Adds the authorities of registries, read and parsed. Fails with config_not_ready.
Result<void> read_authorities(const RegistryConfig& config, NetSettings& net);

// Whom registries may be: the hosts of policies and those of the configuration.
std::vector<std::string> allowed_hosts_from(const Config& config, const PolicySet& policies);

// Fails with config_not_ready and names the setting or file that is wrong.
Result<RegistrySettings> registry_settings_from(const Config& config, const PolicySet& policies);

// The registries that cluster policies name, in match.images or as signatureRepository: an
// administrator's word. A namespace's own policies widen nothing (policy.md 4). "*" where a pattern
// takes every host.
std::vector<std::string> hosts_named_by(const PolicySet& policies);

// What the API server calls: SERVICE.NAMESPACE.svc.
std::string service_host(const Config& config, const std::string& ns);

WebhookSettings webhook_settings_from(const Config& config);
WebSettings web_settings_from(const Config& config);
// `ns`: where Signet itself is.
TlsFiles tls_files_from(const Config& config, const std::string& ns);

}  // namespace signet
