#pragma once
// What one pattern of an identity matches beyond what it seems to, each shown by a value that it
// does match.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/policy/identities.hpp"
#include "core/policy/regexp_ways.hpp"

namespace signet {

struct PatternRisk {
  std::string_view rule;  // of lint_rules()
  std::string why;
  std::string instead;  // empty: the rule's own
};

// What all patterns of one policy may cost; what one of them may is a part of it.
inline constexpr std::size_t kPolicyWork = 2'000'000;
inline constexpr std::size_t kPatternSteps = kPolicyWork / 8;

// Of a pattern that costs more than is left, it alone is told that it was not looked through; once
// nothing is left, no more is told.
std::vector<PatternRisk> subject_risks(const TextPattern& subject, SubjectType type,
                                       PatternWork& work);
std::vector<PatternRisk> issuer_risks(const TextPattern& issuer, PatternWork& work);
// Whether a regular expression matches every value.
bool accepts_all(const TextPattern& pattern);

}  // namespace signet
