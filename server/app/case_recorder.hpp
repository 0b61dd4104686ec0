#pragma once
// `signet policy test --record`: images of a real registry become cases with evidence.

#include "server/cli/arguments.hpp"
#include "server/cli/output.hpp"

namespace signet {

int record_cases(PolicyTestCommand command, Output output);

}  // namespace signet
