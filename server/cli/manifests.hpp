#pragma once
// Manifests as people have them -> objects, one at a time: YAML or JSON, one or many documents,
// lists of any length. What is held is bounded by one object, whatever the length of the input.

#include <span>

#include "server/cli/manifest_objects.hpp"

namespace signet {

// Fills the buffer with what there is; 0: the end.
using ReadBytes = std::function<Result<std::size_t>(std::span<char>)>;

// Fails with malformed_object or limit_exceeded, beginning with the line and column where they are
// known, as `on_object` does, or as `read` does; then what was handed on before is not all.
Result<void> read_manifests(const ReadBytes& read, const OnManifest& on_object);

}  // namespace signet
