#include "core/admission/pod_images.hpp"

#include <algorithm>
#include <array>
#include <span>

#include "core/admission/json_view.hpp"
#include "core/base/limits.hpp"
#include "core/base/text.hpp"

namespace signet {
namespace {

constexpr std::string_view kMirrorAnnotation = "kubernetes.io/config.mirror";

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

Result<void> read_labels(JsonObject metadata, const std::string& where, Labels& labels) {
  const auto found = object_of(metadata, "labels", where);
  if (!found) return found.error();
  if (!*found) return {};
  for (const auto label : **found) {
    std::string_view value;
    if (label.value.get_string().get(value) != simdjson::SUCCESS) {
      return malformed(cat(where, ".labels: ", quoted(label.key, 80), " must be a string"));
    }
    labels.emplace(std::string(label.key), std::string(value));
  }
  return {};
}

Result<std::string> controller_of(JsonObject metadata) {
  const auto owners = array_of(metadata, "ownerReferences", "metadata");
  if (!owners) return owners.error();
  if (!*owners) return std::string();
  for (const JsonElement owner : **owners) {
    JsonObject fields;
    if (owner.get_object().get(fields) != simdjson::SUCCESS) {
      return malformed("metadata.ownerReferences must hold objects");
    }
    const auto controls = flag_of(fields, "controller", "metadata.ownerReferences");
    if (!controls) return controls.error();
    if (*controls) return text_of(fields, "kind", "metadata.ownerReferences");
  }
  return std::string();
}

Result<bool> has_mirror_annotation(JsonObject metadata) {
  const auto annotations = object_of(metadata, "annotations", "metadata");
  if (!annotations) return annotations.error();
  return *annotations && member_of(**annotations, kMirrorAnnotation).has_value();
}

Result<void> read_metadata(JsonObject object, PodObject& into) {
  const auto metadata = object_of(object, "metadata", "object");
  if (!metadata) return metadata.error();
  if (!*metadata) return {};
  for (const std::string_view field : {"name", "generateName"}) {
    if (!into.name.empty()) break;
    auto name = text_of(**metadata, field, "metadata");
    if (!name) return name.error();
    into.name = std::move(*name);
  }
  auto controller = controller_of(**metadata);
  if (!controller) return controller.error();
  into.controller = std::move(*controller);
  const auto mirror = has_mirror_annotation(**metadata);
  if (!mirror) return mirror.error();
  into.mirror = *mirror;
  return {};
}

// Reads the pod spec at one place of an object into a PodObject.
class SpecReader {
 public:
  SpecReader(std::string where, PodObject& into) : where_(std::move(where)), into_(into) {}

  Result<void> read(JsonObject spec) {
    for (const auto& [member, slot] : kContainerLists) {
      if (auto done = read_list(spec, member, slot); !done) return done;
    }
    return read_list(spec, "volumes", ImageSlot::volume);
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
                                            : add_image(entry, entry, "image", at, at, slot);
      if (!done) return done;
    }
    return {};
  }

  Result<void> read_volume(JsonObject volume, const std::string& at) {
    const auto image = object_of(volume, "image", at);
    if (!image) return image.error();
    if (!*image) return {};
    return add_image(volume, **image, "reference", at, at + ".image", ImageSlot::volume);
  }

  // `named` carries the name, `holder` (at `holder_at`) the image itself.
  Result<void> add_image(JsonObject named, JsonObject holder, std::string_view member,
                         const std::string& at, const std::string& holder_at, ImageSlot slot) {
    auto name = text_of(named, "name", at);
    if (!name) return name.error();
    auto reference = text_of(holder, member, holder_at);
    if (!reference) return reference.error();
    std::string field = cat(holder_at, ".", member);
    if (reference->empty()) {
      into_.empty.push_back(std::move(field));
      return {};
    }
    if (into_.images.size() == kImagesPerReview) {
      return too_large(cat("the object names more than ", std::to_string(kImagesPerReview),
                           " images; split it"));
    }
    std::string pointer = pointer_to(field);
    into_.images.push_back(PodImage{slot, std::move(*name), std::move(*reference),
                                    std::move(pointer), std::move(field)});
    return {};
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

Result<void> read_pod(JsonObject pod, const std::string& where, PodObject& into) {
  const std::string prefix = where.empty() ? where : where + ".";
  const std::string_view holder = where.empty() ? std::string_view("object") : where;
  const auto metadata = object_of(pod, "metadata", holder);
  if (!metadata) return metadata.error();
  if (*metadata) {
    if (auto done = read_labels(**metadata, prefix + "metadata", into.labels); !done) return done;
  }
  const auto spec = object_of(pod, "spec", holder);
  if (!spec) return spec.error();
  if (*spec) return SpecReader(prefix + "spec", into).read(**spec);
  if (into.holder == PodObject::Holder::pod) return malformed("object.spec is missing");
  return {};
}

bool holds(std::span<const PodImage> images, const PodImage& wanted) {
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

Result<PodObject> read_pod_object(const simdjson::dom::element& element, const ObjectKind& kind) {
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
  if (auto done = read_pod(**pod, where, found); !done) return done.error();
  return found;
}

ImageChanges changes_between(const PodObject& before, const PodObject& now) {
  ImageChanges changes;
  for (const PodImage& image : now.images) {
    (holds(before.images, image) ? changes.unchanged : changes.changed).push_back(image);
  }
  return changes;
}

}  // namespace signet
