#pragma once
// Which proxy a registry is reached through, by HTTPS_PROXY and NO_PROXY as Go programs read them
// (registry.md E.7). Hosts that are listed for plain HTTP are always reached directly.

#include <boost/asio/ip/address.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "server/net/address_filter.hpp"
#include "server/net/url.hpp"

namespace signet {

struct Proxy {
  Url url;                    // http only: TLS to the proxy itself is not supported
  std::string authorization;  // of the proxy, never of an origin; may be empty
};

struct ProxyVariables {
  std::string https_proxy;
  std::string no_proxy;

  // Upper case first, then lower case.
  static ProxyVariables from_environment();
};

class Proxies {
 public:
  Proxies() = default;  // none
  // Fails with config_not_ready; the message does not repeat a password.
  static Result<Proxies> parse(const ProxyVariables& variables);

  // nullptr: directly. "localhost" and loopback addresses are never proxied.
  const Proxy* proxy_for(const Url& url) const;

 private:
  // One entry of NO_PROXY: a block of addresses, or a name with what lies below it.
  struct Exception {
    std::optional<Cidr> block;
    std::string name;
    bool only_below = false;  // ".name": its sub-domains alone
    std::optional<std::uint16_t> port;

    bool covers(const Url& url) const;
  };
  static std::optional<Exception> parse_exception(std::string_view text);

  std::optional<Proxy> proxy_;
  std::vector<Exception> exceptions_;
  bool never_ = false;  // NO_PROXY is "*"
};

}  // namespace signet
