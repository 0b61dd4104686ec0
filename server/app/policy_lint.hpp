#pragma once
// The command `signet policy lint`.

#include "server/cli/arguments.hpp"
#include "server/cli/output.hpp"

namespace signet {

// 0: nothing found that --fail-on asks about; 1: something; 64: a path that cannot be read.
int run(PolicyLintCommand command, Output output);

}  // namespace signet
