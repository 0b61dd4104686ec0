#pragma once
// Scripts that complete `signet` in a shell, made of the declarations: commands, flags, the words
// and files that they take. Nothing of the program runs when a key is pressed.

#include <CLI/CLI.hpp>
#include <string>

namespace signet {

std::string bash_completion(const CLI::App& program);
std::string zsh_completion(const CLI::App& program);

}  // namespace signet
