#include "core/oci/realm.hpp"

#include <libpsl.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "core/base/text.hpp"

namespace signet {
namespace {

constexpr std::uint16_t kHttps = 443;

struct Pair {
  std::string_view registry;
  std::string_view realm;
};

// Token servers that are known to belong to a registry of another name (C.5, C2).
constexpr std::array kPairs = {
    Pair{"registry-1.docker.io", "auth.docker.io"},
    Pair{"registry.gitlab.com", "gitlab.com"},
};

// Domains whose sub-domains belong to strangers of each other, beside those of the public suffix
// list (C.5, C3).
constexpr std::array<std::string_view, 22> kManyTenants = {"azurecr.io",
                                                           "azurecr.cn",
                                                           "azurecr.de",
                                                           "azurecr.us",
                                                           "jfrog.io",
                                                           "pkg.dev",
                                                           "gcr.io",
                                                           "amazonaws.com",
                                                           "aliyuncs.com",
                                                           "cloudfront.net",
                                                           "azurewebsites.net",
                                                           "windows.net",
                                                           "github.io",
                                                           "on.aws",
                                                           "googleapis.com",
                                                           "run.app",
                                                           "cloudapp.net",
                                                           "azure.com",
                                                           "ngrok.io",
                                                           "amazonaws.com.cn",
                                                           "cluster.local",
                                                           "ondigitalocean.app"};

bool is_address(std::string_view host) {
  const std::string_view last = host.substr(host.rfind('.') + 1);
  return host.find(':') != std::string_view::npos ||
         (!last.empty() && std::all_of(last.begin(), last.end(), is_digit));
}

bool may_have_siblings(std::string_view host) {
  return host.find('.') != std::string_view::npos && !is_address(host) &&
         !host.ends_with(".internal");
}

std::string_view registrable_domain(const std::string& host) {
  const char* const domain = psl_registrable_domain(psl_builtin(), host.c_str());
  return domain == nullptr ? std::string_view() : std::string_view(domain);
}

bool is_configured(const Endpoint& realm, const std::vector<std::string>& configured) {
  const std::string bare =
      realm.host.find(':') == std::string::npos ? realm.host : cat("[", realm.host, "]");
  const std::string with_port = cat(bare, ":", std::to_string(realm.port));
  return std::any_of(configured.begin(), configured.end(), [&](const std::string& entry) {
    const std::string name = to_lower(entry);
    return name == with_port || (name == bare && realm.port == kHttps);
  });
}

bool is_known_pair(const Endpoint& registry, const Endpoint& realm) {
  return std::any_of(kPairs.begin(), kPairs.end(), [&](const Pair& pair) {
    return registry.host == pair.registry && realm.host == pair.realm;
  });
}

// R1 and R2: https, unless registry and realm are one plain host; no odd port.
bool is_acceptable(const Endpoint& registry, const Endpoint& realm, bool configured) {
  const bool same_host = registry.host == realm.host;
  if (!realm.tls && (registry.tls || !same_host)) return false;
  return realm.port == kHttps || realm.port == registry.port || configured;
}

}  // namespace

bool share_a_registrable_domain(const std::string& a, const std::string& b) {
  if (!may_have_siblings(a) || !may_have_siblings(b)) return false;
  const std::string_view domain = registrable_domain(a);
  return !domain.empty() && domain == registrable_domain(b) &&
         std::find(kManyTenants.begin(), kManyTenants.end(), domain) == kManyTenants.end();
}

RealmTrust judge_realm(const Endpoint& registry, const Endpoint& realm,
                       const std::vector<std::string>& configured, RealmRule rule) {
  const bool named = is_configured(realm, configured);
  if (!is_acceptable(registry, realm, named)) return RealmTrust::refused;
  if (named || registry.host == realm.host || is_known_pair(registry, realm)) {
    return RealmTrust::credentials;
  }
  const bool sibling = rule == RealmRule::registrable_domain &&
                       share_a_registrable_domain(registry.host, realm.host);
  return sibling ? RealmTrust::credentials : RealmTrust::anonymous;
}

}  // namespace signet
