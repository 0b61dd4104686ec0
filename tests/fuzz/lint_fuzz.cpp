// Feeds policy files to lint: whatever they say, every finding has a rule, a place in the file and
// words that can be shown, and what the loader refuses is an error of lint too.

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "core/policy/lint.hpp"

namespace {

using namespace signet;

void expect(bool holds) {
  if (!holds) std::abort();
}

bool is_shown(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

void check_finding(const LintFinding& finding, int lines) {
  expect(finding.rule != nullptr && find_lint_rule(finding.rule->id) == finding.rule);
  expect(finding.line >= 0 && finding.line <= lines && finding.column >= 0);
  expect(!finding.why.empty() && !finding.instead.empty());
  expect(is_shown(finding.field) && is_shown(finding.why) && is_shown(finding.instead));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const SourceFile file{"policy.yaml", {reinterpret_cast<const char*>(data), size}, {}};
  const int lines =
      2 + static_cast<int>(std::count_if(file.text.begin(), file.text.end(),
                                         [](char c) { return c == '\n' || c == '\r'; }));
  const ReadFile reader = [](const std::string&, const std::string& path) -> Result<Blob> {
    return path;
  };

  const LintResult result = lint(std::span(&file, 1), reader, TimePoint{});
  for (const LintFinding& finding : result.findings)
    check_finding(finding, lines);
  const bool refused = !load_policies(std::span(&file, 1), reader).issues.empty();
  const bool told =
      std::any_of(result.findings.begin(), result.findings.end(),
                  [](const auto& one) { return one.rule->severity == LintSeverity::error; });
  // What only needs a cluster is no error here, and told is what was refused.
  expect(refused || !told);
  return 0;
}
