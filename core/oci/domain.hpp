#pragma once
// The host[:port] in front of a repository path, by the grammar of distribution/reference.
// Refuses what another parser could read as some other host (registry.md A.2, A.4).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace signet {

struct Domain {
  std::string host;  // as written; an IPv6 address stands in brackets
  std::optional<std::uint16_t> port;

  // Fails with invalid_reference.
  static Result<Domain> parse(std::string_view text);

  // Lower case, IPv6 as RFC 5952 writes it, Hub aliases as docker.io, ":443" dropped.
  std::string canonical() const;
};

// Whether a lower-case host name is one of Docker Hub's.
bool is_docker_hub(std::string_view host);

}  // namespace signet
