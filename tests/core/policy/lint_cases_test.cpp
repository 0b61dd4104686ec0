// One planted mistake each: the mistakes of people who come from cosign, policy-controller or
// Kubernetes. tests/lint-cases/table.txt says where, by which rule, and what the cure says.

#include <gtest/gtest.h>

#include "core/base/text.hpp"
#include "core/policy/lint.hpp"
#include "tests/core/policy/load_support.hpp"

namespace signet {
namespace {

namespace fs = std::filesystem;

struct LintCase {
  std::string file;
  int line = 0;
  std::string rule;
  std::string cure;
};

fs::path lint_cases() {
  return fs::path(SIGNET_TESTS) / "lint-cases";
}

std::vector<LintCase> table() {
  std::vector<LintCase> cases;
  const std::string text = testing::contents_of(lint_cases() / "table.txt");
  for (const std::string_view line : split(text, '\n')) {
    const auto cells = split(line, '|');
    if (line.starts_with('#') || cells.size() != 4) continue;
    cases.push_back({std::string(trim(cells[0])), std::stoi(std::string(trim(cells[1]))),
                     std::string(trim(cells[2])), std::string(trim(cells[3]))});
  }
  return cases;
}

// As the program reads what stands beside a policy.
Result<Blob> read_case(const std::string&, const std::string& path) {
  if (fs::exists(lint_cases() / path)) return testing::contents_of(lint_cases() / path);
  return Error(Reason::config_not_ready, cat("cannot read ", path, ": there is no such file"));
}

std::string str(const LintFinding& finding) {
  return cat(finding.file, ":", std::to_string(finding.line), ":", std::to_string(finding.column),
             ": ", finding.rule->id, ": ", finding.field, ": ", finding.why, "; ", finding.instead);
}

TEST(LintCasesTest, EachPlantedMistakeIsNamedAtItsPlaceWithItsCureAndNothingElseIs) {
  std::size_t checked = 0;
  for (const LintCase& expected : table()) {
    const SourceFile file{expected.file, testing::contents_of(lint_cases() / expected.file)};
    const LintResult result =
        lint(std::span(&file, 1), read_case, *parse_time("2026-11-24T00:00:00Z"));
    std::string all;
    bool found = false;
    bool others = false;
    for (const LintFinding& finding : result.findings) {
      all += str(finding) + "\n";
      const bool right = finding.rule->id == expected.rule && finding.line == expected.line;
      found = found || (right && cat(finding.why, "; ", finding.instead).find(expected.cure) !=
                                     std::string::npos);
      others = others || (finding.rule->id != expected.rule);
    }
    EXPECT_TRUE(found) << expected.file << ":" << expected.line << ": " << expected.rule << " ... "
                       << expected.cure << "\nbut got:\n"
                       << all;
    EXPECT_FALSE(others) << expected.file << " has more than its mistake:\n" << all;
    ++checked;
  }
  EXPECT_GE(checked, 40U);
}

TEST(LintCasesTest, EveryFileOfTheDirectoryIsInTheTable) {
  std::vector<std::string> listed;
  for (const LintCase& one : table())
    listed.push_back(one.file);
  for (const auto& entry : fs::directory_iterator(lint_cases())) {
    if (entry.path().extension() != ".yaml") continue;
    EXPECT_EQ(std::count(listed.begin(), listed.end(), entry.path().filename().string()), 1)
        << entry.path();
  }
}

}  // namespace
}  // namespace signet
