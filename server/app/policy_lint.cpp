#include "server/app/policy_lint.hpp"

#include <algorithm>

#include "core/policy/lint.hpp"
#include "server/app/command_tools.hpp"
#include "server/app/wall_clock.hpp"
#include "server/cli/lint_report.hpp"

namespace signet {

int run(PolicyLintCommand command, Output output) {
  if (command.list_rules) {
    write_lint_rules(command.output, output.out);
    return 0;
  }
  auto files = read_policy_files(command.paths);
  if (!files) return usage_error(output, "policy lint", files.error().what());
  const TimePoint now = command.at ? *command.at : wall_clock();
  const LintResult result = lint(*files, read_beside, now);
  write_lint(result, files->size(), command.output, output.out);
  const bool any = command.fail_on == LintLevel::warning;
  return std::any_of(result.findings.begin(), result.findings.end(),
                     [&](const LintFinding& finding) {
                       return any || finding.rule->severity == LintSeverity::error;
                     });
}

}  // namespace signet
