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
std::unique_ptr<CommandFlags> review_flags(CLI::App& parent);
std::unique_ptr<CommandFlags> inspect_flags(CLI::App& parent);
std::unique_ptr<CommandFlags> demo_flags(CLI::App& parent);
std::unique_ptr<CommandFlags> check_flags(CLI::App& parent);
std::unique_ptr<CommandFlags> completion_flags(CLI::App& parent);
// These stand in the group `policy`.
std::unique_ptr<CommandFlags> policy_lint_flags(CLI::App& parent);
std::unique_ptr<CommandFlags> policy_test_flags(CLI::App& parent);
std::unique_ptr<CommandFlags> policy_import_flags(CLI::App& parent);

// What --help says beside the flags. Examples are lines that work as they stand, on files and
// images of the reader's.
struct Manual {
  std::string description;                                    // whole sentences
  std::vector<std::pair<std::string, std::string>> exits;     // code, what it means; 64 is known
  std::vector<std::pair<std::string, std::string>> examples;  // what for, the line
};
void set_manual(CLI::App& command, const Manual& manual);

// While it lives, flags that are declared stand under this heading.
class FlagGroup {
 public:
  FlagGroup(CLI::App& command, const std::string& heading) : command_(command) {
    command_.option_defaults()->group(heading);
  }
  ~FlagGroup() { command_.option_defaults()->group("Options"); }
  FlagGroup(const FlagGroup&) = delete;
  FlagGroup& operator=(const FlagGroup&) = delete;

 private:
  CLI::App& command_;
};

// Accepts one of a few words; else names them, and the one that was probably meant.
CLI::Validator one_of(std::vector<std::string> words);

// A flag that takes one of a few words, each of which stands for a value. Help and completion read
// the words from the name of its type.
template <class T>
CLI::Option* add_choice(CLI::App& command, const std::string& name, T& value,
                        const std::vector<std::pair<std::string, T>>& words,
                        const std::string& about) {
  std::vector<std::string> names;
  for (const auto& word : words)
    names.push_back(word.first);
  const auto choose = [&value, words](const std::string& text) {
    for (const auto& word : words) {
      if (word.first == text) value = word.second;
    }
  };
  return command.add_option_function<std::string>(name, choose, about)
      ->check(one_of(names))
      ->type_name(CLI::detail::join(names, "|"));
}

// NAME=VALUE in two.
std::pair<std::string, std::string> halves(const std::string& text);

void add_registry_flags(CLI::App& command, RegistryFlags& flags);
void add_output_flag(CLI::App& command, OutputForm& output);
void add_timeout_flag(CLI::App& command, std::chrono::seconds& timeout,
                      const std::string& about = "Seconds for each image, 60 unless told");
void add_at_flag(CLI::App& command, std::optional<TimePoint>& at);

}  // namespace signet
