#include "core/admission/pod_images.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "core/admission/json_view.hpp"
#include "core/admission/object_metadata.hpp"
#include "core/base/limits.hpp"
#include "core/base/text.hpp"

namespace signet {
namespace {

struct Layout {
  std::string_view group;
  std::string_view kind;
  std::array<std::string_view, 4> path;  // from the object to what holds `metadata` and `spec`
  PodObject::Holder holder;
};

constexpr auto kPod = PodObject::Holder::pod;
constexpr auto kWorkload = PodObject::Holder::workload;

constexpr std::array kLayouts = {
    Layout{"", "Pod", {}, kPod},
    Layout{"", "PodTemplate", {"template"}, kWorkload},
    Layout{"", "ReplicationController", {"spec", "template"}, kWorkload},
    Layout{"apps", "Deployment", {"spec", "template"}, kWorkload},
    Layout{"apps", "ReplicaSet", {"spec", "template"}, kWorkload},
    Layout{"apps", "StatefulSet", {"spec", "template"}, kWorkload},
    Layout{"apps", "DaemonSet", {"spec", "template"}, kWorkload},
    Layout{"batch", "Job", {"spec", "template"}, kWorkload},
    Layout{"batch", "CronJob", {"spec", "jobTemplate", "spec", "template"}, kWorkload},
};

const Layout* layout_of(const ObjectKind& kind) {
  if (kind.version != "v1") return nullptr;
  for (const Layout& layout : kLayouts) {
    if (layout.group == kind.group && layout.kind == kind.kind) return &layout;
  }
  return nullptr;
}

// Reads the pod spec at one place of an object into a PodObject.
class SpecReader {
 public:
  SpecReader(std::string where, PodObject& into) : where_(std::move(where)), into_(into) {}

  Result<void> read(JsonObject spec) {
    for (const auto& [member, slot] : kContainerLists) {
      if (auto done = read_list(spec, member, slot); !done) return done;
    }
    if (auto done = read_list(spec, "volumes", ImageSlot::volume); !done) return done;
    return read_logins(spec);
  }

 private:
  struct ContainerList {
    std::string_view member;
    ImageSlot slot;
  };
  static constexpr std::array kContainerLists = {
      ContainerList{"containers", ImageSlot::container},
      ContainerList{"initContainers", ImageSlot::init_container},
      ContainerList{"ephemeralContainers", ImageSlot::ephemeral_container},
  };

  Result<void> read_list(JsonObject spec, std::string_view member, ImageSlot slot) {
    const auto list = array_of(spec, member, where_);
    if (!list) return list.error();
    if (!*list) return {};
    std::size_t index = 0;
    for (const JsonElement element : **list) {
      const std::string at = cat(where_, ".", member, "[", std::to_string(index++), "]");
      JsonObject entry;
      if (element.get_object().get(entry) != simdjson::SUCCESS) {
        return malformed(at + " must be an object");
      }
      auto done = slot == ImageSlot::volume ? read_volume(entry, at)
                                            : take_image(entry, entry, "image", at, at, slot);
      if (!done) return done;
    }
    return {};
  }

  Result<void> read_logins(JsonObject spec) {
    auto account = name_in(spec, "serviceAccountName", where_);
    if (!account) return account.error();
    into_.service_account = std::move(*account);
    const auto list = array_of(spec, "imagePullSecrets", where_);
    if (!list) return list.error();
    if (!*list) return {};
    const JsonArray secrets = **list;
    for (const JsonElement element : secrets) {
      if (auto done = read_pull_secret(element); !done) return done;
    }
    return {};
  }

  Result<void> read_pull_secret(JsonElement element) {
    const std::string at = cat(where_, ".imagePullSecrets");
    JsonObject entry;
    if (element.get_object().get(entry) != simdjson::SUCCESS) {
      return malformed(at + " must hold objects");
    }
    auto name = name_in(entry, "name", at);
    if (!name) return name.error();
    auto& names = into_.pull_secrets;
    const bool is_new = std::find(names.begin(), names.end(), *name) == names.end();
    if (is_new && !name->empty() && names.size() <= kPullSecrets) names.push_back(*std::move(name));
    return {};
  }

  Result<void> read_volume(JsonObject volume, const std::string& at) {
    const auto image = object_of(volume, "image", at);
    if (!image) return image.error();
    if (!*image) return {};
    return take_image(volume, **image, "reference", at, at + ".image", ImageSlot::volume);
  }

  // `named` carries the name, `holder` (at `holder_at`) the image itself.
  Result<void> take_image(JsonObject named, JsonObject holder, std::string_view member,
                          const std::string& at, const std::string& holder_at, ImageSlot slot) {
    auto name = name_in(named, "name", at);
    if (!name) return name.error();
    auto reference = text_of(holder, member, holder_at);
    if (!reference) return reference.error();
    std::string field = cat(holder_at, ".", member);
    if (reference->empty()) {
      if (into_.empty.size() < kImagesPerReview) into_.empty.push_back(std::move(field));
      return {};
    }
    std::string pointer = pointer_to(field);
    PodImage image{slot, std::move(*name), std::move(*reference), std::move(pointer),
                   std::move(field)};
    return add_image(into_, std::move(image));
  }

  // Field paths here hold only names of the API and indexes, so nothing needs ~0 or ~1.
  static std::string pointer_to(std::string_view field) {
    std::string pointer = "/";
    for (const char c : field) {
      if (c == ']') continue;
      pointer.push_back(c == '.' || c == '[' ? '/' : c);
    }
    return pointer;
  }

  std::string where_;
  PodObject& into_;
};

// What holds the pod's own metadata and spec; nothing where a template is absent.
Result<std::optional<JsonObject>> walk(JsonObject object, const Layout& layout,
                                       std::string& where) {
  std::optional<JsonObject> at = object;
  for (const std::string_view step : layout.path) {
    if (step.empty()) break;
    auto next = object_of(*at, step, where.empty() ? "object" : where);
    if (!next) return next.error();
    at = *next;
    where = where.empty() ? std::string(step) : cat(where, ".", step);
    if (!at) break;
  }
  return at;
}

Result<void> read_pod(JsonObject pod, const std::string& where, const LabelNames* wanted,
                      PodObject& into) {
  const std::string prefix = where.empty() ? where : where + ".";
  const std::string_view holder = where.empty() ? std::string_view("object") : where;
  if (auto done = read_labels(pod, where, wanted, into.labels); !done) return done;
  const auto spec = object_of(pod, "spec", holder);
  if (!spec) return spec.error();
  if (*spec) return SpecReader(prefix + "spec", into).read(**spec);
  if (into.holder == PodObject::Holder::pod) return malformed("object.spec is missing");
  return {};
}

bool holds(std::span<const PodImage> images, const PodImage& wanted) {
  // What was cut is not known to be the same.
  if (wanted.reference.size() > kReferenceBytes) return false;
  return std::any_of(images.begin(), images.end(), [&wanted](const PodImage& image) {
    return image.slot == wanted.slot && image.name == wanted.name &&
           image.reference == wanted.reference;
  });
}

}  // namespace

std::string ObjectKind::str() const {
  return group.empty() ? cat(version, " ", kind) : cat(group, "/", version, " ", kind);
}

bool holds_images(const ObjectKind& kind) {
  return layout_of(kind) != nullptr;
}

Result<void> add_image(PodObject& into, PodImage image) {
  if (into.images.size() == kImagesPerReview) {
    return too_large(
        cat("the object names more than ", std::to_string(kImagesPerReview), " images; split it"));
  }
  if (image.reference.size() > kReferenceBytes) image.reference.resize(kReferenceBytes + 1);
  into.images.push_back(std::move(image));
  return {};
}

Result<PodObject> read_pod_object(const simdjson::dom::element& element, const ObjectKind& kind,
                                  const LabelNames* wanted) {
  const Layout* layout = layout_of(kind);
  if (layout == nullptr) {
    return malformed(cat("objects of kind ", printable(kind.str(), 120),
                         " carry no pod; remove them from the rules of the webhook"));
  }
  JsonObject object;
  if (element.get_object().get(object) != simdjson::SUCCESS) {
    return malformed("request.object must be an object");
  }
  PodObject found;
  found.holder = layout->holder;
  if (auto done = read_metadata(object, found); !done) return done.error();
  std::string where;
  const auto pod = walk(object, *layout, where);
  if (!pod) return pod.error();
  if (!*pod) return found;
  if (auto done = read_pod(**pod, where, wanted, found); !done) return done.error();
  return found;
}

ImageChanges changes_between(std::span<const PodImage> before, const PodObject& now) {
  ImageChanges changes;
  for (const PodImage& image : now.images) {
    (holds(before, image) ? changes.unchanged : changes.changed).push_back(image);
  }
  return changes;
}

}  // namespace signet
