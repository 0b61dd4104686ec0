#include "server/cli/case_results.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "core/policy/explain.hpp"

namespace signet {
namespace {

constexpr std::size_t kShownOfText = 300;  // of a text in a line

std::string word_of(bool allowed) {
  return allowed ? "allow" : "deny";
}

std::string place_of(const PolicyCase& one) {
  return cat(one.place.file, ":", std::to_string(one.place.line));
}

std::vector<std::string> names_of(const std::vector<Reason>& reasons) {
  std::vector<std::string> names;
  for (const Reason reason : reasons)
    names.emplace_back(name_of(reason));
  return names;
}

// Each reason with the image that it is of.
std::vector<std::string> images_and_reasons(const CaseFound& found) {
  std::vector<std::string> lines;
  for (const JudgedImage& image : found.images) {
    lines.push_back(cat(name_of(image.verdict->reason), "  (",
                        printable(image.image.reference, kShownOfText), ")"));
  }
  if (lines.empty()) lines.emplace_back(name_of(found.reason));
  return lines;
}

bool agree(const std::vector<Reason>& expected, const std::vector<Reason>& found) {
  if (expected.size() != 1) return expected == found;
  return std::all_of(found.begin(), found.end(),
                     [&](Reason reason) { return reason == expected.front(); });
}

std::vector<std::string> lines_of(const std::vector<PatchedField>& patches) {
  std::vector<std::string> lines;
  for (const PatchedField& patch : patches)
    lines.push_back(cat(patch.path, " = ", printable(patch.value, kShownOfText)));
  if (lines.empty()) lines.emplace_back("none");
  return lines;
}

std::vector<std::string> shown(const std::vector<std::string>& texts) {
  std::vector<std::string> lines;
  for (const std::string& text : texts)
    lines.push_back(printable(text, kShownOfText));
  if (lines.empty()) lines.emplace_back("none");
  return lines;
}

void compare_warnings(const std::vector<std::string>& expected, const CaseFound& found,
                      std::vector<CaseDifference>& differences) {
  const bool all_there =
      std::all_of(expected.begin(), expected.end(), [&](const std::string& text) {
        return std::any_of(
            found.warnings.begin(), found.warnings.end(),
            [&](const std::string& warning) { return warning.find(text) != std::string::npos; });
      });
  if (all_there && (!expected.empty() || found.warnings.empty())) return;
  differences.push_back({"warnings", shown(expected), shown(found.warnings)});
}

std::string first_line_of(const CaseFound& found) {
  for (const JudgedImage& image : found.images) {
    if (!image.verdict->allowed()) return first_line(*image.verdict);
  }
  return found.message.substr(0, found.message.find('\n'));
}

// ---- lines

void print_difference(const CaseDifference& difference, std::ostream& out) {
  const auto print = [&out](std::string_view label, const std::vector<std::string>& lines) {
    for (std::size_t i = 0; i < lines.size(); ++i)
      out << (i == 0 ? cat("        ", label) : std::string(17, ' ')) << lines[i] << '\n';
  };
  out << "    " << difference.what << '\n';
  print("expected ", difference.expected);
  print("found    ", difference.found);
}

std::string totals_of(const std::vector<CaseResult>& results) {
  const auto passed = std::count_if(results.begin(), results.end(),
                                    [](const CaseResult& result) { return result.passed(); });
  return cat(std::to_string(passed), " passed, ",
             std::to_string(static_cast<std::ptrdiff_t>(results.size()) - passed), " failed");
}

// ---- JSON

Json json_of(const std::vector<PatchedField>& patches) {
  Json list = Json::array();
  for (const PatchedField& patch : patches)
    list.push_back({{"path", patch.path}, {"value", printable(patch.value, kShownOfText)}});
  return list;
}

Json json_of(const CaseFound& found) {
  Json images = Json::array();
  for (const JudgedImage& image : found.images) {
    const auto& digest = image.verdict->digest;
    images.push_back({{"image", printable(image.image.reference, kReferenceBytes)},
                      {"digest", digest ? Json(digest->str()) : Json(nullptr)},
                      {"reason", name_of(image.verdict->reason)}});
  }
  Json warnings = Json::array();
  for (const std::string& warning : found.warnings)
    warnings.push_back(printable(warning, kShownOfText));
  return {{"decision", word_of(found.allowed)}, {"reason", name_of(found.reason)},
          {"images", std::move(images)},        {"patches", json_of(found.patches)},
          {"warnings", std::move(warnings)},    {"message", found.message},
          {"missing_evidence", found.missing}};
}

Json json_of(const CaseResult& result) {
  Json differences = Json::array();
  for (const CaseDifference& difference : result.differences) {
    differences.push_back({{"what", difference.what},
                           {"expected", difference.expected},
                           {"found", difference.found}});
  }
  return {{"name", result.of->name},        {"file", result.of->place.file},
          {"line", result.of->place.line},  {"passed", result.passed()},
          {"found", json_of(result.found)}, {"differences", std::move(differences)}};
}

Json json_of(const CaseCoverage& coverage) {
  Json untried = Json::array();
  for (const Issue& issue : coverage.untried) {
    untried.push_back({{"file", issue.file},
                       {"line", issue.line},
                       {"column", issue.column},
                       {"part", issue.field},
                       {"what", issue.what}});
  }
  return {{"parts", coverage.parts}, {"untried", std::move(untried)}};
}

// ---- XML

// Text inside XML 1.0: the five characters escaped, the rest printable or a line end.
std::string xml(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      case '\n':
        safe += "&#10;";
        break;
      default:
        safe += c >= ' ' && c <= '~' ? std::string(1, c) : printable(std::string_view(&c, 1));
    }
  }
  return safe;
}

std::string seconds_text(double seconds) {
  std::ostringstream text;
  text.imbue(std::locale::classic());
  text << std::fixed << seconds;
  return text.str();
}

std::string junit_of(const CaseResult& result) {
  std::string text =
      cat("    <testcase name=\"", xml(result.of->name), "\" classname=\"",
          xml(result.of->place.file), "\" file=\"", xml(result.of->place.file), "\" line=\"",
          std::to_string(result.of->place.line), "\" time=\"", seconds_text(result.seconds), "\"");
  if (result.passed()) return cat(text, "/>\n");
  std::vector<std::string> what;
  std::ostringstream lines;
  for (const CaseDifference& difference : result.differences) {
    what.push_back(difference.what);
    print_difference(difference, lines);
  }
  lines << first_line_of(result.found) << '\n';
  return cat(text, ">\n      <failure type=\"difference\" message=\"",
             xml(cat("not as expected: ", join(what, ", "))), "\">", xml(lines.str()),
             "</failure>\n    </testcase>\n");
}

}  // namespace

std::vector<Reason> reasons_of(const CaseFound& found) {
  std::vector<Reason> reasons;
  for (const JudgedImage& image : found.images)
    reasons.push_back(image.verdict->reason);
  if (reasons.empty()) reasons.push_back(found.reason);
  return reasons;
}

std::vector<CaseDifference> compare(const CaseExpectation& expect, const CaseFound& found) {
  std::vector<CaseDifference> differences;
  if (!found.missing.empty()) {
    differences.push_back({"evidence",
                           {"everything that is asked for is recorded"},
                           {found.missing.begin(), found.missing.end()}});
  }
  if (expect.allowed && *expect.allowed != found.allowed) {
    differences.push_back({"decision", {word_of(*expect.allowed)}, {word_of(found.allowed)}});
  }
  if (expect.reasons && !agree(*expect.reasons, reasons_of(found))) {
    differences.push_back({"reasons", names_of(*expect.reasons), images_and_reasons(found)});
  }
  if (expect.patches && *expect.patches != found.patches) {
    differences.push_back({"patches", lines_of(*expect.patches), lines_of(found.patches)});
  }
  if (expect.warnings) compare_warnings(*expect.warnings, found, differences);
  for (const std::string& text : expect.message) {
    if (found.message.find(text) != std::string::npos) continue;
    std::vector<std::string> lines;
    for (const std::string_view line : split(found.message, '\n'))
      lines.push_back(printable(line, kShownOfText));
    differences.push_back({"message", {cat("...", printable(text, kShownOfText), "...")}, lines});
  }
  return differences;
}

void print_results(const std::vector<CaseResult>& results, const CaseCoverage* coverage,
                   Output output) {
  for (const CaseResult& result : results) {
    output.out << (result.passed() ? "ok      " : "FAILED  ") << place_of(*result.of) << "  "
               << printable(result.of->name) << '\n';
    for (const CaseDifference& difference : result.differences)
      print_difference(difference, output.out);
    const std::string why = first_line_of(result.found);
    if (!result.passed() && !why.empty()) output.out << "    " << why << '\n';
  }
  if (coverage != nullptr) {
    for (const Issue& issue : coverage->untried)
      output.out << issue.str() << '\n';
    output.out << "coverage: " << coverage->parts - coverage->untried.size() << " of "
               << coverage->parts << " parts of the policies are tried by a case\n";
  }
  output.out << totals_of(results) << '\n';
  output.out.flush();
}

void print_results_json(const std::vector<CaseResult>& results, const CaseCoverage* coverage,
                        Output output) {
  Json cases = Json::array();
  std::size_t passed = 0;
  for (const CaseResult& result : results) {
    cases.push_back(json_of(result));
    if (result.passed()) ++passed;
  }
  Json json = {{"version", "signet.dev/policy-test/v1"},
               {"passed", passed},
               {"failed", results.size() - passed},
               {"cases", std::move(cases)}};
  if (coverage != nullptr) json["coverage"] = json_of(*coverage);
  output.out << json.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
  output.out.flush();
}

std::string junit_of(const std::vector<CaseResult>& results) {
  std::map<std::string, std::vector<const CaseResult*>> suites;
  for (const CaseResult& result : results)
    suites[result.of->place.file].push_back(&result);
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"signet\">\n";
  for (const auto& [file, members] : suites) {
    const auto failed = std::count_if(members.begin(), members.end(),
                                      [](const CaseResult* one) { return !one->passed(); });
    double seconds = 0;
    for (const CaseResult* const one : members)
      seconds += one->seconds;
    text += cat("  <testsuite name=\"", xml(file), "\" tests=\"", std::to_string(members.size()),
                "\" failures=\"", std::to_string(failed), "\" errors=\"0\" time=\"",
                seconds_text(seconds), "\">\n");
    for (const CaseResult* const one : members)
      text += junit_of(*one);
    text += "  </testsuite>\n";
  }
  return text + "</testsuites>\n";
}

}  // namespace signet
