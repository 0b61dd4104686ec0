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
  // the hosts of object stores, but never a name of the inside.
  Result<void> check_other(const Url& url) const;

 private:
  struct Entry {
    std::string host;  // lower case; "*" any, "*.suffix" whole labels in front
    std::uint16_t port;
    bool any_port;
  };
  static Entry parse_entry(std::string_view text);
  bool is_listed(const std::vector<Entry>& entries, const Url& url) const;

  bool enabled_;
  bool has_list_;
  std::vector<Entry> allowed_;
  std::vector<Entry> configured_;  // named by another setting
};

}  // namespace signet
