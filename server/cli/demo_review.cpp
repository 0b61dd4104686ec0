#include "server/cli/demo_review.hpp"

#include <nlohmann/json.hpp>

#include "core/base/bytes.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"

namespace signet {
namespace {

// The value that the patch's `replace` operation writes.
Result<std::string> pinned_by(const std::string& patch) {
  const auto text = unbase64(patch, Base64::standard);
  if (!text) return text.error().under("patch");
  const auto operations = parse_json(*text);
  if (!operations) return operations.error().under("patch");
  for (const Json& operation : *operations) {
    if (operation.value("op", "") == "replace") return string_member(operation, "value");
  }
  return malformed("a patch that replaces nothing");
}

}  // namespace

std::string demo_review(const std::string& pod, const std::string& image) {
  const Json metadata = {{"name", pod}, {"namespace", "shop"}};
  const Json containers = Json::array({{{"name", "app"}, {"image", image}}});
  const Json object = {{"apiVersion", "v1"},
                       {"kind", "Pod"},
                       {"metadata", metadata},
                       {"spec", {{"containers", containers}}}};
  const Json request = {{"uid", cat("demo-", pod)},
                        {"kind", {{"group", ""}, {"version", "v1"}, {"kind", "Pod"}}},
                        {"resource", {{"group", ""}, {"version", "v1"}, {"resource", "pods"}}},
                        {"name", pod},
                        {"namespace", "shop"},
                        {"operation", "CREATE"},
                        {"userInfo", {{"username", "demo"}}},
                        {"object", object},
                        {"oldObject", nullptr},
                        {"dryRun", false}};
  const Json review = {
      {"apiVersion", "admission.k8s.io/v1"}, {"kind", "AdmissionReview"}, {"request", request}};
  return review.dump();
}

Result<DemoAnswer> read_demo_answer(std::string_view body) {
  const auto review = parse_json(body);
  if (!review) return review.error().under("answer");
  const auto response = object_member(*review, "response");
  if (!response) return response.error().under("answer");
  DemoAnswer answer;
  const Json* const allowed = find_member(**response, "allowed");
  answer.allowed = allowed != nullptr && allowed->is_boolean() && allowed->get<bool>();
  if (const Json* const status = find_member(**response, "status")) {
    answer.message = status->value("message", "");
  }
  if (const Json* const warnings = find_member(**response, "warnings")) {
    answer.warnings = warnings->get<std::vector<std::string>>();
  }
  if (const Json* const patch = find_member(**response, "patch")) {
    auto pinned = pinned_by(patch->get<std::string>());
    if (!pinned) return pinned.error();
    answer.pinned = std::move(*pinned);
  }
  return answer;
}

}  // namespace signet
