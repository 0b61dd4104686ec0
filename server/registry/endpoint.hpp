#pragma once
// The URLs of a repository. They are put together from parsed names only, whose alphabets need no
// escaping (registry.md B.1, H.8).

#include <string_view>

#include "core/base/result.hpp"
#include "core/crypto/digest.hpp"
#include "core/oci/reference.hpp"
#include "server/net/settings.hpp"
#include "server/net/url.hpp"

namespace signet {

// The registry behind a repository's domain: Docker Hub's is registry-1.docker.io; plain HTTP only
// where it is listed.
Result<Url> registry_url(const Repository& repository, const NetSettings& settings);

// The same origin with the target /v2/PATH/KIND/NAME. Fails with invalid_reference where the parts
// were not parsed.
Result<Url> object_url(const Url& registry, const Repository& repository, std::string_view kind,
                       std::string_view name);

}  // namespace signet
