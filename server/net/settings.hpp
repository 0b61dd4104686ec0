#pragma once
// What an administrator may set about outgoing connections, and the time that each step may take
// (registry.md E.1).

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/limits.hpp"
#include "server/net/address_filter.hpp"
#include "server/net/proxy.hpp"
#include "server/net/tls.hpp"
#include "server/net/turns.hpp"

namespace signet {

// Every wait is also cut by the caller's deadline.
struct NetTimers {
  std::chrono::milliseconds dns{2000};
  std::chrono::milliseconds connect{2000};  // all addresses together
  std::chrono::milliseconds connect_one{1000};
  std::chrono::milliseconds handshake{2000};
  std::chrono::milliseconds proxy{2000};  // to answer CONNECT
  std::chrono::milliseconds write{1000};
  std::chrono::milliseconds first_byte{4000};
  std::chrono::milliseconds between_reads{2000};
  std::chrono::milliseconds attempt{5000};
  std::chrono::milliseconds operation{7000};  // with all retries
  // After this long a body must have come at `least_rate` bytes a second on average.
  std::chrono::milliseconds rate_grace{2000};
  std::size_t least_rate = 4096;
};

// Bounds of the idle connections that are kept (registry.md E.5).
struct PoolSettings {
  std::size_t idle_per_origin = 8;
  std::size_t idle_in_all = 256;
  std::chrono::milliseconds idle_life{55'000};  // below the 60-75 s of common front ends
  std::chrono::milliseconds life{600'000};
  std::size_t requests = 1000;  // over one connection
};

struct NetSettings {
  // "host" (its port 80) or "host:port": plain HTTP there and nowhere else.
  std::vector<std::string> plain_http;
  // Trusted beside the system's authorities: for one "host" or "host:port", and for all.
  std::map<std::string, std::string> ca_pem_by_host;
  std::string ca_pem;
  bool system_anchors = true;
  KeyPair client_keys{};  // shown to every server; empty: none
  AddressFilterSettings addresses;
  Proxies proxies;  // none unless set; the program reads the environment
  std::string user_agent = "signet/" SIGNET_VERSION;
  NetTimers timers;
  PoolSettings pool;
  TurnLimits turns;
  std::size_t reply_bytes = 128 * kMiB;  // of all replies that are being read

  bool is_plain_http(std::string_view host, std::uint16_t port) const;
};

}  // namespace signet
