#include "server/cli/arguments.hpp"

#include <algorithm>

#include "server/cli/flags.hpp"
#include "server/cli/help.hpp"
#include "server/cli/usage.hpp"

namespace signet {
namespace {

constexpr const char* kAbout =
    "Verifies images that were signed with cosign under an organisation's own PKI";

constexpr const char* kProgramFooter = R"(
Each command has a page of its own: signet COMMAND --help
)";

// A repeatable flag takes one value each time, so that it may stand before the image.
void take_one_value_a_flag(CLI::App& program) {
  for (CLI::App* const command : program.get_subcommands({})) {
    for (CLI::Option* const option : command->get_options()) {
      if (option->nonpositional()) option->allow_extra_args(false);
    }
    take_one_value_a_flag(*command);
  }
}

std::vector<std::unique_ptr<CommandFlags>> commands_of(CLI::App& program) {
  std::vector<std::unique_ptr<CommandFlags>> commands;
  for (const auto make : {serve_flags, verify_flags, review_flags, inspect_flags, demo_flags,
                          check_flags, completion_flags})
    commands.push_back(make(program));
  CLI::App* const policy =
      program.add_subcommand("policy", "Write policies: check them before the cluster does");
  policy->require_subcommand(1);
  for (const auto make : {policy_lint_flags, policy_test_flags, policy_import_flags})
    commands.push_back(make(*policy));
  return commands;
}

}  // namespace

Command parse_arguments(int argc, const char* const* argv) {
  CLI::App program(kAbout, "signet");
  program.set_version_flag("--version", "signet " SIGNET_VERSION);
  program.require_subcommand(1);
  program.formatter(man_pages());
  const auto commands = commands_of(program);
  program.footer(kProgramFooter);  // now, for commands inherit it
  take_one_value_a_flag(program);
  const std::string unknown = unknown_command(program, {argv + std::min(argc, 1), argv + argc});
  if (!unknown.empty()) return Exit{kExitUsage, unknown};
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& stop) {
    std::ostringstream asked;
    if (program.exit(stop, asked, asked) == 0) return Exit{0, asked.str()};
    return Exit{kExitUsage, usage_fault(program, stop)};
  }
  const auto chosen = std::find_if(commands.begin(), commands.end(),
                                   [](const auto& command) { return command->parsed(); });
  return (*chosen)->chosen();
}

}  // namespace signet
