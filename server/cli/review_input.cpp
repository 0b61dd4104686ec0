#include "server/cli/review_input.hpp"

#include <algorithm>
#include <array>

#include "core/admission/json_view.hpp"
#include "core/admission/object_metadata.hpp"
#include "core/base/nearest.hpp"
#include "core/base/text.hpp"
#include "server/cli/manifest_review.hpp"

namespace signet {
namespace {

constexpr std::size_t kNestedLists = 4;  // kubectl flattens them; a generator may stack a few
constexpr std::string_view kListEnding = "List";
constexpr std::string_view kRolloutHash = "rollouts-pod-template-hash";
constexpr std::string_view kTemplateHash = "pod-template-hash";

// Kinds whose images would be read, were they of the version that Kubernetes has now.
constexpr std::array<std::string_view, 9> kWorkloadKinds = {
    "Pod",        "PodTemplate", "ReplicationController",
    "Deployment", "ReplicaSet",  "StatefulSet",
    "DaemonSet",  "Job",         "CronJob"};

bool is_workload_kind(std::string_view kind) {
  return std::find(kWorkloadKinds.begin(), kWorkloadKinds.end(), kind) != kWorkloadKinds.end();
}

// The workload that a mistyped kind of Kubernetes' own groups means; empty: none. The API server
// would refuse it, and it must not pass for something that names no image.
std::string_view meant_workload(const ObjectKind& kind) {
  constexpr std::size_t kLettersForATypo = 4;
  if (is_workload_kind(kind.kind) || !is_known_group(kind.group)) return "";
  for (const std::string_view workload : kWorkloadKinds) {
    const std::size_t edits = edit_distance(to_lower(kind.kind), to_lower(workload));
    if (edits <= workload.size() / kLettersForATypo) return workload;
  }
  return "";
}

std::string_view why_exempt(Exemption exemption) {
  switch (exemption) {
    case Exemption::operation:
      return "reviews of deletions and connections, after which nothing new runs";
    case Exemption::subresource:
      return "writes to a part of an object that holds no image";
    case Exemption::mirror:
      return "static pods, which the API server cannot stop";
    case Exemption::owned:
      return "objects made by a controller, which is judged itself, as are their Pods";
    case Exemption::none:
      break;
  }
  return "";
}

}  // namespace

struct ReviewInput::Parser {
  simdjson::dom::parser dom;
};

// What is read of an object before it is put to the reader of reviews.
struct ReviewInput::Read {
  JsonObject object;
  std::string_view json;
  std::string api_version;
  ObjectKind kind;
  std::string ns;
  std::string name;

  std::string str() const {
    const std::string shown = name.empty() ? "(no name)" : printable(name, kNameBytes);
    return cat(printable(kind.kind, 80), " ", printable(ns, kNameBytes), "/", shown);
  }
};

ReviewInput::ReviewInput(std::shared_ptr<const PolicySet> policies, ReviewInputRules rules)
    : policies_(std::move(policies)),
      rules_(std::move(rules)),
      labels_(policies_->label_keys.of_object),
      parser_(std::make_unique<Parser>()) {
  for (const std::string_view hash : {kTemplateHash, kRolloutHash})
    labels_.emplace_back(hash);
  std::sort(labels_.begin(), labels_.end());
  labels_.erase(std::unique(labels_.begin(), labels_.end()), labels_.end());
}

ReviewInput::~ReviewInput() = default;

// ---- what kind of object

Result<void> ReviewInput::add(const ManifestObject& object) {
  return add(object, 0);
}

Result<void> ReviewInput::add(const ManifestObject& object, std::size_t depth) {
  simdjson::dom::parser nested;  // the outer one is still read
  JsonElement root;
  Read read;
  auto& dom = depth == 0 ? parser_->dom : nested;
  if (dom.parse(object.json.data(), object.json.size()).get(root) != simdjson::SUCCESS ||
      root.get_object().get(read.object) != simdjson::SUCCESS) {
    return malformed("this object cannot be read");
  }
  auto api = text_of(read.object, "apiVersion", "object");
  auto kind = text_of(read.object, "kind", "object");
  if (!api || !kind) return malformed("apiVersion and kind must be texts");
  if (api->empty() && kind->empty() && object.list_kind.ends_with(kListEnding)) {
    *api = object.list_api;
    *kind = object.list_kind.substr(0, object.list_kind.size() - kListEnding.size());
  }
  if (api->empty() || kind->empty()) {
    return malformed(
        "an object without apiVersion and kind is no manifest; for the items of "
        "a list, `kubectl get -o yaml` writes them");
  }
  read.json = object.json;
  read.kind = kind_named(*api, *kind);
  read.api_version = std::move(*api);
  if (read.kind.kind == "AdmissionReview") return add_review(object.json);
  if (read.kind.kind.ends_with(kListEnding) && member_of(read.object, "items")) {
    return add_nested(read, depth);
  }
  const std::string_view meant = meant_workload(read.kind);
  if (!meant.empty()) {
    return malformed(
        cat("there is no kind ", printable(read.kind.str(), 160), "; did you mean ", meant, "?"));
  }
  add_object(read);
  return {};
}

Result<void> ReviewInput::add_nested(const Read& list, std::size_t depth) {
  const auto items = array_of(list.object, "items", "object");
  if (depth >= kNestedLists || !items) {
    return malformed("the items of a List must be objects, in lists not deeper than 4 levels");
  }
  const JsonArray elements = **items;
  for (const JsonElement element : elements) {
    const std::string json = simdjson::minify(element);
    auto done = add(ManifestObject{json, list.api_version, list.kind.kind}, depth + 1);
    if (!done) return done;
  }
  return {};
}

// ---- as the webhook reads it

Result<void> ReviewInput::add_review(std::string_view json) {
  const ReviewRules rules{Reverify::none, rules_.extra_resources, &labels_};
  const auto review = parse_review(json, rules, &scratch_);
  if (!review) return review.error();
  ++questions_.objects;
  Read object;
  object.kind = review->kind;
  object.ns = review->ns;
  object.name = review->name;
  ask(*review, object, rules_.unpinned.value_or(Unpinned::deny));
  return {};
}

void ReviewInput::add_object(Read& object) {
  ++questions_.objects;
  const auto metadata = object_of(object.object, "metadata", "object");
  if (metadata && *metadata) {
    auto ns = name_in(**metadata, "namespace", "metadata");
    auto name = name_in(**metadata, "name", "metadata");
    if (ns) object.ns = std::move(*ns);
    if (name) object.name = std::move(*name);
  }
  if (object.kind == ObjectKind{"", "v1", "Namespace"}) return note_namespace(object);
  if (object.ns.empty()) object.ns = rules_.ns;
  const std::string resource = resource_of(object);
  if (resource.empty()) return;

  const bool says_kind = member_of(object.object, "kind").has_value();
  const std::string json =
      review_of_creation(CreatedObject{object.kind, resource, object.ns, object.json, says_kind});
  const ReviewRules rules{Reverify::none, rules_.extra_resources, &labels_};
  auto review = parse_review(json, rules, &scratch_);
  Review broken;
  if (!review) broken.problem = review.error().as(Reason::malformed_object);
  ask(review ? *review : broken, object, rules_.unpinned.value_or(Unpinned::allow));
}

void ReviewInput::note_namespace(const Read& object) {
  PodObject holder;
  if (!read_labels(object.object, "", nullptr, holder.labels)) return;
  rules_.namespace_labels.insert_or_assign(object.name, std::move(holder.labels));
}

// Of what is judged; else empty, and said where there may be images in it.
std::string ReviewInput::resource_of(const Read& object) {
  const ObjectKind& kind = object.kind;
  const std::string plural = plural_of_kind(kind.kind);
  if (holds_images(kind)) return plural;
  for (const ExtraResource& extra : rules_.extra_resources) {
    const auto& versions = extra.versions;
    const bool has_version =
        std::find(versions.begin(), versions.end(), kind.version) != versions.end();
    const bool is_named = extra.resource == plural || extra.resource == to_lower(kind.kind);
    if (extra.group == kind.group && has_version && is_named) return extra.resource;
  }
  const std::string shown = printable(kind.str(), 160);
  if (is_workload_kind(kind.kind) && is_known_group(kind.group)) {
    skip(cat(shown, ": not a version of this kind that is judged; `kubectl convert` writes v1"),
         object);
  } else if (!is_known_group(kind.group)) {
    skip(cat(shown, ": where it names images is not known; if it does, give --extra-resource ",
             printable(cat(kind.group, "=", plural, "=", kind.version), 160),
             "=PATH here and in the setting webhook.extraResources, with a PATH as in "
             "spec.steps[*].image"),
         object);
  }
  return "";
}

// ---- questions

void ReviewInput::skip(const std::string& why, const Read& object) {
  auto& skipped = questions_.skipped;
  const bool is_full = skipped.size() >= kReviewSkips && !skipped.contains(why);
  ReviewSkip& entry = skipped[is_full ? "objects of more kinds, as above" : why];
  if (entry.count++ == 0) entry.first = object.str();
}

void ReviewInput::ask(const Review& review, const Read& object, Unpinned unpinned) {
  const std::uint32_t workload = workload_of(object, review.object);
  if (review.problem) {
    ++questions_.problem_count;
    if (questions_.problems.size() >= kReviewProblems) return;
    questions_.problems.push_back(ReviewProblem{object.str(), workload, review.problem->reason(),
                                                printable(review.problem->what(), 512)});
    return;
  }
  if (review.exemption != Exemption::none) {
    return skip(std::string(why_exempt(review.exemption)), object);
  }
  if (!review.unchanged.empty()) skip("updates with images that run already", object);
  if (!review.object.placeholders.empty()) skip("images with a parameter in them", object);
  const bool is_pod = review.object.holder == PodObject::Holder::pod;
  for (const PodImage& image : review.object.images) {
    ReviewCase& asked = case_of(review, image.reference, is_pod ? unpinned : Unpinned::allow);
    const bool is_new = asked.workloads.empty() || asked.workloads.back() != workload;
    if (is_new) asked.workloads.push_back(workload);
    ++asked.uses;
    if (asked.places.size() < kReviewPlaces) {
      asked.places.push_back(ReviewPlace{object.str(), image.field});
    }
  }
}

ReviewCase& ReviewInput::case_of(const Review& review, const std::string& image,
                                 Unpinned unpinned) {
  Workload workload;
  workload.ns = review.ns;
  workload.labels = review.object.labels;
  const std::string key = cat(workload_key(*policies_, workload), ".",
                              std::to_string(static_cast<int>(unpinned)), ".", image);
  auto& cases = questions_.cases;
  const auto [known, is_new] = known_.emplace(key, cases.size());
  if (is_new) cases.push_back(ReviewCase{image, std::move(workload), unpinned, 0, {}, {}});
  return cases[known->second];
}

// A Pod counts as what made it, and its ReplicaSet as the Deployment or Rollout behind that.
std::uint32_t ReviewInput::workload_of(const Read& object, const PodObject& pod) {
  std::string kind = pod.controller.empty() ? object.kind.kind : pod.controller;
  std::string name = pod.controller.empty() ? object.name : pod.controller_name;
  for (const auto& [label, owner] :
       {std::pair(kTemplateHash, "Deployment"), std::pair(kRolloutHash, "Rollout")}) {
    const auto hash = label_of(pod.labels, label);
    const std::string ending = hash ? cat("-", *hash) : "";
    if (kind != "ReplicaSet" || ending.empty() || !name.ends_with(ending)) continue;
    name.resize(name.size() - ending.size());
    kind = owner;
  }
  const std::size_t hash = std::hash<std::string>()(cat(object.ns, "/", kind, "/", name));
  const auto number = static_cast<std::uint32_t>(workload_ids_.size());
  return workload_ids_.emplace(hash, number).first->second;
}

ReviewQuestions ReviewInput::finish() {
  known_.clear();
  auto& cases = questions_.cases;
  for (ReviewCase& asked : cases) {
    std::sort(asked.workloads.begin(), asked.workloads.end());
    const auto twins = std::unique(asked.workloads.begin(), asked.workloads.end());
    asked.workloads.erase(twins, asked.workloads.end());
    const auto labels = rules_.namespace_labels.find(asked.workload.ns);
    if (labels == rules_.namespace_labels.end()) continue;
    asked.workload.namespace_labels = labels->second;
    // The API server sets this label on every namespace, and nobody can change it.
    asked.workload.namespace_labels->insert_or_assign("kubernetes.io/metadata.name",
                                                      asked.workload.ns);
  }
  std::stable_sort(cases.begin(), cases.end(),
                   [](const ReviewCase& a, const ReviewCase& b) { return a.image < b.image; });
  questions_.workloads = workload_ids_.size();
  return std::move(questions_);
}

}  // namespace signet
