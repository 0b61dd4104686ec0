#pragma once
// What was found when cases ran, how it differs from what was expected, and the forms in which it
// is told: lines, JSON (signet.dev/policy-test/v1), JUnit XML.

#include <set>
#include <string>
#include <vector>

#include "core/admission/decision.hpp"
#include "server/cli/cases.hpp"
#include "server/cli/output.hpp"

namespace signet {

struct CaseFound {
  bool allowed = false;
  Reason reason = Reason::internal;  // of the answer
  std::vector<JudgedImage> images;
  std::vector<PatchedField> patches;
  std::vector<std::string> warnings;
  std::string message;            // of a denial
  std::set<std::string> missing;  // what the evidence was asked for and does not hold
};

// One thing that is not as expected; several lines where there are several images.
struct CaseDifference {
  std::string what;
  std::vector<std::string> expected;
  std::vector<std::string> found;
};

struct CaseResult {
  const PolicyCase* of = nullptr;
  CaseFound found;
  std::vector<CaseDifference> differences;  // none: passed
  double seconds = 0;

  bool passed() const { return differences.empty(); }
};

std::vector<CaseDifference> compare(const CaseExpectation& expect, const CaseFound& found);

// The reasons of its images, or of the answer where no image was judged.
std::vector<Reason> reasons_of(const CaseFound& found);

// What the cases of a run leave untried; one sentence with its place each.
struct CaseCoverage {
  std::size_t parts = 0;
  std::vector<Issue> untried;
};

void print_results(const std::vector<CaseResult>& results, const CaseCoverage* coverage,
                   Output output);
void print_results_json(const std::vector<CaseResult>& results, const CaseCoverage* coverage,
                        Output output);
std::string junit_of(const std::vector<CaseResult>& results);

}  // namespace signet
