#include "core/admission/object_metadata.hpp"

#include <algorithm>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"

namespace signet {
namespace {

constexpr std::string_view kMirrorAnnotation = "kubernetes.io/config.mirror";
constexpr std::string_view kOwners = "metadata.ownerReferences";

Result<void> read_owner(JsonObject metadata, PodObject& into) {
  const auto owners = array_of(metadata, "ownerReferences", "metadata");
  if (!owners) return owners.error();
  if (!*owners) return {};
  const JsonArray list = **owners;
  for (const JsonElement owner : list) {
    JsonObject fields;
    if (owner.get_object().get(fields) != simdjson::SUCCESS) {
      return malformed(cat(kOwners, " must hold objects"));
    }
    const auto controls = flag_of(fields, "controller", kOwners);
    if (!controls) return controls.error();
    if (!*controls) continue;
    auto kind = name_in(fields, "kind", kOwners);
    if (!kind) return kind.error();
    auto name = name_in(fields, "name", kOwners);
    if (!name) return name.error();
    into.controller = std::move(*kind);
    into.controller_name = std::move(*name);
    return {};
  }
  return {};
}

Result<bool> has_mirror_annotation(JsonObject metadata) {
  const auto annotations = object_of(metadata, "annotations", "metadata");
  if (!annotations) return annotations.error();
  return *annotations && member_of(**annotations, kMirrorAnnotation).has_value();
}

Result<void> add_label(const std::string& where, std::string_view name, JsonElement element,
                       Labels& into) {
  std::string_view value;
  if (element.get_string().get(value) != simdjson::SUCCESS) {
    return malformed(cat(where, ": ", quoted(name, 80), " must be a string"));
  }
  if (value.size() > kLabelBytes) {
    return malformed(cat(where, ": the value of ", quoted(name, 80), " is longer than ",
                         std::to_string(kLabelBytes), " characters"));
  }
  into.emplace(std::string(name), std::string(value));
  return {};
}

bool is_among(const LabelNames& names, std::string_view name) {
  return std::binary_search(names.begin(), names.end(), name, std::less<std::string_view>());
}

}  // namespace

Result<std::string> name_in(JsonObject object, std::string_view member, std::string_view where) {
  auto name = text_of(object, member, where);
  if (name && name->size() > kNameBytes) {
    return malformed(
        cat(where, ".", member, " is longer than ", std::to_string(kNameBytes), " characters"));
  }
  return name;
}

Result<void> read_metadata(JsonObject object, PodObject& into) {
  const auto metadata = object_of(object, "metadata", "object");
  if (!metadata) return metadata.error();
  if (!*metadata) return {};
  for (const std::string_view field : {"name", "generateName"}) {
    if (!into.name.empty()) break;
    auto name = name_in(**metadata, field, "metadata");
    if (!name) return name.error();
    into.name = std::move(*name);
  }
  into.deleting = member_of(**metadata, "deletionTimestamp").has_value();
  if (auto done = read_owner(**metadata, into); !done) return done;
  const auto mirror = has_mirror_annotation(**metadata);
  if (!mirror) return mirror.error();
  into.mirror = *mirror;
  return {};
}

Result<void> read_labels(JsonObject holder, std::string_view where, const LabelNames* wanted,
                         Labels& into) {
  if (wanted != nullptr && wanted->empty()) return {};
  const auto metadata = object_of(holder, "metadata", where.empty() ? "object" : where);
  if (!metadata) return metadata.error();
  if (!*metadata) return {};
  const std::string at = where.empty() ? "metadata" : cat(where, ".metadata");
  const auto labels = object_of(**metadata, "labels", at);
  if (!labels) return labels.error();
  if (!*labels) return {};
  const JsonObject members = **labels;
  for (const auto label : members) {
    if (wanted != nullptr && !is_among(*wanted, label.key)) continue;
    if (auto done = add_label(at + ".labels", label.key, label.value, into); !done) return done;
  }
  return {};
}

}  // namespace signet
