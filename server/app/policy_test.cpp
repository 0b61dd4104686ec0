#include "server/app/policy_test.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <chrono>

#include "core/base/text.hpp"
#include "server/app/case_recorder.hpp"
#include "server/app/case_runner.hpp"
#include "server/app/command_tools.hpp"
#include "server/cli/case_coverage.hpp"
#include "server/cli/case_writer.hpp"

namespace signet {
namespace {

constexpr std::string_view kCommand = "policy test";

int refuse_issues(const std::vector<Issue>& issues, Output output) {
  std::vector<std::string> lines;
  for (const Issue& issue : issues)
    lines.push_back(issue.str());
  return usage_error(output, kCommand, cat("no case was run; mend these:\n", join(lines, "\n")));
}

void keep_named(const std::string& expression, std::vector<PolicyCase>& cases) {
  if (expression.empty()) return;
  const re2::RE2 wanted(expression, re2::RE2::Quiet);
  const auto unwanted = std::remove_if(cases.begin(), cases.end(), [&](const PolicyCase& one) {
    return !re2::RE2::PartialMatch(one.name, wanted);
  });
  cases.erase(unwanted, cases.end());
}

CaseResult run_one(CaseRunner& runner, const PolicyCase& one) {
  const auto began = std::chrono::steady_clock::now();
  CaseResult result;
  result.of = &one;
  result.found = runner.run(one);
  result.differences = compare(one.expect, result.found);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  result.seconds = took.count();
  return result;
}

int run_cases(const std::vector<PolicyCase>& cases, const PolicyTestCommand& command,
              Output output) {
  CaseRunner runner;
  // All of them before the first is run: nothing is told of a run that is not whole.
  for (const PolicyCase& one : cases) {
    const auto ready = runner.prepare(one);
    if (!ready) return usage_error(output, kCommand, ready.error().what());
  }
  std::vector<CaseResult> results;
  CoverageBook book;
  for (const PolicyCase& one : cases) {
    results.push_back(run_one(runner, one));
    if (!command.coverage) continue;
    book.count(*runner.policies_of(one), policy_files_of(one), results.back().found);
  }
  std::optional<CaseCoverage> coverage;
  if (command.coverage) {
    auto counted = book.coverage();
    if (!counted) return usage_error(output, kCommand, counted.error().what());
    coverage = *std::move(counted);
  }
  if (!command.junit.empty()) {
    const auto written = replace_file(command.junit, junit_of(results));
    if (!written) return usage_error(output, kCommand, written.error().what());
  }
  const auto print = command.output == OutputForm::json ? print_results_json : print_results;
  print(results, coverage ? &*coverage : nullptr, output);
  const bool all_passed = std::all_of(results.begin(), results.end(),
                                      [](const CaseResult& result) { return result.passed(); });
  return all_passed ? 0 : 1;
}

}  // namespace

int run(PolicyTestCommand command, Output output) {
  if (!command.record.empty()) return record_cases(std::move(command), output);
  auto files = read_case_files(command.paths);
  if (!files) return usage_error(output, kCommand, files.error().what());
  if (!files->issues.empty()) return refuse_issues(files->issues, output);
  keep_named(command.run, files->cases);
  if (files->cases.empty()) {
    return usage_error(output, kCommand, cat("--run ", quoted(command.run, 120), " finds no case"));
  }
  return run_cases(files->cases, command, output);
}

}  // namespace signet
