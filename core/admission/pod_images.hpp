#pragma once
// Every image that an object would make a node pull: containers, init containers, ephemeral
// containers and image volumes of Pods and of everything that carries a pod template (webhook.md
// B.1).

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/policy/selector.hpp"

namespace simdjson::dom {
class element;
class parser;
}  // namespace simdjson::dom

namespace signet {

struct ObjectKind {
  std::string group;  // empty: the core group
  std::string version;
  std::string kind;

  std::string str() const;  // "apps/v1 Deployment"
  friend bool operator==(const ObjectKind&, const ObjectKind&) = default;
};

enum class ImageSlot { container, init_container, ephemeral_container, volume, custom };

struct PodImage {
  ImageSlot slot = ImageSlot::container;
  std::string name;       // of the container or volume
  std::string reference;  // as written; cut where it is too long to be one
  std::string pointer;    // RFC 6901: /spec/containers/0/image
  std::string field;      // spec.containers[0].image
};

struct PodObject {
  enum class Holder { pod, workload, custom };  // workload: carries a template of pods

  Holder holder = Holder::pod;
  std::string name;        // metadata.name, else metadata.generateName
  Labels labels;           // of the pod or its template
  std::string controller;  // kind of the controlling owner; empty: none
  std::string controller_name;
  bool mirror = false;    // the API server's picture of a static pod
  bool deleting = false;  // has a deletionTimestamp
  std::vector<PodImage> images;
  std::vector<std::string>
      pull_secrets;  // distinct, one more than kPullSecrets where there are more
  std::string service_account;
  std::vector<std::string> empty;         // fields of containers without an image
  std::vector<std::string> placeholders;  // fields of custom kinds with a parameter in them
};

// Names of labels that some policy asks about, sorted.
using LabelNames = std::vector<std::string>;

bool holds_images(const ObjectKind& kind);

// Fails with malformed_object, naming the field; limit_exceeded past kImagesPerReview. Of the
// labels, only those in `wanted`; all without it.
Result<PodObject> read_pod_object(const simdjson::dom::element& object, const ObjectKind& kind,
                                  const LabelNames* wanted);

// Takes one more image, or fails with limit_exceeded.
Result<void> add_image(PodObject& into, PodImage image);

// Those of `now` that `before` does not hold in the same slot, under the same name, with the same
// bytes (webhook.md B.4). An unchanged image runs already; judging it again would stop unrelated
// updates.
struct ImageChanges {
  std::vector<PodImage> changed;
  std::vector<PodImage> unchanged;
};
ImageChanges changes_between(std::span<const PodImage> before, const PodObject& now);

}  // namespace signet
