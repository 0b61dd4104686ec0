#pragma once
// `signet policy test`: runs the cases of policies, or records one.

#include "server/cli/arguments.hpp"
#include "server/cli/output.hpp"

namespace signet {

int run(PolicyTestCommand command, Output output);

}  // namespace signet
