#pragma once
// Cases of policies (NAME.cases.yaml): what is asked, from which evidence, at which time, and what
// must be answered. Read as strictly as policies are; nothing is decided here.

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/reason.hpp"
#include "core/base/time.hpp"
#include "core/policy/model.hpp"

namespace signet {

struct PatchedField {
  std::string path;  // RFC 6901
  std::string value;

  friend bool operator==(const PatchedField&, const PatchedField&) = default;
};

// What is absent is not compared.
struct CaseExpectation {
  std::optional<bool> allowed;
  // Of the images in the order of the object; one alone stands for all of them.
  std::optional<std::vector<Reason>> reasons;
  std::optional<std::vector<PatchedField>> patches;  // all of them; empty: none
  std::optional<std::vector<std::string>> warnings;  // texts that occur; empty: no warning
  std::vector<std::string> message;                  // texts that occur
};

// A file that a case names, relative to its own, and where it does.
struct CasePath {
  std::string path;
  Issue place;  // without `what`
};

struct PolicyCase {
  std::string name;
  Issue place;  // without `what`
  std::vector<CasePath> policies;
  std::vector<CasePath> evidence;
  bool with_policy_errors = false;  // invalid policies deny, as in a cluster
  std::optional<TimePoint> time;
  std::optional<std::map<std::string, std::string>> namespace_labels;  // nothing: not known
  std::vector<std::pair<std::string, std::string>> settings;           // of the service, by name
  bool mutates = true;  // the mutating hook is asked first, and what it patches is judged
  std::string ns;       // of the review
  std::string review;   // an AdmissionReview
  CaseExpectation expect;
};

struct CaseFiles {
  std::vector<std::string> files;
  std::vector<PolicyCase> cases;  // in the order of the files
  std::vector<Issue> issues;      // any: nothing may be run
};

// The files, and every *.cases.yaml of the directories and below. Fails with policy_invalid where
// a path is missing or holds no cases.
Result<CaseFiles> read_case_files(const std::vector<std::string>& paths);

// One file's text; for `path` stands what messages shall name, and what its files are relative to.
void read_cases(const std::string& path, std::string_view text, CaseFiles& into);

}  // namespace signet
