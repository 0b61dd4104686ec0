#include "server/cli/terminal.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <map>

namespace signet {
namespace {

using Variables = std::map<std::string, std::string>;

constexpr Terminal kTerminal{true, 100, 50};
constexpr Terminal kPipe{};

Environment holding(const Variables& variables) {
  return [variables](const char* name) -> const char* {
    const auto found = variables.find(name);
    // The map lives in the function, and so does what is pointed to.
    return found == variables.end() ? nullptr : found->second.c_str();
  };
}

Screen automatic(const Terminal& terminal, const Variables& variables = {}) {
  return screen_for(terminal, ColourChoice::automatic, false, holding(variables));
}

TEST(TerminalTest, ColoursAreForTerminals) {
  EXPECT_TRUE(automatic(kTerminal).colour);
  EXPECT_TRUE(automatic(kTerminal, {{"TERM", "xterm"}}).colour);
  EXPECT_FALSE(automatic(kPipe).colour);
}

TEST(TerminalTest, AnyNoColorAndADumbTerminalTakeTheColoursAway) {
  EXPECT_FALSE(automatic(kTerminal, {{"NO_COLOR", "1"}}).colour);
  EXPECT_FALSE(automatic(kTerminal, {{"NO_COLOR", "0"}}).colour);
  EXPECT_TRUE(automatic(kTerminal, {{"NO_COLOR", ""}}).colour);
  EXPECT_FALSE(automatic(kTerminal, {{"TERM", "dumb"}}).colour);
}

TEST(TerminalTest, TheFlagOutweighsBoth) {
  const auto always = [](const Terminal& terminal, const Variables& variables) {
    return screen_for(terminal, ColourChoice::always, false, holding(variables)).colour;
  };
  EXPECT_TRUE(always(kPipe, {}));
  EXPECT_TRUE(always(kTerminal, {{"NO_COLOR", "1"}}));
  EXPECT_TRUE(always(kTerminal, {{"TERM", "dumb"}}));
  EXPECT_FALSE(screen_for(kTerminal, ColourChoice::never, false, holding({})).colour);
}

TEST(TerminalTest, LinesAreAsLongAsTheTerminalIsWide) {
  EXPECT_EQ(automatic(kTerminal).width, 100U);
  EXPECT_EQ(automatic(kTerminal, {{"COLUMNS", "60"}}).width, 60U);
  EXPECT_EQ(automatic(kTerminal, {{"COLUMNS", "wide"}}).width, 100U);
  EXPECT_EQ(automatic(kTerminal, {{"COLUMNS", "0"}}).width, 100U);
  EXPECT_EQ(automatic(kTerminal, {{"COLUMNS", "99999"}}).width, 1000U);
  EXPECT_EQ(automatic(Terminal{true, 0, 0}).width, 80U);
  EXPECT_EQ(automatic(kPipe).width, 0U);
  EXPECT_EQ(automatic(kPipe, {{"COLUMNS", "60"}}).width, 0U);
}

TEST(TerminalTest, AScreenLeavesALineForTheShell) {
  EXPECT_EQ(automatic(kTerminal).height, 49U);
  EXPECT_EQ(automatic(kTerminal, {{"LINES", "30"}}).height, 29U);
  EXPECT_EQ(automatic(kTerminal, {{"LINES", "1"}}).height, 1U);
  EXPECT_EQ(automatic(Terminal{true, 0, 0}).height, 23U);
  EXPECT_EQ(automatic(kPipe).height, 23U);
  EXPECT_EQ(automatic(kPipe, {{"LINES", "100"}}).height, 99U);
}

TEST(TerminalTest, VerboseHasNoEnd) {
  EXPECT_EQ(screen_for(kTerminal, ColourChoice::automatic, true, holding({})).height, 0U);
  EXPECT_EQ(screen_for(kTerminal, ColourChoice::automatic, true, holding({})).width, 100U);
}

TEST(TerminalTest, AFileIsNone) {
  const int file = open("/dev/null", O_WRONLY);
  ASSERT_GE(file, 0);
  EXPECT_FALSE(terminal_at(file).there);
  close(file);
  EXPECT_FALSE(terminal_at(-1).there);
}

}  // namespace
}  // namespace signet
