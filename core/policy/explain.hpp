#pragma once
// One renderer for denials, warnings and `signet verify`: the first line complete in itself, then a
// block per image (policy.md, Denial text; webhook.md J.4). Printable ASCII, bounded.

#include <string>

#include "core/base/json.hpp"
#include "core/base/limits.hpp"
#include "core/policy/verdict.hpp"

namespace signet {

// `image <ref>: not trusted by policy <name>: <reason>`, at most kFirstLineBytes.
std::string first_line(const Verdict& verdict);
// The block below it: digest, policy, authority, each signature with its identity and why it did
// not count, what would make it pass. `field` is the JSON path of the image in its object, may be
// empty. Details go before the reason does, and the cure last, where there is no room for `most`.
std::string explanation(const Verdict& verdict, std::string_view field,
                        std::size_t most = kDenialBytes);
// What would make it pass, one sentence.
std::string cure_for(Reason reason);
// The whole tree, for --output json. Stable names, snake_case reasons.
Json verdict_json(const Verdict& verdict);

}  // namespace signet
