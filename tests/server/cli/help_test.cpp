// The pages of --help: all parts, and examples that the program takes.

#include "server/cli/help.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/base/text.hpp"
#include "server/cli/arguments.hpp"

namespace signet {
namespace {

using Words = std::vector<std::string>;

Command parse_for_help(const Words& words) {
  std::vector<const char*> pointers = {"signet"};
  for (const std::string& word : words)
    pointers.push_back(word.c_str());
  return parse_arguments(static_cast<int>(pointers.size()), pointers.data());
}

std::string page(Words command) {
  command.push_back("--help");
  const Command answer = parse_for_help(command);
  const auto* const exit = std::get_if<Exit>(&answer);
  EXPECT_NE(exit, nullptr);
  return exit && exit->code == 0 ? exit->text : "";
}

// The lines of a section, without their indent.
Words section(const std::string& text, const std::string& heading) {
  Words lines;
  bool inside = false;
  for (const std::string_view line : split(text, '\n')) {
    if (line == heading) {
      inside = true;
    } else if (!line.starts_with("  ")) {
      inside = false;
    } else if (inside && line.size() > 2 && line[2] != ' ') {
      lines.emplace_back(line.substr(2));
    }
  }
  return lines;
}

// Every command that does something, by walking the pages.
void walk(const Words& command, std::vector<Words>& all) {
  const Words below = section(page(command), "Commands:");
  if (below.empty()) all.push_back(command);
  for (const std::string& line : below) {
    Words deeper = command;
    deeper.push_back(line.substr(0, line.find(' ')));
    walk(deeper, all);
  }
}

std::vector<Words> commands() {
  std::vector<Words> all;
  walk({}, all);
  return all;
}

// As a shell takes a line apart, as far as examples go: blanks, single quotes, redirections and
// pipes, of which the part that calls the program counts.
Words words_of(const std::string& line) {
  Words words = {""};
  bool quoted = false;
  for (const char c : line) {
    if (c == '\'') {
      quoted = !quoted;
    } else if (c == ' ' && !quoted) {
      words.emplace_back();
    } else {
      words.back().push_back(c);
    }
  }
  const auto begin = std::find(words.begin(), words.end(), "signet");
  const auto end = std::find_if(begin, words.end(), [](const std::string& word) {
    return word == ">" || word == "|" || word == "&&";
  });
  return begin == words.end() ? Words{} : Words(begin + 1, end);
}

TEST(HelpTest, EveryCommandHasAPageWithAllItsParts) {
  const auto all = commands();
  ASSERT_GE(all.size(), 6U);
  for (const Words& command : all) {
    const std::string name = "signet " + join(command, " ");
    SCOPED_TRACE(name);
    const std::string text = page(command);
    EXPECT_TRUE(text.starts_with(name + ": ")) << text;
    ASSERT_EQ(section(text, "Usage:").size(), 1U) << text;
    EXPECT_TRUE(section(text, "Usage:")[0].starts_with(name + " [FLAGS]")) << text;
    EXPECT_FALSE(section(text, "Flags:").empty()) << text;
    EXPECT_GE(section(text, "Exit codes:").size(), 3U) << text;
    EXPECT_GE(section(text, "Examples:").size(), 2U) << text;
  }
}

TEST(HelpTest, EveryExampleIsTakenByTheProgram) {
  for (const Words& command : commands()) {
    bool its_own = false;
    for (const std::string& line : section(page(command), "Examples:")) {
      if (line.starts_with("# ")) continue;
      SCOPED_TRACE(line);
      std::string call = line.substr(0, line.find(')'));
      if (const auto at = call.find("<("); at != std::string::npos) call = call.substr(at + 2);
      const Words words = words_of(call);
      ASSERT_FALSE(words.empty());
      const Command taken = parse_for_help(words);
      const auto* const exit = std::get_if<Exit>(&taken);
      if (exit) {
        EXPECT_EQ(exit->code, 0) << exit->text;
      }
      its_own |= join(words, " ").starts_with(join(command, " "));
    }
    EXPECT_TRUE(its_own) << join(command, " ");
  }
}

TEST(HelpTest, NoLineOfProseIsWiderThanAPage) {
  for (const Words& command : commands()) {
    const std::string text = page(command);
    for (const std::string_view line : split(text.substr(0, text.find("\nExamples:")), '\n'))
      EXPECT_LE(line.size(), 80U) << line;
  }
}

TEST(HelpTest, OfTheProgramListsItsCommands) {
  const Words listed = section(page({}), "Commands:");
  ASSERT_FALSE(listed.empty());
  EXPECT_TRUE(listed[0].starts_with("serve ")) << listed[0];
  const Words policy = section(page({"policy"}), "Commands:");
  ASSERT_FALSE(policy.empty());
  EXPECT_TRUE(policy[0].starts_with("lint ")) << policy[0];
}

TEST(HelpTest, FlagsStandInGroupsWithWhatTheyTake) {
  const std::string text = page({"verify"});
  const Words flags = section(text, "Flags:");
  const auto has = [](const Words& lines, const std::string& start) {
    return std::any_of(lines.begin(), lines.end(),
                       [&](const std::string& line) { return line.starts_with(start); });
  };
  EXPECT_TRUE(has(flags, "--policy PATH")) << text;
  EXPECT_TRUE(has(flags, "-o, --output text|json")) << text;
  EXPECT_TRUE(has(section(text, "Registries:"), "--registry-ca FILE")) << text;
  EXPECT_TRUE(has(section(text, "Registries:"), "--plain-http ")) << text;
}

}  // namespace
}  // namespace signet
