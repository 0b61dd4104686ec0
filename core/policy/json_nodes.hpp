#pragma once
// The JSON of an object of a cluster as the nodes that YAML becomes, so that both end in one
// loader. Places are unknown: an object has no lines that a person would recognise.

#include <string_view>

#include "core/policy/yaml.hpp"

namespace signet {

YamlFile read_json_object(std::string_view text);

}  // namespace signet
