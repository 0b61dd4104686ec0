#include "server/kube/api.hpp"

#include <nlohmann/json.hpp>

#include "core/base/json.hpp"
#include "core/base/text.hpp"

namespace signet {

std::string KubeReply::message() const {
  const auto status_object = parse_json(body);
  if (status_object) {
    const auto said = string_member(*status_object, "message");
    if (said && !said->empty()) return *said;
  }
  return cat("the API server answered ", std::to_string(status));
}

}  // namespace signet
