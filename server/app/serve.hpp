#pragma once
// `signet serve`: configuration, the service, signals, drain.

#include "server/cli/arguments.hpp"
#include "server/cli/output.hpp"

namespace signet {

// Serves until SIGTERM or SIGINT; a second signal ends at once. 0 after an orderly end, 64 for a
// wrong command line, 78 for a wrong --config file.
int run(const ServeCommand& command, Output output);

}  // namespace signet
