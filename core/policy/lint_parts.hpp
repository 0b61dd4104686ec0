#pragma once
// The parts of lint(), each one look at good documents.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/policy/lint.hpp"
#include "core/policy/yaml.hpp"

namespace signet {

// A good document, one of policy and trust_root, with its text. What stands in the cluster is
// missing in it, and nothing is said about that.
struct LintedDocument {
  std::string file;
  const YamlNode* root = nullptr;
  std::shared_ptr<const Policy> policy;
  std::shared_ptr<const TrustRoot> trust_root;
  bool complete = true;
};

// Where a field stands; of one that is not written, where the nearest field above it does.
YamlPlace place_of_field(const YamlNode& root, std::string_view field);

class LintNotes {
 public:
  // `instead` empty: the rule's own.
  void add(const LintedDocument& document, std::string_view rule, std::string_view field,
           std::string why, std::string instead = "");
  void add(LintFinding finding) { findings_.push_back(std::move(finding)); }
  std::vector<LintFinding> take() { return std::move(findings_); }

 private:
  std::vector<LintFinding> findings_;
};

// An issue of the loader as a finding; nothing where it only says that a cluster is needed.
std::optional<LintFinding> finding_of(const Issue& issue);
// Without what only follows from another error at the same place or of the same field.
std::vector<LintFinding> first_causes(std::vector<LintFinding> findings);
ReadMaterial lint_material(const ReadFile& read_file);

// What is unwise in one policy.
void lint_policy(const LintedDocument& document, TimePoint now, LintNotes& notes);
// Its certificates, or those of a TrustRoot.
void lint_trust(const LintedDocument& document, TimePoint now, LintNotes& notes);
// What documents are only unwise about together.
void lint_together(std::span<const LintedDocument> documents, LintNotes& notes);

// Drops what comments in the files suppress; what is wrong with the comments is added.
std::vector<LintFinding> without_suppressed(std::vector<LintFinding> findings,
                                            std::span<const SourceFile> files);

}  // namespace signet
