#pragma once
// The command `signet policy import`.

#include "server/cli/arguments.hpp"
#include "server/cli/output.hpp"

namespace signet {

// 0: all was carried over; 1: something was not; 64: the input cannot be used, or not written.
int run(PolicyImportCommand command, Output output);

}  // namespace signet
