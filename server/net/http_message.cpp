#include "server/net/http_message.hpp"

#include "core/base/text.hpp"

namespace signet {

std::string_view name_of(RegistryOperation operation) {
  switch (operation) {
    case RegistryOperation::head_manifest:
      return "head_manifest";
    case RegistryOperation::get_manifest:
      return "get_manifest";
    case RegistryOperation::get_blob:
      return "get_blob";
    case RegistryOperation::referrers:
      return "referrers";
    case RegistryOperation::token:
      return "token";
  }
  return "";
}

const std::string* HttpReply::header(std::string_view name) const {
  for (const auto& [field, value] : headers) {
    if (equals_ignoring_case(field, name)) return &value;
  }
  return nullptr;
}

std::vector<std::string_view> HttpReply::headers_named(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const auto& [field, value] : headers) {
    if (equals_ignoring_case(field, name)) values.emplace_back(value);
  }
  return values;
}

}  // namespace signet
