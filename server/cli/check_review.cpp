#include "server/cli/check_review.hpp"

#include <nlohmann/json.hpp>
#include <random>

#include "core/admission/self_test.hpp"
#include "core/base/json.hpp"
#include "core/base/text.hpp"

namespace signet {
namespace {

constexpr const char* kName = "signet-check";
constexpr std::string_view kReviewApi = "admission.k8s.io/v1";

Json pod() {
  const Json containers = Json::array({{{"name", "app"}, {"image", kSelfTestImage}}});
  return {{"apiVersion", "v1"},
          {"kind", "Pod"},
          {"metadata", {{"name", kName}, {"namespace", "default"}}},
          {"spec", {{"containers", containers}}}};
}

Json policy() {
  const Json denies = {{"name", "none"}, {"static", {{"action", "deny"}}}};
  return {{"apiVersion", "signet.dev/v1alpha1"},
          {"kind", "ClusterTrustPolicy"},
          {"metadata", {{"name", kName}}},
          {"spec",
           {{"match", {{"images", {"signet-check.invalid/**"}}}},
            {"authorities", Json::array({denies})}}}};
}

Json request_of(CheckedHook hook) {
  if (hook == CheckedHook::policies) {
    return {
        {"kind",
         {{"group", "signet.dev"}, {"version", "v1alpha1"}, {"kind", "ClusterTrustPolicy"}}},
        {"resource",
         {{"group", "signet.dev"}, {"version", "v1alpha1"}, {"resource", "clustertrustpolicies"}}},
        {"object", policy()}};
  }
  return {{"kind", {{"group", ""}, {"version", "v1"}, {"kind", "Pod"}}},
          {"resource", {{"group", ""}, {"version", "v1"}, {"resource", "pods"}}},
          {"namespace", "default"},
          {"object", pod()}};
}

Error not_taken(std::string_view why) {
  return malformed(cat("no answer that an API server takes: ", why));
}

}  // namespace

CheckedHook checked_hook(std::string_view path) {
  if (path.ends_with("/validate")) return CheckedHook::validate;
  if (path.ends_with("/mutate")) return CheckedHook::mutate;
  return path.ends_with("/validate-policy") ? CheckedHook::policies : CheckedHook::other;
}

std::string fresh_check_uid() {
  std::random_device source;
  std::string uid(kSelfTestUid);
  for (int i = 0; i < 4; ++i)
    uid += cat(i == 0 ? "" : "-", std::to_string(source()));
  return uid;
}

std::string check_review(CheckedHook hook, const std::string& uid) {
  Json request = request_of(hook);
  request["uid"] = uid;
  request["name"] = kName;
  request["operation"] = "CREATE";
  request["userInfo"] = {{"username", kName}};
  request["oldObject"] = nullptr;
  request["dryRun"] = true;
  const Json review = {
      {"apiVersion", kReviewApi}, {"kind", "AdmissionReview"}, {"request", std::move(request)}};
  return review.dump();
}

Result<CheckAnswer> read_check_answer(std::string_view body, const std::string& uid) {
  const auto review = parse_json(body);
  if (!review) return not_taken(review.error().what());
  if (text_or_empty(*review, "apiVersion") != kReviewApi ||
      text_or_empty(*review, "kind") != "AdmissionReview") {
    return not_taken(cat("it is no AdmissionReview of ", kReviewApi));
  }
  const auto response = object_member(*review, "response");
  if (!response) return not_taken(response.error().what());
  if (text_or_empty(**response, "uid") != uid) return not_taken("it is for another uid");
  const Json* const allowed = find_member(**response, "allowed");
  if (allowed == nullptr || !allowed->is_boolean()) return not_taken("it does not say \"allowed\"");
  const bool patches = find_member(**response, "patch") != nullptr;
  if (patches && text_or_empty(**response, "patchType") != "JSONPatch") {
    return not_taken("its patch has no patchType");
  }
  CheckAnswer answer{allowed->get<bool>(), ""};
  const Json* const status = find_member(**response, "status");
  if (status != nullptr) answer.message = text_or_empty(*status, "message");
  return answer;
}

}  // namespace signet
