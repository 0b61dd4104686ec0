#include "server/cli/cases.hpp"

#include <algorithm>
#include <filesystem>
#include <set>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "core/policy/field.hpp"
#include "server/cli/case_object.hpp"
#include "server/runtime/config.hpp"
#include "server/runtime/files.hpp"

namespace signet {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kApiVersion = "signet.dev/v1alpha1";
constexpr std::string_view kKind = "PolicyCases";
constexpr std::size_t kCases = 10000;      // of one file
constexpr std::size_t kCasePaths = 100;    // policies or evidence of one case
constexpr std::size_t kCaseImages = 1000;  // of one case
constexpr std::size_t kCaseTexts = 100;    // of one list of an expectation
constexpr std::size_t kCaseReviewBytes = 4 * kMiB;

// The settings of the service that decide.
constexpr std::string_view kSettings[] = {"noMatch",
                                          "dryRun",
                                          "unpinned",
                                          "reverifyUnchanged",
                                          "mutation.scope",
                                          "mutation.format",
                                          "mutation.stickyDigest",
                                          "mutation.excludeImages",
                                          "warnBefore"};

std::string beside(const std::string& file, const std::string& path) {
  if (fs::path(path).is_absolute()) return path;
  return (fs::path(file).parent_path() / path).string();
}

Issue place_of(const Field& field) {
  return Issue{
      field.document().file, field.place().line, field.place().column, field.path(), "", false};
}

bool is_cases_name(const std::string& name) {
  return name.ends_with(".cases.yaml") || name.ends_with(".cases.yml");
}

// ---- what a file says for all of its cases, and a case for itself

std::vector<CasePath> paths_in(const Field& list, const std::string& file) {
  std::vector<CasePath> paths;
  for (const Field& item : list.items(kCasePaths)) {
    if (const auto text = item.text()) paths.push_back({beside(file, *text), place_of(item)});
  }
  return paths;
}

// Every policy file in the directory of the cases.
std::vector<CasePath> policies_beside(const std::string& file, const Issue& place) {
  std::vector<CasePath> paths;
  const fs::path directory = fs::path(file).parent_path();
  const auto names = list_directory(directory.empty() ? "." : directory.string(), 10000);
  if (!names) return paths;
  for (const std::string& name : *names) {
    const bool is_yaml = name.ends_with(".yaml") || name.ends_with(".yml");
    if (!is_yaml || name.starts_with('.') || is_cases_name(name)) continue;
    paths.push_back({(directory / name).string(), place});
  }
  return paths;
}

void read_setting(const Field& value, const std::string& name, PolicyCase& into) {
  const auto known = settings();
  const auto setting =
      std::find_if(known.begin(), known.end(), [&](const Setting& s) { return s.name == name; });
  const auto boolean = name == "dryRun" || name == "mutation.stickyDigest";
  std::optional<std::string> text;
  if (boolean) {
    if (const auto given = value.boolean()) text = *given ? "true" : "false";
  } else {
    text = value.text();
  }
  if (!text || setting == known.end()) return;
  Config scratch;
  const auto set = setting->set(scratch, *text);
  if (!set) value.issue(set.error().what());
  into.settings.emplace_back(name, *text);
}

void read_settings(const Field& field, PolicyCase& into) {
  if (!field) return;
  if (!field.is_map_of(
          {"noMatch", "dryRun", "unpinned", "reverifyUnchanged", "mutation", "warnBefore"})) {
    return;
  }
  const Field mutation = field["mutation"];
  if (mutation && !mutation.is_map_of({"scope", "format", "stickyDigest", "excludeImages"})) return;
  for (const std::string_view name : kSettings) {
    const std::size_t dot = name.find('.');
    const Field value =
        dot == std::string_view::npos ? field[name] : mutation[name.substr(dot + 1)];
    if (!value) continue;
    if (name != "mutation.excludeImages") {
      read_setting(value, std::string(name), into);
      continue;
    }
    for (const Field& item : value.items(kCaseTexts))
      read_setting(item, std::string(name), into);
  }
}

// What stands in `field` wins over what `into` has already.
void read_common(const Field& field, const std::string& file, PolicyCase& into) {
  if (const Field policies = field["policies"]) into.policies = paths_in(policies, file);
  if (const Field evidence = field["evidence"]) into.evidence = paths_in(evidence, file);
  if (const Field time = field["time"]) into.time = time.time();
  if (const Field ns = field["namespace"]) into.ns = ns.text().value_or("");
  if (const Field labels = field["namespaceLabels"])
    into.namespace_labels = labels.texts(kCaseTexts);
  if (const Field settings = field["settings"]) {
    into.settings.clear();
    read_settings(settings, into);
  }
  into.mutates = field["mutate"].boolean().value_or(into.mutates);
  into.with_policy_errors = field["withPolicyErrors"].boolean().value_or(into.with_policy_errors);
}

// ---- what must be answered

bool is_none(const Field& field, const YamlNode* node) {
  return field && node != nullptr && node->kind == YamlNode::Kind::string && node->text == "none";
}

std::vector<std::string> texts_in(const Field& field, const YamlNode* node) {
  std::vector<std::string> texts;
  if (!field || is_none(field, node)) return texts;
  if (node != nullptr && node->kind == YamlNode::Kind::string) {
    if (auto text = field.text()) texts.push_back(std::move(*text));
    return texts;
  }
  for (const Field& item : field.items(kCaseTexts)) {
    if (auto text = item.text()) texts.push_back(std::move(*text));
  }
  return texts;
}

std::vector<Reason> reasons_in(const Field& field) {
  std::vector<Reason> reasons;
  for (const Field& item : field.items(kCaseImages)) {
    const auto word = item.text();
    if (!word) continue;
    if (const auto reason = reason_named(*word)) {
      reasons.push_back(*reason);
      continue;
    }
    item.issue(cat(quoted(*word, 60), " is no reason code; policies/README.md lists them"));
  }
  return reasons;
}

std::vector<PatchedField> patches_in(const Field& field, const YamlNode* node) {
  std::vector<PatchedField> patches;
  if (is_none(field, node)) return patches;
  for (const Field& item : field.items(kCaseImages)) {
    if (!item.is_map_of({"path", "value"})) continue;
    const bool whole = item["path"].required("write the JSON pointer of the patched image") &&
                       item["value"].required("write the image that the patch must write");
    if (!whole) continue;
    patches.push_back({item["path"].text().value_or(""), item["value"].text().value_or("")});
  }
  return patches;
}

CaseExpectation expectation_in(const Field& field, const YamlNode* node) {
  CaseExpectation expect;
  if (!field.required("write expect: {decision: allow} or {decision: deny, reasons: [...]}")) {
    return expect;
  }
  if (!field.is_map_of({"decision", "reasons", "patches", "warnings", "message"})) return expect;
  const auto value_of = [node](std::string_view key) -> const YamlNode* {
    const YamlMember* const member = node != nullptr ? node->find(key) : nullptr;
    return member != nullptr ? &member->value : nullptr;
  };
  const Field decision = field["decision"];
  if (decision.required("write allow or deny")) {
    const auto word = decision.one_of({"allow", "deny"});
    if (word) expect.allowed = *word == 0;
  }
  if (const Field reasons = field["reasons"]) expect.reasons = reasons_in(reasons);
  if (const Field patches = field["patches"]) {
    expect.patches = patches_in(patches, value_of("patches"));
  }
  if (const Field warnings = field["warnings"]) {
    expect.warnings = texts_in(warnings, value_of("warnings"));
  }
  const Field message = field["message"];
  if (is_none(message, value_of("message"))) {
    message.issue(
        "is none, which is for patches and warnings; write text that must occur, or "
        "leave message out");
  }
  expect.message = texts_in(message, value_of("message"));
  return expect;
}

// ---- what is asked

void read_review_file(const Field& field, const std::string& file, PolicyCase& into) {
  const auto path = field.text();
  if (!path) return;
  auto text = read_file(beside(file, *path), kCaseReviewBytes);
  if (!text) {
    field.issue(text.error().what());
    return;
  }
  into.review = std::move(*text);
}

// metadata.namespace of an object.
std::optional<std::string> own_namespace(const YamlNode& object) {
  const YamlMember* const metadata = object.find("metadata");
  const YamlMember* const ns = metadata != nullptr ? metadata->value.find("namespace") : nullptr;
  if (ns == nullptr || ns->value.text.empty()) return std::nullopt;
  return ns->value.text;
}

void read_question(const Field& field, const YamlNode& node, const std::string& file,
                   PolicyCase& into) {
  std::vector<std::string> given;
  for (const char* const way : {"images", "pod", "object", "review"}) {
    if (field[way]) given.emplace_back(way);
  }
  if (given.size() != 1) {
    field.issue(given.empty() ? "asks nothing; give one of images, pod, object and review"
                              : cat("gives ", join(given, " and "), "; one of them is asked"));
    return;
  }
  if (given.front() == "review") {
    read_review_file(field["review"], file, into);
    return;
  }
  CaseObject object;
  if (const auto own = own_namespace(node.find(given.front())->value)) into.ns = *own;
  object.ns = into.ns;
  if (given.front() == "images") {
    for (const Field& item : field["images"].items(kCaseImages)) {
      if (auto text = item.text()) object.images.push_back(std::move(*text));
    }
  } else if (field[given.front()].is_map()) {
    object.object = &node.find(given.front())->value;
  } else {
    return;
  }
  if (const YamlMember* const before = node.find("before")) {
    object.before = &before->value;
    if (before->value.kind == YamlNode::Kind::list) {
      for (const Field& item : field["before"].items(kCaseImages)) {
        if (!item.text()) return;
      }
    }
  }
  auto review = review_of(object);
  if (!review) return field.issue(review.error().what());
  into.review = std::move(*review);
}

PolicyCase read_case(const Field& field, const YamlNode& node, const std::string& file,
                     PolicyCase common) {
  common.place = place_of(field);
  const bool is_known = field.is_map_of(
      {"name", "policies", "evidence", "time", "namespace", "namespaceLabels", "settings", "mutate",
       "withPolicyErrors", "images", "pod", "object", "review", "before", "expect"});
  if (!is_known) return common;
  if (field["name"].required("say in a few words what the case shows")) {
    common.name = field["name"].text().value_or("");
  }
  read_common(field, file, common);
  if (common.policies.empty()) {
    field["policies"].issue("names no policy, and none stands beside the cases");
  }
  read_question(field, node, file, common);
  const YamlMember* const expect = node.find("expect");
  common.expect = expectation_in(field["expect"], expect != nullptr ? &expect->value : nullptr);
  return common;
}

// ---- documents and files

void read_document(const YamlDocument& yaml, Document& document, CaseFiles& into) {
  for (const YamlProblem& problem : yaml.problems)
    document.add(problem.at, problem.field, problem.what);
  const Field root(document, yaml.root);
  const bool is_known =
      root.is_map_of({"apiVersion", "kind", "policies", "evidence", "time", "namespace",
                      "namespaceLabels", "settings", "mutate", "withPolicyErrors", "cases"});
  if (!is_known) return;
  if (root["apiVersion"].required(cat("write apiVersion: ", kApiVersion))) {
    root["apiVersion"].one_of({kApiVersion});
  }
  if (root["kind"].required(cat("write kind: ", kKind))) root["kind"].one_of({kKind});
  PolicyCase common;
  common.ns = "default";
  if (!root["policies"]) common.policies = policies_beside(document.file, place_of(root));
  read_common(root, document.file, common);
  const Field cases = root["cases"];
  if (!cases.required("write at least one case")) return;
  std::set<std::string> names;
  const std::vector<Field> items = cases.items(kCases);
  const auto& nodes = yaml.root.find("cases")->value.items;
  for (std::size_t i = 0; i < items.size(); ++i) {
    PolicyCase one = read_case(items[i], nodes[i], document.file, common);
    if (!one.name.empty() && !names.insert(one.name).second) {
      items[i]["name"].issue(cat(quoted(one.name, 80), " stands twice; each case has its own"));
    }
    into.cases.push_back(std::move(one));
  }
}

Result<std::vector<std::string>> cases_below(const std::string& directory) {
  std::vector<std::string> files;
  std::error_code failure;
  auto entry = fs::recursive_directory_iterator(directory, failure);
  for (; !failure && entry != fs::recursive_directory_iterator(); entry.increment(failure)) {
    const std::string name = entry->path().filename().string();
    std::error_code unreadable;
    if (name.starts_with('.')) {
      entry.disable_recursion_pending();
    } else if (is_cases_name(name) && entry->is_regular_file(unreadable)) {
      files.push_back(entry->path().string());
    }
  }
  if (failure) {
    return Error(Reason::policy_invalid, cat(directory, ": cannot be read: ", failure.message()));
  }
  if (files.empty()) {
    return Error(Reason::policy_invalid,
                 cat(directory,
                     ": holds no cases (*.cases.yaml); put one there, or make one with "
                     "--record IMAGE --output FILE"));
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

void read_cases(const std::string& path, std::string_view text, CaseFiles& into) {
  into.files.push_back(path);
  const ReadMaterial none;
  const YamlFile yaml = read_yaml(text);
  for (const YamlDocument& one : yaml.documents) {
    Document document(path, none);
    read_document(one, document, into);
    into.issues.insert(into.issues.end(), document.issues.begin(), document.issues.end());
  }
  if (yaml.failure) {
    const YamlProblem& failure = *yaml.failure;
    into.issues.push_back(
        {path, failure.at.line, failure.at.column, failure.field, failure.what, false});
  } else if (yaml.documents.empty()) {
    into.issues.push_back(
        {path, 0, 0, "", "is empty; write a document of kind PolicyCases", false});
  }
}

Result<CaseFiles> read_case_files(const std::vector<std::string>& paths) {
  CaseFiles all;
  std::set<std::string> seen;
  for (const std::string& path : paths) {
    std::vector<std::string> files = {path};
    const PathKind kind = kind_of(path);
    if (kind == PathKind::missing) {
      return Error(Reason::policy_invalid,
                   cat(path, ": no such file or directory; check the path"));
    }
    if (kind == PathKind::directory) {
      auto below = cases_below(path);
      if (!below) return below.error();
      files = std::move(*below);
    }
    for (const std::string& file : files) {
      if (!seen.insert(fs::path(file).lexically_normal().string()).second) continue;
      const auto text = read_file(file, kPolicyFileBytes);
      if (!text) return text.error();
      read_cases(file, *text, all);
    }
  }
  return all;
}

}  // namespace signet
