#pragma once
// What one pattern of an identity matches beyond what it seems to, each shown by a value that it
// does match.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/policy/identities.hpp"

namespace signet {

struct PatternRisk {
  std::string_view rule;  // of lint_rules()
  std::string why;
  std::string instead;  // empty: the rule's own
};

std::vector<PatternRisk> subject_risks(const TextPattern& subject, SubjectType type);
std::vector<PatternRisk> issuer_risks(const TextPattern& issuer);
// Whether a regular expression matches every value.
bool accepts_all(const TextPattern& pattern);

}  // namespace signet
