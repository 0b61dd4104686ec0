#pragma once
// The text of recorded cases: a new file of them, or one more case at the end of one. Files are
// replaced whole, so that nobody ever reads a part.

#include <string>
#include <vector>

#include "server/cli/case_results.hpp"

namespace signet {

struct RecordedCase {
  std::string image;
  std::vector<std::string> policies;  // paths as the command line has them
  std::string ns;
  TimePoint time;
};

// "teams.evidence.json" for "teams.cases.yaml".
std::string evidence_file_of(const std::string& cases_file);

// The file `cases_file` with this case behind `text`, what it holds so far; the case is the last of
// all. Fails with policy_invalid where there is a case of that name, or there cannot be one more.
struct GrownCases {
  std::string text;
  CaseFiles read;
};
Result<GrownCases> with_case(const std::string& cases_file, const std::string& text,
                             const RecordedCase& recorded, const CaseFound* found);

// Fails with config_not_ready and names the file.
Result<void> replace_file(const std::string& file, std::string_view text);

}  // namespace signet
