#pragma once
// Which hosts may be contacted at all, asked before any name is resolved (registry.md H.1). The
// image's author chooses the host, so what is not listed is a stranger's choice.

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "server/net/url.hpp"
#include "server/registry/settings.hpp"

namespace signet {

class HostRules {
 public:
  explicit HostRules(const RegistrySettings& settings);

  // A registry named by an image. Fails with registry_blocked; no packet has been sent.
  Result<void> check_registry(const Url& url) const;
  // A token server or the target of a redirect: not bound to the list, since nobody can foresee
  // the hosts of object stores, but never a name of the inside, another port of an inside host, or
  // a host behind a proxy that is not listed.
  Result<void> check_other(const Url& url) const;

 private:
  struct Entry {
    std::string host;  // lower case; "*" any, "*.suffix" whole labels in front
    std::uint16_t port;
  };
  static Entry parse_entry(std::string_view text, std::uint16_t usual_port);
  void take_configured(const RegistrySettings& settings);
  bool is_listed(const Url& url) const;
  // Nobody here sees where a name leads that a proxy looks up (registry.md E.7).
  bool is_proxied(const Url& url) const { return proxies_.proxy_for(url) != nullptr; }

  bool enabled_;
  bool has_list_;
  std::vector<Entry> allowed_;
  std::vector<Entry> configured_;     // named by another setting
  std::vector<std::string> private_;  // hosts that may have inside addresses
  Proxies proxies_;
};

}  // namespace signet
