#pragma once
// An absolute http or https URL. Hosts are lower-case, ports explicit, no userinfo, no fragment;
// IPv6 without brackets.

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace signet {

inline constexpr std::uint16_t kHttpPort = 80;
inline constexpr std::uint16_t kHttpsPort = 443;

struct Url {
  bool tls = true;
  std::string host;
  std::uint16_t port = kHttpsPort;
  std::string target = "/";  // path and query, at least "/"

  static Result<Url> parse(std::string_view text);
  // A Location or Link target seen from this URL: absolute, or relative to it.
  Result<Url> resolve(std::string_view reference) const;

  std::string authority() const;    // "host", or "[host]" where it is IPv6
  std::string origin() const;       // "https://host:port"
  std::string host_header() const;  // "host" or "host:port" where the port is not the scheme's own
  std::string str() const;
  std::string str_without_query() const;  // for messages and logs

  bool same_origin(const Url& other) const {
    return tls == other.tls && host == other.host && port == other.port;
  }
  friend bool operator==(const Url&, const Url&) = default;
};

}  // namespace signet
