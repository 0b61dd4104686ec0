#pragma once
// Fields that descriptors and manifests share. An absent and a null member are the same, as Go
// writes them.

#include <string>
#include <string_view>

#include "core/base/json.hpp"
#include "core/base/result.hpp"
#include "core/oci/descriptor.hpp"

namespace signet {

// Empty where the member is absent; registry_protocol where it is no string.
Result<std::string> optional_string(const Json& object, std::string_view name);

// The "annotations" member: texts only, together at most kAnnotationBytes.
Result<Annotations> parse_annotations(const Json& object);

}  // namespace signet
