#pragma once
// May a token server have our credentials? A registry names any realm it likes, and clients that
// asked no further gave users' passwords to it (CVE-2026-33540 and others; registry.md C.5).

#include <cstdint>
#include <string>
#include <vector>

namespace signet {

struct Endpoint {
  bool tls = true;
  std::string host;  // lower case, IPv6 without brackets
  std::uint16_t port = 443;
};

enum class RealmRule {
  registrable_domain,  // siblings under one registrable domain count as the registry itself
  strict,              // the registry's own host, the built-in pairs and what is configured
};

enum class RealmTrust {
  refused,      // not contacted at all
  anonymous,    // asked for a token, without credentials
  credentials,  // asked with credentials
};

// `configured` are the hosts ("host" or "host:port") that the administrator names for this
// registry. Addresses are checked when the realm is dialled.
RealmTrust judge_realm(const Endpoint& registry, const Endpoint& realm,
                       const std::vector<std::string>& configured, RealmRule rule);

// Both names lie under one registrable domain (public suffix list) that is not let to many tenants.
bool share_a_registrable_domain(const std::string& a, const std::string& b);

}  // namespace signet
