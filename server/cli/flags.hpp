#pragma once
// The flags of one command, and those that several commands share. Only what declares flags may
// include this: it needs the parser of the command line.

#include <CLI/CLI.hpp>
#include <memory>

#include "server/cli/arguments.hpp"

namespace signet {

// One command: what it takes, and what was asked for.
class CommandFlags {
 public:
  virtual ~CommandFlags() = default;
  CommandFlags(const CommandFlags&) = delete;
  CommandFlags& operator=(const CommandFlags&) = delete;

  bool parsed() const { return command_.parsed(); }
  // To be asked once, after parsing: what is to be done, or a usage error.
  virtual Command chosen() = 0;

 protected:
  CommandFlags(CLI::App& parent, const std::string& name, const std::string& about)
      : command_(*parent.add_subcommand(name, about)) {}

  CLI::App& command_;
};

std::unique_ptr<CommandFlags> serve_flags(CLI::App& parent);
std::unique_ptr<CommandFlags> verify_flags(CLI::App& parent);
std::unique_ptr<CommandFlags> inspect_flags(CLI::App& parent);
std::unique_ptr<CommandFlags> demo_flags(CLI::App& parent);
// These stand in the group `policy`.
std::unique_ptr<CommandFlags> policy_lint_flags(CLI::App& parent);

// NAME=VALUE in two.
std::pair<std::string, std::string> halves(const std::string& text);

void add_registry_flags(CLI::App& command, RegistryFlags& flags);
void add_output_flag(CLI::App& command, OutputForm& output);
void add_timeout_flag(CLI::App& command, std::chrono::seconds& timeout);
void add_at_flag(CLI::App& command, std::optional<TimePoint>& at);

}  // namespace signet
