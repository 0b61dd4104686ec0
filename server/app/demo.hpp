#pragma once
// `signet demo`: the whole service on loopback with a PKI, images and reviews of its own.

#include "server/cli/arguments.hpp"
#include "server/cli/output.hpp"

namespace signet {

// Prints each decision; 0 where all are as they must be, 1 otherwise. Leaves nothing behind, also
// when interrupted.
int run(const DemoCommand& command, Output output);

}  // namespace signet
