#pragma once
// The bytes of a file, a pipe or standard input, as they come: manifests may be of any length.
// Blocking; for the command line.

#include "server/cli/manifests.hpp"

namespace signet {

// "-" is standard input. Fails with config_not_ready and names what cannot be opened; so does what
// cannot be read any further.
Result<ReadBytes> open_manifest(const std::string& path);

}  // namespace signet
