#include "core/policy/lint.hpp"

#include <algorithm>
#include <map>

#include "core/base/text.hpp"
#include "core/policy/lint_parts.hpp"
#include "core/policy/yaml.hpp"

namespace signet {
namespace {

// Splits "spec.authorities[0].key" into its steps.
std::vector<std::string_view> steps_of(std::string_view field) {
  std::vector<std::string_view> steps;
  while (!field.empty()) {
    const std::size_t end = std::min(field.find_first_of(".[", 1), field.size());
    std::string_view step = field.substr(0, end);
    if (step.starts_with('.')) step.remove_prefix(1);
    steps.push_back(step);
    field.remove_prefix(end);
  }
  return steps;
}

const YamlNode* below(const YamlNode& node, std::string_view step) {
  if (!step.starts_with('[')) {
    const YamlMember* const member = node.find(step);
    return member ? &member->value : nullptr;
  }
  const auto index = parse_number(step.substr(1, step.size() - 2));
  return index && *index < node.items.size() ? &node.items[*index] : nullptr;
}

// One file: what the loader makes of it, and the text that stands behind it.
struct LintedFile {
  SourcePtr loaded;
  YamlFile yaml;

  // The text of what the loader made of document `i`; what it could not read has none.
  const YamlNode* text_of(std::size_t i) const {
    return i < yaml.documents.size() ? &yaml.documents[i].root : nullptr;
  }
};

void add_empty(const SourceFile& file, LintNotes& notes) {
  const LintRule* const rule = find_lint_rule("empty-file");
  notes.add({rule, file.path, 0, 0, "", std::string(rule->why), std::string(rule->instead)});
}

std::vector<LintedDocument> good_documents(std::span<const LintedFile> linted) {
  std::vector<LintedDocument> good;
  for (const LintedFile& file : linted) {
    for (std::size_t i = 0; i < file.loaded->documents.size(); ++i) {
      const auto& [policy, root, place] = file.loaded->documents[i];
      const std::vector<Issue>& issues = policy ? policy->issues : root->issues;
      const bool bad = std::any_of(issues.begin(), issues.end(), [](const Issue& issue) {
        return finding_of(issue).has_value();
      });
      if (bad || file.text_of(i) == nullptr) continue;
      good.push_back({place.file, file.text_of(i), policy, root, issues.empty()});
    }
  }
  return good;
}

// In the order of the files as they were given.
void sort_by_place(std::vector<LintFinding>& findings, std::span<const SourceFile> files) {
  std::map<std::string_view, std::size_t> order;
  for (const SourceFile& file : files)
    order.emplace(file.path, order.size());
  std::stable_sort(findings.begin(), findings.end(),
                   [&](const LintFinding& a, const LintFinding& b) {
                     return std::tuple(order[a.file], a.line, a.column) <
                            std::tuple(order[b.file], b.line, b.column);
                   });
}

}  // namespace

YamlPlace place_of_field(const YamlNode& root, std::string_view field) {
  const YamlNode* node = &root;
  for (const std::string_view step : steps_of(field)) {
    const YamlNode* const next = below(*node, step);
    if (next == nullptr) break;
    node = next;
  }
  return node->at;
}

void LintNotes::add(const LintedDocument& document, std::string_view rule, std::string_view field,
                    std::string why, std::string instead) {
  const LintRule* const known = find_lint_rule(rule);
  if (instead.empty()) instead = known->instead;
  const YamlPlace at = place_of_field(*document.root, field);
  findings_.push_back({known, document.file, at.line, at.column, std::string(field), std::move(why),
                       std::move(instead)});
}

LintResult lint(std::span<const SourceFile> files, const ReadFile& read_file, TimePoint now) {
  LintNotes notes;
  LintResult result;
  std::vector<LintedFile> linted;
  std::vector<SourcePtr> sources;
  const ReadMaterial read = lint_material(read_file);
  for (const SourceFile& file : files) {
    linted.push_back({load_source(file, read, IncompleteParts::kept), read_yaml(file.text)});
    sources.push_back(linted.back().loaded);
    result.documents += linted.back().loaded->documents.size();
    if (sources.back()->documents.empty()) add_empty(file, notes);
  }
  std::vector<LintFinding> errors;
  for (const Issue& issue : combine(sources).issues) {
    if (auto finding = finding_of(issue)) errors.push_back(std::move(*finding));
  }
  for (LintFinding& error : first_causes(std::move(errors)))
    notes.add(std::move(error));
  const std::vector<LintedDocument> good = good_documents(linted);
  for (const LintedDocument& document : good) {
    if (document.policy) lint_policy(document, now, notes);
    lint_trust(document, now, notes);
  }
  lint_together(good, notes);
  result.findings = without_suppressed(notes.take(), files);
  sort_by_place(result.findings, files);
  return result;
}

}  // namespace signet
