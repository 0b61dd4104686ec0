#pragma once
// The rules of `signet policy lint`: the one table of their ids, which are promised to stay.

#include <span>
#include <string_view>

namespace signet {

enum class LintSeverity { warning, error };
std::string_view name_of(LintSeverity severity);

struct LintRule {
  std::string_view id;
  LintSeverity severity = LintSeverity::warning;
  std::string_view why;      // what is wrong, one sentence
  std::string_view instead;  // what to write, one sentence
};

// Errors first. What has an error decides nothing and cannot be suppressed.
std::span<const LintRule> lint_rules();
// Null where there is no such rule.
const LintRule* find_lint_rule(std::string_view id);

}  // namespace signet
