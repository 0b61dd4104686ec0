#pragma once
// What there is to say about a verdict, line by line, before anybody decides how it looks: the one
// source of denials, warnings and screens. Whatever came from outside is printable here.

#include <cstdint>
#include <string>
#include <vector>

#include "core/policy/verdict.hpp"

namespace signet {

enum class LineRole { plain, good, bad, unsure };

struct ExplainedLine {
  std::size_t indent = 0;
  std::string label;  // with colon and blanks; a line that is broken goes on below its text
  std::string text;
  LineRole role = LineRole::plain;
  std::size_t own_words = 0;  // so much of the text is Signet's, and may be coloured by the role
};

// How much of the tree is shown. What is left out is counted, in a line of its own.
struct ExplainDepth {
  std::size_t policies = SIZE_MAX;
  std::size_t authorities = 3;  // of each policy
  std::size_t signatures = 3;   // of each authority
  bool whole = false;           // also what passed, with the steps of each signature
  bool searched = true;         // the places that were looked at
};

// The blocks of all policies that have something to say; none where no policy was asked.
std::vector<ExplainedLine> policy_lines(const Verdict& verdict, const ExplainDepth& depth);

// `identity_mismatch (found ..., wanted ...)`.
std::string because(Reason reason, const std::string& detail);
// `not trusted`, `could not be checked`, `trusted`; with what precedes it where an objection has no
// effect.
std::string standing_words(const Verdict& verdict);

}  // namespace signet
