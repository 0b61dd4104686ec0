#pragma once
// What --help prints, made of the declarations: name, synopsis, description, arguments, flags in
// groups, exit codes, examples.

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

namespace signet {

std::shared_ptr<CLI::FormatterBase> man_pages();

// "signet policy lint".
std::string full_name(const CLI::App& command);
// The commands of a group, in the order in which they were declared.
std::vector<const CLI::App*> commands_below(const CLI::App& group);
std::vector<std::string> names_below(const CLI::App& group);
// What a command takes without a flag.
std::vector<const CLI::Option*> arguments_of(const CLI::App& command);
// "signet verify [FLAGS] IMAGE...".
std::string synopsis(const CLI::App& command);
// The first line of a description.
std::string summary(const CLI::App& command);

}  // namespace signet
