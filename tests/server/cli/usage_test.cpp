// What a mistyped command line is answered with: the thing, the cure, one line.

#include "server/cli/usage.hpp"

#include <gtest/gtest.h>

#include "server/cli/arguments.hpp"

namespace signet {
namespace {

std::string fault(std::vector<const char*> words) {
  words.insert(words.begin(), "signet");
  const Command command = parse_arguments(static_cast<int>(words.size()), words.data());
  const auto* const exit = std::get_if<Exit>(&command);
  if (!exit) return "no fault";
  EXPECT_EQ(exit->code, kExitUsage);
  EXPECT_EQ(exit->text.find('\n'), exit->text.size() - 1) << "not one line: " << exit->text;
  return exit->text;
}

TEST(UsageTest, AsksWhetherAnotherCommandWasMeant) {
  EXPECT_EQ(fault({"verfy", "a/b"}),
            "signet: there is no command \"verfy\"; did you mean verify?\n");
  EXPECT_EQ(fault({"polciy", "lint"}),
            "signet: there is no command \"polciy\"; did you mean policy?\n");
  EXPECT_EQ(fault({"policy", "lnt"}),
            "signet policy: there is no command \"lnt\"; did you mean lint?\n");
}

TEST(UsageTest, ListsTheCommandsWhereNoneIsNear) {
  EXPECT_TRUE(
      fault({"deploy"})
          .starts_with("signet: there is no command \"deploy\"; there are: serve, verify, "));
  EXPECT_TRUE(fault({"policy"}).starts_with("signet policy: say which command; there are: lint"));
  EXPECT_TRUE(fault({""}).starts_with("signet: there is no command \"\"; there are: "));
}

TEST(UsageTest, AsksWhetherAnotherFlagWasMeant) {
  EXPECT_EQ(fault({"verify", "a/b", "--polcy", "p.yaml"}),
            "signet verify: there is no flag --polcy; did you mean --policy?\n");
  EXPECT_EQ(fault({"verify", "--polcy=p.yaml", "a/b"}),
            "signet verify: there is no flag --polcy; did you mean --policy?\n");
  // Rather than that IMAGE is missing, which follows from it.
  EXPECT_EQ(fault({"verify", "--certificate-identity-regex=x"}),
            "signet verify: there is no flag --certificate-identity-regex; did you mean "
            "--certificate-identity-regexp?\n");
  EXPECT_EQ(fault({"inspect", "a/b", "--nonsense"}),
            "signet inspect: there is no flag --nonsense; see `signet inspect --help`\n");
  EXPECT_EQ(fault({"inspect", "a/b", "-x"}),
            "signet inspect: there is no flag -x; see `signet inspect --help`\n");
}

TEST(UsageTest, SaysWhereFlagsStand) {
  EXPECT_EQ(fault({"--explain", "verify", "a/b"}),
            "signet: there is no flag --explain; flags stand behind the command that they are "
            "for\n");
  EXPECT_EQ(fault({"--versoin"}), "signet: there is no flag --versoin; did you mean --version?\n");
}

TEST(UsageTest, AsksWhetherAnotherWordWasMeant) {
  EXPECT_EQ(fault({"verify", "a/b", "--key", "k", "--output", "jsno"}),
            "signet verify: --output: \"jsno\" is not one of text, json; did you mean json?\n");
  EXPECT_EQ(fault({"completion", "powershell"}),
            "signet completion: SHELL: \"powershell\" is not one of bash, zsh\n");
}

TEST(UsageTest, NamesWhatIsMissingAndWhatIsTooMuch) {
  EXPECT_EQ(fault({"verify", "--key", "k"}),
            "signet verify: IMAGE is missing; usage: signet verify [FLAGS] IMAGE...\n");
  EXPECT_EQ(fault({"inspect", "a/b", "c/d"}),
            "signet inspect: \"c/d\" is one word too many; usage: signet inspect [FLAGS] IMAGE\n");
  EXPECT_EQ(fault({"verify", "a/b", "--key"}), "signet verify: --key needs a value: --key FILE\n");
  EXPECT_EQ(fault({"verify", "a/b", "--key", "k", "--key", "l"}),
            "signet verify: --key is given more than once; give it once\n");
}

TEST(UsageTest, ShowsNothingThatATerminalWouldObey) {
  for (const char c : fault({"ver\x1b[31m\nfy"}) + fault({"verify", "--po\x1b[2Jlcy"}))
    EXPECT_TRUE(c == '\n' || (c >= ' ' && c <= '~'));
}

}  // namespace
}  // namespace signet
