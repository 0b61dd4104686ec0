#include "server/cli/lint_report.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/text.hpp"

namespace signet {
namespace {

using Ordered = nlohmann::ordered_json;

std::string plural(std::size_t count, std::string_view what) {
  return cat(std::to_string(count), " ", what, count == 1 ? "" : "s");
}

std::size_t count_of(const LintResult& result, LintSeverity severity) {
  const auto& findings = result.findings;
  return static_cast<std::size_t>(std::count_if(
      findings.begin(), findings.end(),
      [&](const LintFinding& finding) { return finding.rule->severity == severity; }));
}

std::string place_of(const LintFinding& finding) {
  const std::string file = printable(finding.file, 1024);
  if (finding.line == 0) return file;
  return cat(file, ":", std::to_string(finding.line), ":", std::to_string(finding.column));
}

void write_text(const LintResult& result, std::size_t files, std::ostream& out) {
  for (const LintFinding& finding : result.findings) {
    out << place_of(finding) << ": " << name_of(finding.rule->severity) << '[' << finding.rule->id
        << "]: ";
    if (!finding.field.empty()) out << finding.field << ": ";
    out << finding.why << "; " << finding.instead << '\n';
  }
  out << plural(result.documents, "document") << " in " << plural(files, "file") << ": "
      << plural(count_of(result, LintSeverity::error), "error") << ", "
      << plural(count_of(result, LintSeverity::warning), "warning") << '\n';
}

Ordered json_of(const LintRule& rule) {
  return {{"id", rule.id},
          {"severity", name_of(rule.severity)},
          {"why", rule.why},
          {"instead", rule.instead}};
}

Ordered json_of(const LintFinding& finding) {
  return {{"rule", finding.rule->id},
          {"severity", name_of(finding.rule->severity)},
          {"file", printable(finding.file, 1024)},
          {"line", finding.line},
          {"column", finding.column},
          {"field", finding.field},
          {"why", finding.why},
          {"instead", finding.instead}};
}

void write_json(const LintResult& result, std::size_t files, std::ostream& out) {
  Ordered findings = Ordered::array();
  for (const LintFinding& finding : result.findings)
    findings.push_back(json_of(finding));
  const Ordered document = {{"version", "signet.dev/lint/v1"},
                            {"files", files},
                            {"documents", result.documents},
                            {"errors", count_of(result, LintSeverity::error)},
                            {"warnings", count_of(result, LintSeverity::warning)},
                            {"findings", std::move(findings)}};
  out << document.dump(2) << '\n';
}

// ---- SARIF 2.1.0

// A path as a URI reference (RFC 3986 3.3).
std::string uri_of(std::string_view path) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string uri = path.starts_with('/') ? "file://" : "";
  for (const char c : path) {
    if (is_alnum(c) || std::string_view("/-._~").find(c) != std::string_view::npos) {
      uri += c;
      continue;
    }
    const auto octet = static_cast<unsigned char>(c);
    uri += {'%', kHex[octet >> 4], kHex[octet & 15]};
  }
  return uri;
}

Ordered sarif_rule(const LintRule& rule) {
  return {{"id", rule.id},
          {"shortDescription", {{"text", rule.why}}},
          {"help", {{"text", rule.instead}}},
          {"defaultConfiguration", {{"level", name_of(rule.severity)}}}};
}

Ordered sarif_result(const LintFinding& finding) {
  Ordered place = {{"artifactLocation", {{"uri", uri_of(finding.file)}}}};
  if (finding.line > 0) {
    place["region"] = {{"startLine", finding.line}, {"startColumn", finding.column}};
  }
  const std::string field = finding.field.empty() ? "" : cat(finding.field, ": ");
  const std::span<const LintRule> rules = lint_rules();
  return {{"ruleId", finding.rule->id},
          {"ruleIndex", finding.rule - rules.data()},
          {"level", name_of(finding.rule->severity)},
          {"message", {{"text", cat(field, finding.why, "; ", finding.instead)}}},
          {"locations", Ordered::array({{{"physicalLocation", std::move(place)}}})}};
}

void write_sarif(const LintResult& result, std::ostream& out) {
  Ordered rules = Ordered::array();
  for (const LintRule& rule : lint_rules())
    rules.push_back(sarif_rule(rule));
  Ordered results = Ordered::array();
  for (const LintFinding& finding : result.findings)
    results.push_back(sarif_result(finding));
  const Ordered driver = {
      {"name", "signet"}, {"version", SIGNET_VERSION}, {"rules", std::move(rules)}};
  const Ordered run = {{"tool", {{"driver", driver}}},
                       {"columnKind", "unicodeCodePoints"},
                       {"results", std::move(results)}};
  const Ordered log = {{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                       {"version", "2.1.0"},
                       {"runs", Ordered::array({run})}};
  out << log.dump(2) << '\n';
}

}  // namespace

void write_lint(const LintResult& result, std::size_t files, LintForm form, std::ostream& out) {
  if (form == LintForm::text) return write_text(result, files, out);
  form == LintForm::json ? write_json(result, files, out) : write_sarif(result, out);
}

void write_lint_rules(LintForm form, std::ostream& out) {
  if (form == LintForm::sarif) return write_sarif({}, out);
  if (form == LintForm::text) {
    for (const LintRule& rule : lint_rules())
      out << rule.id << " (" << name_of(rule.severity) << "): " << rule.why << "; " << rule.instead
          << '\n';
    return;
  }
  Ordered rules = Ordered::array();
  for (const LintRule& rule : lint_rules())
    rules.push_back(json_of(rule));
  const Ordered document = {{"version", "signet.dev/lint-rules/v1"}, {"rules", std::move(rules)}};
  out << document.dump(2) << '\n';
}

}  // namespace signet
