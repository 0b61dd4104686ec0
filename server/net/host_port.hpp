#pragma once
// A host as settings write it, with a port or without: "reg.io", "reg.io:5000", "[::1]:5000",
// "::1".

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace signet {

struct HostPort {
  std::string host;  // lower case; IPv6 without brackets, as Url has it
  std::optional<std::uint16_t> port;

  // What cannot be read is the name of no host.
  static HostPort parse(std::string_view text);

  bool is_host(std::string_view other) const { return host == other; }
  // Whether it names this port of this host; `usual` is meant where it names none.
  bool names(std::string_view other, std::uint16_t other_port, std::uint16_t usual) const {
    return is_host(other) && port.value_or(usual) == other_port;
  }
};

}  // namespace signet
