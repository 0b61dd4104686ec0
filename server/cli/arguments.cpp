#include "server/cli/arguments.hpp"

#include <algorithm>

#include "core/base/text.hpp"
#include "server/cli/flags.hpp"

namespace signet {
namespace {

constexpr std::string_view kAbout =
    "Verifies images that were signed with cosign under an organisation's own PKI.";

// CLI11 would only say that a command is missing.
std::string unknown_command(const CLI::App& program, int argc, const char* const* argv) {
  if (argc < 2 || *argv[1] == '-') return "";
  std::vector<std::string> names;
  for (const CLI::App* const command : program.get_subcommands(nullptr))
    names.push_back(command->get_name());
  if (std::find(names.begin(), names.end(), argv[1]) != names.end()) return "";
  return cat("signet: there is no command ", signet::quoted(std::string_view(argv[1]), 64),
             "; there are: ", join(names, ", "), "\n");
}

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
  for (const auto make : {serve_flags, verify_flags, inspect_flags, demo_flags})
    commands.push_back(make(program));
  CLI::App* const policy =
      program.add_subcommand("policy", "Write policies: check them before the cluster does");
  policy->require_subcommand(1);
  for (const auto make : {policy_lint_flags})
    commands.push_back(make(*policy));
  return commands;
}

}  // namespace

Command parse_arguments(int argc, const char* const* argv) {
  CLI::App program(std::string(kAbout), "signet");
  program.set_version_flag("--version", "signet " SIGNET_VERSION);
  program.require_subcommand(1);
  const auto commands = commands_of(program);
  take_one_value_a_flag(program);
  const std::string unknown = unknown_command(program, argc, argv);
  if (!unknown.empty()) return Exit{kExitUsage, unknown};
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& stop) {
    std::ostringstream out;
    std::ostringstream err;
    const bool asked = program.exit(stop, out, err) == 0;
    return Exit{asked ? 0 : kExitUsage, out.str() + err.str()};
  }
  const auto chosen = std::find_if(commands.begin(), commands.end(),
                                   [](const auto& command) { return command->parsed(); });
  return (*chosen)->chosen();
}

}  // namespace signet
