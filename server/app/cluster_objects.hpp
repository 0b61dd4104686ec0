#pragma once
// Objects of the API server as policies know them.

#include <map>
#include <string>
#include <string_view>

#include "server/kube/watch_objects.hpp"
#include "server/verify/policy_objects.hpp"

namespace signet {

using MaterialData = std::map<std::string, Blob>;

PolicyObject policy_object(PolicyKindName kind, KubeObject object);

// `data` of a ConfigMap is text; that of a Secret, and `binaryData`, is base64. Fails with
// malformed_object.
Result<MaterialData> material_in(MaterialRef::Kind kind, std::string_view object);

// metadata.labels of a Namespace. Fails with malformed_object.
Result<Labels> labels_in_object(std::string_view object);

}  // namespace signet
