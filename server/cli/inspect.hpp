#pragma once
// `signet inspect`: every signature of an image as it lies there - format, subject, issuer, chain,
// validity, payload. Shows, and trusts nothing: whether a signature counts is for `signet verify`.

#include "server/cli/arguments.hpp"
#include "server/cli/output.hpp"
#include "server/registry/source.hpp"

namespace signet {

// 0 where at least one signature was found and everything could be read, 1 where there is none, 2
// where something could not be read.
Task<int> inspect_image(Reference image, const InspectCommand& command, ImageSource& source,
                        Output output);

}  // namespace signet
