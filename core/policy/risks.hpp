#pragma once
// What the identities of a good policy allow that its author may not have meant; for people, never
// a decision.

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "core/policy/model.hpp"

namespace signet {

struct Risk {
  std::string_view rule;  // of lint_rules()
  std::string field;      // "spec.authorities[0].certificate.identities[1].subjectRegExp"
  std::string why;        // a sentence
  std::string instead;    // what to write; empty: the rule's own

  std::string str() const;  // field: why; instead
};

// The first `most` of them, for a bounded effort whatever the policy says.
std::vector<Risk> risks_of(const Policy& policy,
                           std::size_t most = std::numeric_limits<std::size_t>::max());

}  // namespace signet
