#pragma once
// What is read of an object's own `metadata`: its name, who controls it, its marks, and those
// labels that a policy can ask about.

#include <string>
#include <string_view>

#include "core/admission/json_view.hpp"
#include "core/admission/pod_images.hpp"

namespace signet {

// Of the object itself, not of its pod template.
Result<void> read_metadata(JsonObject object, PodObject& into);

// metadata.labels of `holder`, which stands at `where` ("" for the object itself). Only those that
// `wanted` names; all without it.
Result<void> read_labels(JsonObject holder, std::string_view where, const LabelNames* wanted,
                         Labels& into);

// A name is bounded as Kubernetes bounds it, so that a review keeps nothing large.
Result<std::string> name_in(JsonObject object, std::string_view member, std::string_view where);

}  // namespace signet
