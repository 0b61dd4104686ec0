#include "core/admission/review.hpp"

#include <algorithm>
#include <array>

#include "core/admission/custom_images.hpp"
#include "core/admission/json_view.hpp"
#include "core/admission/object_metadata.hpp"
#include "core/base/limits.hpp"
#include "core/base/text.hpp"

namespace signet {
namespace {

// Of a larger body the storage is given back.
constexpr std::size_t kScratchBytes = 64 * kKiB;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
// webhook.md B.2; of any other subresource of a pod the object is judged as a whole Pod.
constexpr std::array<std::string_view, 8> kPodSubresources = {
    "attach", "binding", "eviction", "exec", "log", "portforward", "proxy", "status"};
constexpr std::array<std::string_view, 2> kWorkloadSubresources = {"scale", "status"};

Error bad_request(std::string what) {
  return {Reason::malformed_request, std::move(what)};
}

Result<JsonElement> parse_document(std::string_view body, simdjson::dom::parser& parser) {
  if (body.empty()) return bad_request("the review is empty");
  if (body.size() > kReviewBytes) return bad_request("the review is larger than 7 MiB");
  if (body.starts_with(kByteOrderMark)) return bad_request("the review starts with a BOM");
  // A parser keeps what it has while that is enough.
  const bool enough = parser.capacity() >= body.size() && parser.max_depth() == kReviewDepth;
  const auto room = enough ? simdjson::SUCCESS : parser.allocate(body.size(), kReviewDepth);
  if (room != simdjson::SUCCESS) {
    return bad_request(cat("the review cannot be read: ", simdjson::error_message(room)));
  }
  JsonElement root;
  if (const auto error = parser.parse(body.data(), body.size()).get(root)) {
    return bad_request(cat("the review is not JSON: ", simdjson::error_message(error)));
  }
  if (const auto name = repeated_member(root)) {
    return bad_request(cat("the review names the member ", quoted(*name, 80), " twice"));
  }
  return root;
}

Operation operation_named(std::string_view name) {
  if (name == "CREATE") return Operation::create;
  if (name == "UPDATE") return Operation::update;
  if (name == "DELETE") return Operation::remove;
  if (name == "CONNECT") return Operation::connect;
  return Operation::other;
}

// Reads request.* of one review; the first thing that is wrong becomes its problem.
class RequestReader {
 public:
  RequestReader(JsonObject request, const ReviewRules& rules, Review& review)
      : request_(request), rules_(rules), review_(review) {}

  void read() {
    read_envelope();
    if (review_.problem) return;
    if (is_exempt()) return;
    read_object();
  }

 private:
  void blame(Error error) {
    if (!review_.problem) review_.problem = std::move(error);
  }

  std::string text(JsonObject object, std::string_view name, std::string_view where) {
    auto found = name_in(object, name, where);
    if (found) return std::move(*found);
    blame(found.error());
    return {};
  }

  std::optional<JsonObject> object(JsonObject holder, std::string_view name,
                                   std::string_view where) {
    const auto found = object_of(holder, name, where);
    if (found) return *found;
    blame(found.error());
    return std::nullopt;
  }

  void read_envelope() {
    review_.kind = kind_named("kind", "request.kind");
    if (const auto resource = object(request_, "resource", "request")) {
      review_.group = text(*resource, "group", "request.resource");
      review_.resource = text(*resource, "resource", "request.resource");
      version_ = text(*resource, "version", "request.resource");
    }
    const ObjectKind requested = kind_named("requestKind", "request.requestKind");
    if (!requested.kind.empty() && requested != review_.kind) {
      review_.requested_kind = requested.str();
    }
    review_.subresource = text(request_, "subResource", "request");
    review_.ns = text(request_, "namespace", "request");
    review_.name = text(request_, "name", "request");
    review_.operation = operation_named(text(request_, "operation", "request"));
    const auto dry_run = flag_of(request_, "dryRun", "request");
    if (!dry_run) blame(dry_run.error());
    review_.dry_run = dry_run && *dry_run;
    read_user();
  }

  ObjectKind kind_named(std::string_view member, std::string_view where) {
    const auto kind = object(request_, member, "request");
    if (!kind) return {};
    return ObjectKind{text(*kind, "group", where), text(*kind, "version", where),
                      text(*kind, "kind", where)};
  }

  void read_user() {
    const auto user = object(request_, "userInfo", "request");
    if (!user) return;
    auto name = text_of(*user, "username", "request.userInfo");
    if (!name) return blame(name.error());
    if (name->size() > 4 * kUserBytes) name->resize(4 * kUserBytes);
    review_.user = printable(*name, kUserBytes);
    const auto groups = array_of(*user, "groups", "request.userInfo");
    if (!groups) return blame(groups.error());
    if (!*groups) return;
    review_.user_groups = groups->value().size();
    for (const JsonElement group : groups->value()) {
      std::string_view text;
      if (group.get_string().get(text) == simdjson::SUCCESS && text == "system:nodes") {
        from_node_ = true;
      }
    }
  }

  bool is_exempt() {
    if (review_.operation == Operation::remove || review_.operation == Operation::connect) {
      review_.exemption = Exemption::operation;
    } else if (subresource_is_exempt()) {
      review_.exemption = Exemption::subresource;
    }
    return review_.exemption != Exemption::none;
  }

  bool subresource_is_exempt() const {
    const auto among = [this](const auto& names) {
      return std::find(names.begin(), names.end(), review_.subresource) != names.end();
    };
    if (review_.group.empty() && review_.resource == "pods") {
      return among(kPodSubresources);
    }
    return among(kWorkloadSubresources);
  }

  // The object must be what the request says it is, or the wrong fields would be read.
  bool is_what_it_says(JsonObject found) {
    const std::string kind = text(found, "kind", "request.object");
    const std::string version = text(found, "apiVersion", "request.object");
    const std::string wanted = review_.kind.group.empty()
                                   ? review_.kind.version
                                   : cat(review_.kind.group, "/", review_.kind.version);
    if (kind == review_.kind.kind && version == wanted) return true;
    blame(malformed(cat("request.object is ", quoted(version, 80), " ", quoted(kind, 80),
                        " but request.kind says ", quoted(wanted, 80), " ",
                        quoted(review_.kind.kind, 80))));
    return false;
  }

  void read_object() {
    if (review_.operation == Operation::other) {
      return blame(malformed("request.operation must be CREATE, UPDATE, DELETE or CONNECT"));
    }
    if (review_.ns.empty()) return blame(malformed("request.namespace is missing"));
    const auto element = member_of(request_, "object");
    if (!element) return blame(malformed("request.object is missing"));
    JsonObject found;
    if (element->get_object().get(found) != simdjson::SUCCESS) {
      return blame(malformed("request.object must be an object"));
    }
    if (!is_what_it_says(found)) return;
    auto pod = read_images(*element);
    if (!pod) return blame(pod.error());
    review_.object = std::move(*pod);
    if (review_.name.empty()) review_.name = review_.object.name;
    judge_shape();
  }

  Result<PodObject> read_images(const JsonElement& element) const {
    const ExtraResource* extra = holds_images(review_.kind) ? nullptr : extra_resource();
    if (extra != nullptr) return read_custom_object(element, *extra, rules_.labels);
    return read_pod_object(element, review_.kind, rules_.labels);
  }

  const ExtraResource* extra_resource() const {
    const auto is_it = [this](const ExtraResource& extra) {
      const auto& versions = extra.versions;
      return extra.group == review_.group && extra.resource == review_.resource &&
             std::find(versions.begin(), versions.end(), version_) != versions.end();
    };
    const auto found = std::find_if(rules_.extra.begin(), rules_.extra.end(), is_it);
    return found == rules_.extra.end() ? nullptr : &*found;
  }

  void judge_shape() {
    if (review_.object.mirror && from_node_) {
      review_.exemption = Exemption::mirror;
    } else if (made_by_controller()) {
      review_.exemption = Exemption::owned;
    } else if (review_.object.holder == PodObject::Holder::pod && !review_.object.empty.empty()) {
      blame(malformed(review_.object.empty.front() + " is empty"));
    } else if (review_.operation == Operation::update) {
      set_unchanged_aside();
    }
  }

  // Never Pods: whoever creates one also writes its ownerReferences.
  bool made_by_controller() const {
    const std::string& owner = review_.object.controller;
    if (review_.kind.kind == "ReplicaSet") return owner == "Deployment" || owner == "Rollout";
    return review_.kind.kind == "Job" && owner == "CronJob";
  }

  // oldObject only says what need not be judged again; where it cannot be read, all is judged.
  void set_unchanged_aside() {
    const auto element = member_of(request_, "oldObject");
    if (!element) return;
    auto before = read_images(*element);
    if (!before) return;
    review_.before = std::move(before->images);
    if (judges_unchanged()) return;
    auto changes = changes_between(review_.before, review_.object);
    review_.object.images = std::move(changes.changed);
    review_.unchanged = std::move(changes.unchanged);
  }

  bool judges_unchanged() const {
    if (rules_.reverify == Reverify::all) return true;
    return rules_.reverify == Reverify::workloads &&
           review_.object.holder != PodObject::Holder::pod;
  }

  JsonObject request_;
  const ReviewRules& rules_;
  Review& review_;
  std::string version_;  // of the resource
  bool from_node_ = false;
};

Result<std::string> api_version_of(JsonObject root) {
  const auto kind = text_of(root, "kind", "review");
  if (!kind || *kind != "AdmissionReview") return bad_request("kind must be AdmissionReview");
  auto version = text_of(root, "apiVersion", "review");
  if (version && (*version == "admission.k8s.io/v1" || *version == "admission.k8s.io/v1beta1")) {
    return version;
  }
  return bad_request("apiVersion must be admission.k8s.io/v1");
}

Result<std::string> uid_of(JsonObject request) {
  auto uid = text_of(request, "uid", "request");
  if (!uid || uid->empty()) return bad_request("request.uid must be a text that is not empty");
  if (uid->size() > kUidBytes) return bad_request("request.uid is longer than 128 bytes");
  return uid;
}

}  // namespace

std::string_view name_of(Operation operation) {
  switch (operation) {
    case Operation::create:
      return "create";
    case Operation::update:
      return "update";
    case Operation::remove:
    case Operation::connect:
    case Operation::other:
      return "other";
  }
  return "other";
}

// By the first word of the sentences in this file.
std::string_view fault_of(const Error& unreadable) {
  const std::string& what = unreadable.what();
  if (what.starts_with("apiVersion") || what.starts_with("kind")) return "version";
  return what.starts_with("request") ? "no_request" : "json";
}

ReviewScratch::ReviewScratch() : parser_(std::make_unique<simdjson::dom::parser>()) {}
ReviewScratch::~ReviewScratch() = default;

Result<Review> parse_review(std::string_view body, const ReviewRules& rules,
                            ReviewScratch* scratch) {
  simdjson::dom::parser once;
  const bool keep = scratch != nullptr && body.size() <= kScratchBytes;
  const auto document = parse_document(body, keep ? *scratch->parser_ : once);
  if (!document) return document.error();
  JsonObject root;
  if (document->get_object().get(root) != simdjson::SUCCESS) {
    return bad_request("the review must be an object");
  }
  auto version = api_version_of(root);
  if (!version) return version.error();
  const auto request = object_of(root, "request", "review");
  if (!request) return bad_request("request must be an object");
  if (!*request) return bad_request("request is missing");
  auto uid = uid_of(**request);
  if (!uid) return uid.error();

  Review review;
  review.api_version = std::move(*version);
  review.uid = std::move(*uid);
  RequestReader(**request, rules, review).read();
  return review;
}

}  // namespace signet
