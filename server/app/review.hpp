#pragma once
// `signet review` with the components it needs.

#include "server/cli/arguments.hpp"
#include "server/cli/output.hpp"

namespace signet {

int run(ReviewCommand command, Output output);

}  // namespace signet
