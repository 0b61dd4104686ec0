#pragma once
// Reads policy files as the loader does and tells what is wrong or unwise in them, each finding
// with its place. Pure: what the time is and what files hold is told.

#include <span>
#include <string>
#include <vector>

#include "core/policy/lint_rules.hpp"
#include "core/policy/loader.hpp"

namespace signet {

struct LintFinding {
  const LintRule* rule = nullptr;  // never null in what lint() gives
  std::string file;
  int line = 0;       // from 1; 0: the whole file
  int column = 0;     // from 1, in bytes
  std::string field;  // may be empty
  std::string why;    // one sentence
  std::string instead;
};

struct LintResult {
  std::vector<LintFinding> findings;  // in the order of the files, then of the lines
  std::size_t documents = 0;
};

// Objects of a cluster that documents name are not looked at and taken as good.
LintResult lint(std::span<const SourceFile> files, const ReadFile& read_file, TimePoint now);

}  // namespace signet
