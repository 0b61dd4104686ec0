#pragma once
// What is wrong with a command line: one sentence that names the word and what to write instead.

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace signet {

// A word where a command must stand that is none; empty where there is no such.
std::string unknown_command(const CLI::App& program, const std::vector<std::string>& words);

// Why the program's parser stopped.
std::string usage_fault(const CLI::App& program, const CLI::ParseError& stop);

}  // namespace signet
