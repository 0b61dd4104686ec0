#include "core/admission/response.hpp"

#include "core/admission/json_text.hpp"
#include "core/base/bytes.hpp"

namespace signet {
namespace {

constexpr auto kObject = JsonWriter::Shape::object;
constexpr auto kArray = JsonWriter::Shape::array;

void append_details(std::string& json, const Review& review, const Decision& decision) {
  JsonWriter details(json, kObject);
  if (!review.name.empty()) details.text("name", review.name);
  if (!review.group.empty()) details.text("group", review.group);
  if (!review.resource.empty()) details.text("kind", review.resource);
  if (!decision.causes.empty()) {
    details.begin("causes");
    JsonWriter causes(json, kArray);
    for (const Cause& cause : decision.causes) {
      causes.begin();
      JsonWriter(json, kObject)
          .text("reason", "FieldValueForbidden")
          .text("message", cause.message)
          .text("field", cause.field)
          .close();
    }
    causes.close();
  }
  details.close();
}

void append_status(std::string& json, const Review& review, const Decision& decision) {
  const int code = status_code_of(decision.reason);
  JsonWriter status(json, kObject);
  status.text("status", "Failure").text("message", decision.message);
  status.text("reason", status_reason(code));
  status.begin("details");
  append_details(json, review, decision);
  status.raw("code", std::to_string(code)).close();
}

void append_response(std::string& json, const Review& review, const Decision& decision) {
  JsonWriter response(json, kObject);
  response.text("uid", review.uid).raw("allowed", decision.allowed ? "true" : "false");
  if (!decision.allowed) {
    response.begin("status");
    append_status(json, review, decision);
  }
  if (decision.allowed && !decision.patch.empty()) {
    response.text("patch", base64(decision.patch)).text("patchType", "JSONPatch");
  }
  if (!decision.audit.empty()) {
    response.begin("auditAnnotations");
    JsonWriter annotations(json, kObject);
    for (const auto& [key, value] : decision.audit)
      annotations.text(key, value);
    annotations.close();
  }
  if (!decision.warnings.empty()) {
    response.begin("warnings");
    JsonWriter warnings(json, kArray);
    for (const std::string& warning : decision.warnings)
      warnings.element(warning);
    warnings.close();
  }
  response.close();
}

}  // namespace

std::string_view status_reason(int code) {
  switch (code) {
    case 400:
      return "BadRequest";
    case 503:
      return "ServiceUnavailable";
    case 504:
      return "Timeout";
    case 500:
      return "InternalError";
    default:
      return "Forbidden";
  }
}

std::string render_response(const Review& review, const Decision& decision) {
  std::string json;
  json.reserve(512);
  JsonWriter answer(json, kObject);
  answer.text("apiVersion", review.api_version).text("kind", "AdmissionReview");
  answer.begin("response");
  append_response(json, review, decision);
  answer.close();
  return json;
}

}  // namespace signet
