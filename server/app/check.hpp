#pragma once
// `signet check`: finds the webhooks that are to be asked, on the command line or in a cluster, and
// asks them.

#include "server/cli/arguments.hpp"
#include "server/cli/output.hpp"

namespace signet {

int run(CheckCommand command, Output output);

}  // namespace signet
