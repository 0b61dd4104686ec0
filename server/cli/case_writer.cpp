#include "server/cli/case_writer.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>

#include "core/base/text.hpp"

namespace signet {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kHead = "apiVersion: signet.dev/v1alpha1\nkind: PolicyCases\ncases:\n";
constexpr int kIndent = 2;  // of a list in a new file

// JSON text is YAML text.
std::string written(const std::string& text) {
  return Json(text).dump(-1, ' ', true, Json::error_handler_t::replace);
}

std::string list_of(const std::vector<std::string>& texts) {
  std::vector<std::string> items;
  for (const std::string& text : texts)
    items.push_back(written(text));
  return cat("[", join(items, ", "), "]");
}

// As the file of cases names it.
std::string relative_to(const std::string& cases_file, const std::string& path) {
  std::error_code failure;
  const fs::path directory = fs::absolute(cases_file, failure).parent_path();
  const fs::path relative = fs::absolute(path, failure)
                                .lexically_normal()
                                .lexically_relative(directory.lexically_normal());
  return failure || relative.empty() ? path : relative.string();
}

std::string expectation_of(const CaseFound* found) {
  if (found == nullptr) return "{decision: allow}";
  std::vector<std::string> reasons;
  for (const Reason reason : reasons_of(*found))
    reasons.emplace_back(name_of(reason));
  return cat("{decision: ", found->allowed ? "allow" : "deny", ", reasons: [", join(reasons, ", "),
             "]}");
}

std::string case_text(const std::string& cases_file, const RecordedCase& recorded,
                      const CaseFound* found, int dash) {
  std::vector<std::string> policies;
  for (const std::string& path : recorded.policies)
    policies.push_back(relative_to(cases_file, path));
  const std::string evidence = fs::path(evidence_file_of(cases_file)).filename().string();
  const std::string margin(static_cast<std::size_t>(dash), ' ');
  const std::vector<std::string> lines = {
      cat("- name: ", written(recorded.image)),   cat("  policies: ", list_of(policies)),
      cat("  evidence: ", list_of({evidence})),   cat("  time: ", format_time(recorded.time)),
      cat("  namespace: ", written(recorded.ns)), cat("  images: ", list_of({recorded.image})),
      cat("  expect: ", expectation_of(found)),
  };
  std::string text;
  for (const std::string& line : lines)
    text += cat(margin, line, "\n");
  return text;
}

Error cannot_grow(const std::string& file, std::string_view why) {
  return {Reason::policy_invalid, cat(file, ": ", why, "; name another file with --output")};
}

}  // namespace

std::string evidence_file_of(const std::string& cases_file) {
  constexpr std::string_view kEnd = ".cases.yaml";
  return cat(cases_file.substr(0, cases_file.size() - kEnd.size()), ".evidence.json");
}

Result<GrownCases> with_case(const std::string& cases_file, const std::string& text,
                             const RecordedCase& recorded, const CaseFound* found) {
  GrownCases grown;
  CaseFiles before;
  int dash = kIndent;
  if (text.empty()) {
    grown.text = kHead;
  } else {
    read_cases(cases_file, text, before);
    if (!before.issues.empty()) return cannot_grow(cases_file, before.issues.front().str());
    const auto same =
        std::find_if(before.cases.begin(), before.cases.end(),
                     [&](const PolicyCase& one) { return one.name == recorded.image; });
    if (same != before.cases.end()) {
      return cannot_grow(cases_file,
                         cat("line ", std::to_string(same->place.line), " has a case of the name ",
                             signet::quoted(recorded.image)));
    }
    dash = std::max(0, before.cases.back().place.column - 1 - kIndent);
    grown.text = cat(text, text.ends_with('\n') ? "" : "\n");
  }
  grown.text += case_text(cases_file, recorded, found, dash);
  read_cases(cases_file, grown.text, grown.read);
  const bool whole =
      grown.read.issues.empty() && grown.read.cases.size() == before.cases.size() + 1;
  if (!whole) return cannot_grow(cases_file, "a case cannot be written at its end");
  return grown;
}

Result<void> replace_file(const std::string& file, std::string_view text) {
  const std::string temporary = cat(file, ".", std::to_string(::getpid()), ".part");
  std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  out.close();
  std::error_code failure;
  if (!out) failure = std::error_code(errno, std::generic_category());
  if (!failure) fs::rename(temporary, file, failure);
  if (!failure) return {};
  std::error_code ignored;
  fs::remove(temporary, ignored);
  return Error(Reason::config_not_ready,
               cat(printable(file), ": cannot be written: ", failure.message()));
}

}  // namespace signet
