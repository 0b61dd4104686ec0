#pragma once
// What the other end of a descriptor is, and what it can show.

#include <functional>
#include <string>

#include "core/policy/explain_screen.hpp"
#include "server/cli/arguments.hpp"

namespace signet {

struct Terminal {
  bool there = false;  // a terminal, not a file or a pipe
  std::size_t columns = 0;
  std::size_t rows = 0;
};

using Environment = std::function<const char*(const char* name)>;

Terminal terminal_at(int descriptor);

// Colours on a terminal that does not say "dumb", unless NO_COLOR holds anything
// (https://no-color.org); the flag outweighs both. Lines are broken on terminals alone. COLUMNS and
// LINES outweigh what the terminal says. A pipe has 24 lines unless LINES says another number; with
// `verbose` nothing has an end.
Screen screen_for(const Terminal& terminal, ColourChoice choice, bool verbose,
                  const Environment& environment);

}  // namespace signet
