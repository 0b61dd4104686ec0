#include "server/cli/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

#include "core/base/text.hpp"

namespace signet {
namespace {

constexpr std::size_t kUsualColumns = 80;
constexpr std::size_t kUsualRows = 24;
constexpr std::size_t kMostColumns = 1000;

std::string_view value_of(const Environment& environment, const char* name) {
  const char* const value = environment(name);
  return value == nullptr ? std::string_view() : value;
}

// What the environment says, else what the terminal does, else what is usual.
std::size_t size_of(std::string_view said, std::size_t measured, std::size_t usual) {
  const auto number = parse_number(said);
  if (number && *number > 0) return std::min<std::size_t>(*number, kMostColumns);
  return measured > 0 ? measured : usual;
}

bool wants_colour(const Terminal& terminal, ColourChoice choice, const Environment& environment) {
  if (choice != ColourChoice::automatic) return choice == ColourChoice::always;
  return terminal.there && value_of(environment, "NO_COLOR").empty() &&
         value_of(environment, "TERM") != "dumb";
}

}  // namespace

Terminal terminal_at(int descriptor) {
  Terminal terminal;
  terminal.there = isatty(descriptor) == 1;
  winsize size{};
  if (terminal.there && ioctl(descriptor, TIOCGWINSZ, &size) == 0) {
    terminal.columns = size.ws_col;
    terminal.rows = size.ws_row;
  }
  return terminal;
}

Screen screen_for(const Terminal& terminal, ColourChoice choice, bool verbose,
                  const Environment& environment) {
  Screen screen;
  screen.colour = wants_colour(terminal, choice, environment);
  if (terminal.there) {
    screen.width = size_of(value_of(environment, "COLUMNS"), terminal.columns, kUsualColumns);
  }
  const std::size_t rows = size_of(value_of(environment, "LINES"), terminal.rows, kUsualRows);
  // One line is for what the shell writes next.
  if (!verbose) screen.height = std::max<std::size_t>(rows, 2) - 1;
  return screen;
}

}  // namespace signet
