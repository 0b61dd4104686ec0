#pragma once
// The AdmissionReview of a case, made of what the case gives: images, a Pod, or any object.

#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "core/policy/yaml.hpp"

namespace signet {

struct CaseObject {
  std::vector<std::string> images;   // of a Pod, where there is no `object`
  const YamlNode* object = nullptr;  // a whole object; of a Pod `kind` may be left out
  const YamlNode* before = nullptr;  // the object before an update
  std::string ns;
};

// Fails with malformed_object.
Result<std::string> review_of(const CaseObject& object);

}  // namespace signet
