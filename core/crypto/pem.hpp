#pragma once
// The blocks of a PEM text (RFC 7468), strictly: text before or between blocks is skipped, as
// `openssl ca` and cfssl write it; text after the last block, a block that does not end, headers
// inside a block and markers in the middle of a line are errors, so that nothing is lost silently.

#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace signet {

struct PemBlock {
  std::string label;
  Blob der;
};

// At least one block, at most `most` (limit_exceeded beyond, before anything more is decoded).
Result<std::vector<PemBlock>> parse_pem(Bytes text, std::size_t most);

}  // namespace signet
