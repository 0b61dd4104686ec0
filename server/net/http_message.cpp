#include "server/net/http_message.hpp"

#include "core/base/text.hpp"

namespace signet {

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
