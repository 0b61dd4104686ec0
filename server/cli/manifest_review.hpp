#pragma once
// One object of a manifest as the webhook would be asked about it: the review of its creation.

#include <string>
#include <string_view>

#include "core/admission/pod_images.hpp"

namespace signet {

struct CreatedObject {
  ObjectKind kind;
  std::string resource;  // plural
  std::string ns;
  std::string_view json;
  bool says_kind = true;  // else apiVersion and kind are put in
};

// The AdmissionReview, in JSON.
std::string review_of_creation(const CreatedObject& object);

// "apps/v1" and "Deployment".
ObjectKind kind_named(std::string_view api_version, std::string_view kind);
// As the API server makes it of most kinds: "deployments", "policies".
std::string plural_of_kind(std::string_view kind);
// Whether a group holds kinds of Kubernetes itself, or ours; any other is somebody else's.
bool is_known_group(std::string_view group);

}  // namespace signet
