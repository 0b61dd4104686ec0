#pragma once
// What an administrator may set about registries and the layouts that stand in for them.

#include <map>
#include <string>
#include <vector>

#include "core/oci/realm.hpp"
#include "server/net/settings.hpp"

namespace signet {

// An OCI image layout directory in place of every repository at or below `prefix` ("quay.io/team").
struct LayoutMount {
  std::string prefix;  // host, or host/path; "" takes every repository
  std::string directory;
};

struct RegistrySettings {
  // Plain HTTP hosts, CAs, private addresses, time-outs. With `net.addresses.enabled` off (the
  // command-line tool) the rules for hosts below are off too.
  NetSettings net;
  // Whom we may talk to: "host", "host:port", "*.suffix" (whole labels), "*" (any public host on
  // port 443). Empty: no list (registry.md H.1). A host in any other setting counts as listed, with
  // the port that it has there. Behind a proxy "*" and no list stand for nothing.
  std::vector<std::string> allowed_hosts;
  // For a registry ("host" or "host:port"): token servers that may have its credentials.
  std::map<std::string, std::vector<std::string>> auth_realms;
  RealmRule realm_rule = RealmRule::registrable_domain;
  std::string credentials_file;  // a Docker config.json; empty: none
  std::vector<LayoutMount> layouts;
  // Files of recorded evidence, in place of the network.
  std::vector<std::string> evidence;
};

}  // namespace signet
