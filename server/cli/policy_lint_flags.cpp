#include "server/cli/flags.hpp"

namespace signet {
namespace {

class PolicyLintFlags final : public CommandFlags {
 public:
  explicit PolicyLintFlags(CLI::App& parent)
      : CommandFlags(parent, "lint", "Errors and risks in policy files, each with its place") {
    static const std::map<std::string, LintForm> kForms = {
        {"text", LintForm::text}, {"json", LintForm::json}, {"sarif", LintForm::sarif}};
    static const std::map<std::string, LintLevel> kLevels = {{"warning", LintLevel::warning},
                                                             {"error", LintLevel::error}};
    command_.add_option("PATH", lint_.paths, "Policy files and directories");
    command_.add_flag("--rules", lint_.list_rules, "List the rules instead");
    command_
        .add_option("--fail-on", lint_.fail_on,
                    "Which findings make the exit code 1: warning (the default) or error")
        ->transform(CLI::CheckedTransformer(kLevels))
        ->type_name("LEVEL");
    add_at_flag(command_, lint_.at);
    command_.add_option("--output,-o", lint_.output, "text, json or sarif (2.1.0)")
        ->transform(CLI::CheckedTransformer(kForms))
        ->type_name("FORM");
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
