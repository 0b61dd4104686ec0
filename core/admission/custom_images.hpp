#pragma once
// The images of an object of a custom kind, found along the paths that the configuration names.

#include "core/admission/image_path.hpp"
#include "core/admission/pod_images.hpp"

namespace signet {

// An absent step names no image; a step of another type fails with malformed_object. Texts with a
// parameter in them are noted as placeholders and not judged.
Result<PodObject> read_custom_object(const simdjson::dom::element& object,
                                     const ExtraResource& extra, const LabelNames* wanted);

}  // namespace signet
