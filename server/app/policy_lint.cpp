#include "server/app/policy_lint.hpp"

#include "server/app/command_tools.hpp"

namespace signet {

int run(PolicyLintCommand command, Output output) {
  auto files = load_policy_files(command.paths, NoMatch::deny);
  if (!files) return usage_error(output, "policy lint", files.error().what());
  for (const Issue& issue : files->issues)
    output.out << issue.str() << '\n';
  return files->issues.empty() ? 0 : 1;
}

}  // namespace signet
