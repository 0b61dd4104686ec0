#include "core/admission/response.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/base/bytes.hpp"
#include "tests/core/admission/verdicts.hpp"

namespace signet {
namespace {

using nlohmann::json;

Decision allowing() {
  Decision decision;
  decision.allowed = true;
  decision.word = DecisionWord::allow;
  decision.reason = Reason::verified;
  return decision;
}

Decision denying(Reason reason) {
  Decision decision;
  decision.word = DecisionWord::deny;
  decision.reason = reason;
  decision.message = "image x: not trusted\nrequest id 1";
  decision.causes = {{"spec.containers[0].image", "no_signature: none"}};
  return decision;
}

TEST(ResponseTest, IsMinimalWhereNothingIsToBeSaid) {
  EXPECT_EQ(render_response(pod_review(), allowing()),
            R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview",)"
            R"("response":{"uid":"u-1","allowed":true}})");
}

TEST(ResponseTest, AnswersInTheVersionOfTheQuestion) {
  Review review = pod_review();
  review.api_version = "admission.k8s.io/v1beta1";
  EXPECT_EQ(json::parse(render_response(review, allowing()))["apiVersion"], review.api_version);
}

TEST(ResponseTest, EchoesTheUidByteForByte) {
  Review review = pod_review();
  review.uid = "a\"b\\c\n\x01\xc3\xa9/<>";
  EXPECT_EQ(json::parse(render_response(review, allowing()))["response"]["uid"], review.uid);
}

TEST(ResponseTest, GivesADenialItsStatus) {
  const json answer = json::parse(render_response(pod_review(), denying(Reason::no_signature)));
  const json& response = answer["response"];
  EXPECT_EQ(response["allowed"], false);
  const json& status = response["status"];
  EXPECT_EQ(status["status"], "Failure");
  EXPECT_EQ(status["code"], 403);
  EXPECT_EQ(status["reason"], "Forbidden");
  EXPECT_EQ(status["message"], "image x: not trusted\nrequest id 1");
  EXPECT_EQ(status["details"]["name"], "web");
  EXPECT_EQ(status["details"]["kind"], "pods");
  EXPECT_FALSE(status["details"].contains("group"));
  EXPECT_FALSE(status["details"].contains("retryAfterSeconds"));
  const json& cause = status["details"]["causes"][0];
  EXPECT_EQ(cause["reason"], "FieldValueForbidden");
  EXPECT_EQ(cause["field"], "spec.containers[0].image");
}

TEST(ResponseTest, NamesTheReasonOfEachCode) {
  const std::pair<Reason, std::string> rows[] = {
      {Reason::registry_unreachable, "ServiceUnavailable"},
      {Reason::deadline, "Timeout"},
      {Reason::malformed_object, "BadRequest"},
      {Reason::internal, "InternalError"},
      {Reason::unpinned, "Forbidden"}};
  for (const auto& [reason, word] : rows) {
    SCOPED_TRACE(word);
    const json answer = json::parse(render_response(pod_review(), denying(reason)));
    EXPECT_EQ(answer["response"]["status"]["reason"], word);
    EXPECT_EQ(answer["response"]["status"]["code"], status_code_of(reason));
  }
}

TEST(ResponseTest, CarriesWarningsAndAuditAnnotations) {
  Decision decision = allowing();
  decision.warnings = {"one", "two"};
  decision.audit = {{"decision", "warn"}};
  const json response = json::parse(render_response(pod_review(), decision))["response"];
  EXPECT_EQ(response["warnings"], (json{"one", "two"}));
  EXPECT_EQ(response["auditAnnotations"]["decision"], "warn");
}

TEST(ResponseTest, SetsPatchAndTypeTogether) {
  Decision decision = allowing();
  json response = json::parse(render_response(pod_review(), decision))["response"];
  EXPECT_FALSE(response.contains("patch"));
  EXPECT_FALSE(response.contains("patchType"));
  decision.patch = "[]";
  response = json::parse(render_response(pod_review(), decision))["response"];
  EXPECT_EQ(*unbase64(response["patch"].get<std::string>(), Base64::standard), "[]");
  EXPECT_EQ(response["patchType"], "JSONPatch");
}

TEST(ResponseTest, NeverPatchesADenial) {
  Decision decision = denying(Reason::no_signature);
  decision.patch = "[]";
  const json response = json::parse(render_response(pod_review(), decision))["response"];
  EXPECT_FALSE(response.contains("patch"));
}

}  // namespace
}  // namespace signet
