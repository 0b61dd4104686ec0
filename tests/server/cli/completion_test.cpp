// The scripts hold what the program declares. That shells obey them is for tests/commands.

#include "server/cli/completion.hpp"

#include <gtest/gtest.h>

#include "server/cli/arguments.hpp"

namespace signet {
namespace {

std::string script(const char* shell) {
  const std::vector<const char*> words = {"signet", "completion", shell};
  const Command command = parse_arguments(static_cast<int>(words.size()), words.data());
  const auto* const exit = std::get_if<Exit>(&command);
  return exit && exit->code == 0 ? exit->text : "";
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(CompletionTest, OfBashHoldsCommandsFlagsWordsAndFiles) {
  const std::string text = script("bash");
  EXPECT_TRUE(has(text, "\"signet policy\"|\"signet policy lint\"")) << text;
  EXPECT_TRUE(has(text,
                  "\"signet verify -o\"|\"signet verify --output\") "
                  "_signet_words \"text json\"; return ;;"))
      << text;
  EXPECT_TRUE(has(text, "\"signet verify --policy\") _signet_paths -f; return ;;")) << text;
  EXPECT_TRUE(has(text, "\"signet verify --certificate-identity\") :; return ;;")) << text;
  EXPECT_TRUE(text.ends_with("complete -F _signet signet\n"));
}

TEST(CompletionTest, OfZshHoldsCommandsFlagsWordsAndFiles) {
  const std::string text = script("zsh");
  EXPECT_TRUE(text.starts_with("#compdef signet\n"));
  EXPECT_TRUE(has(text, "_signet_policy_lint() {")) << text;
  EXPECT_TRUE(has(text, "'--output=[")) << text;
  EXPECT_TRUE(has(text, ":(text json)'")) << text;
  EXPECT_TRUE(has(text, "'*--policy=[Policy file or directory (repeatable)]:PATH:_files'")) << text;
}

}  // namespace
}  // namespace signet
