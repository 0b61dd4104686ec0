#pragma once
// What YAML text is made of, below its grammar: the encoding of a file, and which type of the
// YAML 1.2 core schema an unquoted scalar has (`yes` is a string, `010` a number).

#include <optional>
#include <string_view>

#include "core/policy/yaml.hpp"

namespace signet {

// Too long, not UTF-8, a byte order mark or a control character.
std::optional<YamlProblem> problem_of_encoding(std::string_view text);

YamlNode::Kind kind_of_plain(std::string_view text);

}  // namespace signet
