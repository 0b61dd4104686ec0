#pragma once
// The patterns of the peers as Signet's. Theirs are on whole references, tag and digest included,
// and their regular expressions search; ours are on names, and match the whole value.

#include <string>
#include <string_view>
#include <vector>

namespace signet {

struct CarriedGlobs {
  std::vector<std::string> globs;  // empty: no pattern here covers the same
  bool exact = true;               // false: they cover more than the peer's pattern
  std::string why;                 // what to tell, if anything
};

enum class GlobDialect {
  policy_controller,   // `*` within a component, `**` across them
  kyverno,             // `*` and `?` across components
  kyverno_validating,  // the same, and classes and alternatives
};
// They cover at least what the peer's pattern does.
CarriedGlobs carry_glob(std::string_view pattern, GlobDialect dialect);
// OpenShift: a host, a prefix of whole components, or one image.
CarriedGlobs carry_scope(std::string_view scope);

// A regular expression that matches a whole value where `searched` is found in it.
std::string carry_search(std::string_view searched);
// Text in which `*` and `?` are wildcards, as a regular expression.
std::string carry_wildcards(std::string_view text);

}  // namespace signet
