#pragma once
// An image as the command line names it: a reference, or `oci:DIR[:TAG][@DIGEST]` for one in an OCI
// image layout.

#include <string>
#include <utility>
#include <vector>

#include "core/oci/reference.hpp"

namespace signet {

// Repository prefix and directory, as --layout gives them.
using Layouts = std::vector<std::pair<std::string, std::string>>;

// The reference that stands for `argument`. A layout directory gets a name of its own,
// `oci.local/<directory>`, which is appended to `layouts`; policies see the image under that name.
// Without a tag or digest the layout must hold one image alone. Fails with invalid_reference and
// says how to write it.
Result<Reference> parse_image_argument(const std::string& argument, Layouts& layouts);

}  // namespace signet
