#include "core/oci/json_fields.hpp"

#include <nlohmann/json.hpp>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"

namespace signet {

Result<std::string> optional_string(const Json& object, std::string_view name) {
  const Json* const member = find_member(object, name);
  if (member == nullptr) return std::string();
  if (!member->is_string()) {
    return Error(Reason::registry_protocol, cat("member ", quoted(name, 64), " is not a string"));
  }
  return member->get<std::string>();
}

Result<Annotations> parse_annotations(const Json& object) {
  Annotations annotations;
  const Json* const member = find_member(object, "annotations");
  if (member == nullptr) return annotations;
  if (!member->is_object()) {
    return Error(Reason::registry_protocol, "the annotations are not an object");
  }
  std::size_t total = 0;
  for (const auto& [name, value] : member->items()) {
    if (!value.is_string()) {
      return Error(Reason::registry_protocol,
                   cat("annotation ", quoted(name, 80), " is not a string"));
    }
    const auto& text = value.get_ref<const std::string&>();
    total += name.size() + text.size();
    if (total > kAnnotationBytes) {
      return too_large(
          cat("annotations of more than ", std::to_string(kAnnotationBytes), " bytes"));
    }
    annotations.emplace(name, text);
  }
  return annotations;
}

}  // namespace signet
