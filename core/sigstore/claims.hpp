#pragma once
// What a verified signature claims about an image; from the signed bytes alone, never from the
// annotations of a registry.

#include <map>
#include <optional>
#include <string>

#include "core/crypto/digest.hpp"

namespace signet {

struct Claims {
  Digest image;
  std::optional<std::string> docker_reference;  // legacy only
  std::map<std::string, std::string>
      annotations;  // string-valued members of `optional`, or of the matching subject
};

}  // namespace signet
