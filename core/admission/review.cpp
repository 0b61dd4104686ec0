#include "core/admission/review.hpp"

#include <algorithm>
#include <array>

#include "core/admission/json_view.hpp"
#include "core/base/limits.hpp"
#include "core/base/text.hpp"

namespace signet {
namespace {

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
  if (const auto error = parser.allocate(body.size(), kReviewDepth)) {
    return bad_request(cat("the review cannot be read: ", simdjson::error_message(error)));
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
  RequestReader(JsonObject request, Review& review) : request_(request), review_(review) {}

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
    auto found = text_of(object, name, where);
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
    if (const auto kind = object(request_, "kind", "request")) {
      review_.kind =
          ObjectKind{text(*kind, "group", "request.kind"), text(*kind, "version", "request.kind"),
                     text(*kind, "kind", "request.kind")};
    }
    if (const auto resource = object(request_, "resource", "request")) {
      review_.group = text(*resource, "group", "request.resource");
      review_.resource = text(*resource, "resource", "request.resource");
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

  void read_user() {
    const auto user = object(request_, "userInfo", "request");
    if (!user) return;
    review_.user = text(*user, "username", "request.userInfo");
    const auto groups = array_of(*user, "groups", "request.userInfo");
    if (!groups) return blame(groups.error());
    if (!*groups) return;
    for (const JsonElement group : **groups) {
      std::string_view name;
      if (group.get_string().get(name) == simdjson::SUCCESS && name == "system:nodes") {
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
    auto pod = read_pod_object(*element, review_.kind);
    if (!pod) return blame(pod.error());
    review_.object = std::move(*pod);
    if (review_.name.empty()) review_.name = review_.object.name;
    judge_shape();
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
    auto before = read_pod_object(*element, review_.kind);
    if (!before) return;
    auto changes = changes_between(*before, review_.object);
    review_.before = std::move(before->images);
    review_.object.images = std::move(changes.changed);
    review_.unchanged = std::move(changes.unchanged);
  }

  JsonObject request_;
  Review& review_;
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

Result<Review> parse_review(std::string_view body) {
  simdjson::dom::parser parser;
  const auto document = parse_document(body, parser);
  if (!document) return document.error();
  JsonObject root;
  if (document->get_object().get(root) != simdjson::SUCCESS) {
    return bad_request("the review must be an object");
  }
  auto version = api_version_of(root);
  if (!version) return version.error();
  const auto request = object_of(root, "request", "review");
  if (!request) return request.error().as(Reason::malformed_request);
  if (!*request) return bad_request("request is missing");
  auto uid = uid_of(**request);
  if (!uid) return uid.error();

  Review review;
  review.api_version = std::move(*version);
  review.uid = std::move(*uid);
  RequestReader(**request, review).read();
  return review;
}

}  // namespace signet
