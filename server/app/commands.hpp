#pragma once
// The commands that read registries once and end: verify and inspect, each with the components it
// needs.

#include "server/cli/arguments.hpp"
#include "server/cli/output.hpp"

namespace signet {

int run(VerifyCommand command, Output output);
int run(InspectCommand command, Output output);

}  // namespace signet
