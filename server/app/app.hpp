#pragma once
// The program: one command of the command line, run to its exit code.

#include "server/cli/output.hpp"

namespace signet {

int run_program(int argc, const char* const* argv, Output output);

}  // namespace signet
