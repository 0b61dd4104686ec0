#include "server/app/cluster_objects.hpp"

#include <nlohmann/json.hpp>

#include "core/base/bytes.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"

namespace signet {

PolicyObject policy_object(PolicyKindName kind, KubeObject object) {
  PolicyObject made;
  made.kind = kind;
  made.ns = std::move(object.ns);
  made.name = std::move(object.name);
  made.uid = std::move(object.uid);
  made.resource_version = std::move(object.resource_version);
  made.generation = object.generation;
  made.json = std::move(object.json);
  return made;
}

Result<MaterialData> material_in(MaterialRef::Kind kind, std::string_view text) {
  const auto object = parse_json(text);
  if (!object) return object.error();
  MaterialData data;
  for (const std::string_view member : {"data", "binaryData"}) {
    const Json* const values = find_member(*object, member);
    if (values == nullptr || !values->is_object()) continue;
    const bool is_text = kind == MaterialRef::Kind::config_map && member == "data";
    for (const auto& [key, value] : values->items()) {
      if (!value.is_string()) return malformed(cat(member, ".", key, " is no text"));
      const std::string& written = value.get_ref<const std::string&>();
      auto blob = is_text ? Result<Blob>(written) : unbase64(written, Base64::with_lines);
      if (!blob) return blob.error().under(key);
      data.emplace(key, std::move(*blob));
    }
  }
  return data;
}

Result<Labels> labels_in_object(std::string_view text) {
  const auto object = parse_json(text);
  if (!object) return object.error();
  const Json* const metadata = find_member(*object, "metadata");
  const Json* const members = metadata == nullptr ? nullptr : find_member(*metadata, "labels");
  Labels labels;
  if (members == nullptr) return labels;
  if (!members->is_object()) return malformed("metadata.labels must be an object");
  for (const auto& [key, value] : members->items()) {
    if (!value.is_string()) return malformed("metadata.labels must hold texts");
    labels.emplace(key, value.get<std::string>());
  }
  return labels;
}

}  // namespace signet
