#pragma once
// An AdmissionReview as it was asked. parse_review fails only while the uid is unknown (HTTP 400);
// from then on a broken object is a `problem`, which is denied in kind (rulings.md 19).

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/admission/pod_images.hpp"
#include "core/base/result.hpp"

namespace signet {

enum class Operation { create, update, remove, connect, other };

// Why nothing of an object is judged.
enum class Exemption {
  none,
  operation,    // DELETE, CONNECT: nothing new would run
  subresource,  // of the fixed set whose writes never reach an image
  mirror,       // the picture of a static pod, sent by its node; denying it stops nothing
  owned,        // a ReplicaSet or Job made by its controller; its Pods are judged
};

struct Review {
  std::string api_version;  // admission.k8s.io/v1, or /v1beta1
  std::string uid;
  ObjectKind kind;
  std::string group;     // of the resource
  std::string resource;  // plural
  std::string subresource;
  std::string ns;
  std::string name;  // metadata.name, or generateName where that is all there is
  std::string user;
  Operation operation = Operation::other;
  bool dry_run = false;

  Exemption exemption = Exemption::none;
  PodObject object;                 // of an UPDATE: its images are the changed ones only
  std::vector<PodImage> unchanged;  // skipped, said and counted
  std::vector<PodImage> before;     // images of oldObject
  std::optional<Error> problem;     // set: the object cannot be judged and is denied
};

// Fails with malformed_request.
Result<Review> parse_review(std::string_view body);

}  // namespace signet
