#pragma once
// The patch of the mutating hook (RFC 6902): for each image a `test` of the old text, then a
// `replace`. The test turns an index error of ours into a refusal instead of a wrong image.

#include <span>
#include <string>

namespace signet {

struct Replacement {
  std::string pointer;  // RFC 6901
  std::string before;
  std::string after;
};

// The JSON text of the patch; empty where nothing is replaced.
std::string json_patch(std::span<const Replacement> replacements);

}  // namespace signet
