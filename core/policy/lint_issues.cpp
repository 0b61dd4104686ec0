// What the loader refuses, as findings. A finding has the rule that the words of the issue tell.

#include <algorithm>
#include <array>

#include "core/base/text.hpp"
#include "core/policy/lint_parts.hpp"

namespace signet {
namespace {

constexpr std::string_view kInCluster = "stands in the cluster, and is not looked at here";

struct Wording {
  std::string_view words;
  std::string_view rule;
};

// The first that an issue says decides.
constexpr std::array kWordings = {
    Wording{"there is no TrustRoot ", "missing-trust-root"},
    Wording{" stands here and in ", "duplicate-name"},
    Wording{"a key must be text", "not-yaml"},
    Wording{"`) are not read; ", "not-yaml"},
    Wording{"is missing; ", "missing-field"},
    Wording{"needs ", "missing-field"},
    Wording{"is not a known key", "unknown-field"},
    Wording{"this version does not ", "unknown-field"},
    Wording{" is not a CA certificate", "root-not-ca"},
    Wording{"only deny can go with ", "on-error-wildcard"},
    Wording{"; allowed are ", "weak-key"},
};

bool is_of_pem(const Issue& issue) {
  return issue.what.find("PEM") != std::string::npos ||
         issue.what.find("public key: ") != std::string::npos ||
         issue.what.find("CERTIFICATE") != std::string::npos;
}

std::string_view rule_of(const Issue& issue) {
  if (issue.field.empty()) return "not-yaml";
  for (const Wording& wording : kWordings) {
    if (issue.what.find(wording.words) != std::string::npos) return wording.rule;
  }
  if (issue.field == "kind" || issue.field == "apiVersion") return "unknown-kind";
  if (issue.of_material) return "missing-material";
  return is_of_pem(issue) ? "invalid-pem" : "invalid-value";
}

// Where the sentence ends that says why, outside of quotes.
std::size_t end_of_why(std::string_view what) {
  bool quoted = false;
  for (std::size_t i = 0; i < what.size(); ++i) {
    if (what[i] == '"' && (i == 0 || what[i - 1] != '\\')) quoted = !quoted;
    if (!quoted && what.substr(i, 2) == "; ") return i;
  }
  return std::string_view::npos;
}

}  // namespace

std::optional<LintFinding> finding_of(const Issue& issue) {
  if (issue.of_material && issue.what.find(kInCluster) != std::string::npos) return std::nullopt;
  const LintRule* const rule = find_lint_rule(rule_of(issue));
  const std::size_t end = end_of_why(issue.what);
  std::string instead(rule->instead);
  if (end != std::string::npos) instead = issue.what.substr(end + 2);
  return LintFinding{rule,
                     issue.file,
                     issue.line,
                     issue.column,
                     issue.field,
                     issue.what.substr(0, end),
                     std::move(instead)};
}

std::vector<LintFinding> first_causes(std::vector<LintFinding> findings) {
  const auto is_cause = [](const LintFinding& finding) {
    const std::string_view rule = finding.rule->id;
    return rule == "not-yaml" || rule == "unknown-field" || rule == "unknown-kind";
  };
  std::vector<LintFinding> causes;
  std::copy_if(findings.begin(), findings.end(), std::back_inserter(causes), is_cause);
  std::erase_if(findings, [&](const LintFinding& finding) {
    const std::string_view rule = finding.rule->id;
    if (rule != "missing-field" && rule != "invalid-value") return false;
    return std::any_of(causes.begin(), causes.end(), [&](const LintFinding& cause) {
      const bool same_line = cause.file == finding.file && cause.line == finding.line;
      return same_line && (cause.column == finding.column || cause.field == finding.field);
    });
  });
  return findings;
}

ReadMaterial lint_material(const ReadFile& read_file) {
  return [read_file](const std::string& named_in, const MaterialRef& wanted) -> Result<Blob> {
    if (wanted.kind == MaterialRef::Kind::file) return read_file(named_in, wanted.name);
    return Error(Reason::config_not_ready, std::string(kInCluster));
  };
}

}  // namespace signet
