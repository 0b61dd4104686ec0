#include "server/kube/watch_objects.hpp"

#include <nlohmann/json.hpp>

#include "core/base/json.hpp"
#include "core/base/text.hpp"

namespace signet {
namespace {

constexpr JsonLimits kLineLimits{16 * kMiB, kJsonDepth};
constexpr JsonLimits kListLimits{64 * kMiB, kJsonDepth};

std::string optional_text(const Json& object, std::string_view name) {
  const Json* const found = find_member(object, name);
  return found != nullptr && found->is_string() ? found->get<std::string>() : std::string();
}

Result<KubeObject> object_in(Json value) {
  const auto metadata = object_member(value, "metadata");
  if (!metadata) return metadata.error();
  const auto name = string_member(**metadata, "name");
  if (!name) return name.error();
  if (name->empty()) return malformed("metadata.name is empty");
  KubeObject object;
  object.name = *name;
  object.ns = optional_text(**metadata, "namespace");
  object.uid = optional_text(**metadata, "uid");
  object.resource_version = optional_text(**metadata, "resourceVersion");
  const auto generation = number_member(**metadata, "generation");
  if (generation) object.generation = static_cast<std::int64_t>(*generation);
  for (const char* const written_by_others : {"managedFields", "resourceVersion"})
    value["metadata"].erase(written_by_others);
  value.erase("status");
  object.json = value.dump();
  return object;
}

std::optional<WatchEventKind> kind_named(std::string_view type) {
  if (type == "ADDED") return WatchEventKind::added;
  if (type == "MODIFIED") return WatchEventKind::modified;
  if (type == "DELETED") return WatchEventKind::deleted;
  if (type == "BOOKMARK") return WatchEventKind::bookmark;
  if (type == "ERROR") return WatchEventKind::error;
  return std::nullopt;
}

KubeReply reply_in(const Json& status) {
  KubeReply reply;
  const auto code = number_member(status, "code");
  reply.status = code ? static_cast<unsigned>(*code) : 500;
  reply.body = status.dump();
  return reply;
}

}  // namespace

Result<KubeObject> parse_kube_object(std::string_view json) {
  auto value = parse_json(json, kLineLimits);
  if (!value) return value.error();
  return object_in(std::move(*value));
}

Result<KubePage> parse_kube_page(std::string_view json) {
  auto value = parse_json(json, kListLimits);
  if (!value) return value.error();
  const auto metadata = object_member(*value, "metadata");
  if (!metadata) return metadata.error();
  KubePage page;
  page.resource_version = optional_text(**metadata, "resourceVersion");
  page.next = optional_text(**metadata, "continue");
  if (page.resource_version.empty()) return malformed("metadata.resourceVersion is missing");
  const Json* const items = find_member(*value, "items");
  if (items == nullptr) return page;  // null: Go writes so what is empty
  if (!items->is_array()) return malformed("items is no array");
  for (Json& item : (*value)["items"]) {
    auto object = object_in(std::move(item));
    if (object) {
      page.items.push_back(std::move(*object));
    } else {
      ++page.ignored;
    }
  }
  return page;
}

Result<WatchEvent> parse_watch_event(std::string_view line) {
  auto value = parse_json(line, kLineLimits);
  if (!value) return value.error();
  const auto type = string_member(*value, "type");
  if (!type) return type.error();
  const auto kind = kind_named(*type);
  if (!kind) return malformed(cat("an event of the unknown type ", quoted(*type, 40)));
  const auto object = object_member(*value, "object");
  if (!object) return object.error();
  WatchEvent event;
  event.kind = *kind;
  if (*kind == WatchEventKind::error) {
    event.error = reply_in(**object);
    return event;
  }
  if (*kind == WatchEventKind::bookmark) {
    const auto metadata = object_member(**object, "metadata");
    if (!metadata) return metadata.error();
    event.object.resource_version = optional_text(**metadata, "resourceVersion");
    if (event.object.resource_version.empty()) return malformed("a bookmark without a version");
    return event;
  }
  auto read = object_in(std::move((*value)["object"]));
  if (!read) return read.error();
  event.object = std::move(*read);
  return event;
}

}  // namespace signet
