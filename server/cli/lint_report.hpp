#pragma once
// What lint found, as people, programs and code hosts read it.

#include <ostream>

#include "core/policy/lint.hpp"
#include "server/cli/arguments.hpp"

namespace signet {

// `files` is how many were read.
void write_lint(const LintResult& result, std::size_t files, LintForm form, std::ostream& out);
// The table of the rules.
void write_lint_rules(LintForm form, std::ostream& out);

}  // namespace signet
