#pragma once
// An AdmissionReview as it was asked. parse_review fails only while the uid is unknown (HTTP 400);
// from then on a broken object is a `problem`, which is denied in kind (rulings.md 19).

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/admission/image_path.hpp"
#include "core/admission/pod_images.hpp"
#include "core/base/result.hpp"

namespace signet {

enum class Operation { create, update, remove, connect, other };
// As the metrics say it: create, update, other.
std::string_view name_of(Operation operation);

// Why nothing of an object is judged.
enum class Exemption {
  none,
  operation,    // DELETE, CONNECT: nothing new would run
  subresource,  // of the fixed set whose writes never reach an image
  mirror,       // the picture of a static pod, sent by its node; denying it stops nothing
  owned,        // a ReplicaSet or Job made by its controller; its Pods are judged
};

// Which unchanged images of an UPDATE are judged again (webhook.md B.4).
enum class Reverify { none, workloads, all };

// How reviews are read. `extra` and `labels` must outlive the call.
struct ReviewRules {
  Reverify reverify = Reverify::none;
  std::span<const ExtraResource> extra;
  const LabelNames* labels = nullptr;  // the others are left out; without it all are kept
};

struct Review {
  std::string api_version;  // admission.k8s.io/v1, or /v1beta1
  std::string uid;
  ObjectKind kind;
  std::string requested_kind;  // what was sent before the API server converted it; empty: `kind`
  std::string group;           // of the resource
  std::string resource;        // plural
  std::string subresource;
  std::string ns;
  std::string name;  // metadata.name, or generateName where that is all there is
  std::string user;  // cut where it is long
  std::size_t user_groups = 0;
  Operation operation = Operation::other;
  bool dry_run = false;

  Exemption exemption = Exemption::none;
  PodObject object;                 // of an UPDATE: its images are the changed ones only
  std::vector<PodImage> unchanged;  // skipped, said and counted
  std::vector<PodImage> before;     // images of oldObject
  std::optional<Error> problem;     // set: the object cannot be judged and is denied
};

// What is wrong with a review that could not be read, in one word: json, version, no_request.
std::string_view fault_of(const Error& unreadable);

// What reading leaves behind for the next review: storage that is made once.
class ReviewScratch {
 public:
  ReviewScratch();
  ~ReviewScratch();
  ReviewScratch(const ReviewScratch&) = delete;
  ReviewScratch& operator=(const ReviewScratch&) = delete;

 private:
  friend Result<Review> parse_review(std::string_view, const ReviewRules&, ReviewScratch*);
  std::unique_ptr<simdjson::dom::parser> parser_;
};

// Fails with malformed_request.
Result<Review> parse_review(std::string_view body, const ReviewRules& rules = {},
                            ReviewScratch* scratch = nullptr);

}  // namespace signet
