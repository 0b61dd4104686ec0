#include "server/cli/flags.hpp"

namespace signet {
namespace {

class PolicyLintFlags final : public CommandFlags {
 public:
  explicit PolicyLintFlags(CLI::App& parent)
      : CommandFlags(parent, "lint", "Errors and risks in policy files, each with its place") {
    command_.add_option("PATH", lint_.paths, "Policy files and directories")->type_name("PATH");
    command_.add_flag("--rules", lint_.list_rules, "List the rules instead");
    add_choice<LintLevel>(command_, "--fail-on", lint_.fail_on,
                          {{"warning", LintLevel::warning}, {"error", LintLevel::error}},
                          "Which findings make the exit code 1, warnings too unless told");
    add_at_flag(command_, lint_.at);
    add_choice<LintForm>(
        command_, "--output,-o", lint_.output,
        {{"text", LintForm::text}, {"json", LintForm::json}, {"sarif", LintForm::sarif}},
        "The form of the result, text unless told; SARIF is 2.1.0");
    set_manual(command_,
               {"Reads policies as the cluster would, and names every error and every risk: file, "
                "line and column, the rule, why, and what to write instead. No registry is asked. "
                "A comment with the rule and a reason takes a finding away.",
                {{"0", "nothing was found that counts"}, {"1", "something was found"}},
                {{"a directory of policies", "signet policy lint policies/"},
                 {"for a code host", "signet policy lint --output sarif policies/"},
                 {"what it looks for", "signet policy lint --rules"}}});
  }

  Command chosen() override {
    if (lint_.paths.empty() && !lint_.list_rules) {
      return Exit{kExitUsage, "signet policy lint: name a policy file or a directory of them\n"};
    }
    return lint_;
  }

 private:
  PolicyLintCommand lint_;
};

}  // namespace

std::unique_ptr<CommandFlags> policy_lint_flags(CLI::App& parent) {
  return std::make_unique<PolicyLintFlags>(parent);
}

}  // namespace signet
