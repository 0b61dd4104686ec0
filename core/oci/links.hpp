#pragma once
// Where a registry says that more lies: the Link header of paginated lists, and the tags under
// which signatures and referrers hang where there is no API for them.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/crypto/digest.hpp"

namespace signet {

// The target of the first rel="next" among all Link fields, as written; resolve it and check its
// origin before following (RFC 8288). A field that cannot be read is registry_protocol, for a lost
// page would look like an unsigned image.
Result<std::optional<std::string>> next_link(const std::vector<std::string_view>& fields);

// "sha256-<hex>": the referrers tag schema of the distribution specification.
std::string referrers_tag(const Digest& subject);
// "sha256-<hex>.sig": cosign's tag for signatures.
std::string signature_tag(const Digest& subject);
// The digest in a tag of that form; nothing for any other tag.
std::optional<Digest> referrers_tag_subject(std::string_view tag);

}  // namespace signet
