#include "core/admission/review.hpp"

#include <gtest/gtest.h>

#include "core/base/limits.hpp"
#include "tests/core/admission/reviews.hpp"

namespace signet {
namespace {

void expect_problem(const ReviewParts& parts, std::string_view word) {
  const Review review = parsed(parts);
  ASSERT_TRUE(review.problem);
  EXPECT_NE(review.problem->what().find(word), std::string::npos) << review.problem->what();
}

TEST(ReviewTest, ReadsTheEnvelopeOfAPodCreation) {
  ReviewParts parts = create_pod(pod_of("nginx:1.27"));
  parts.dry_run = "true";

  const Review review = parsed(parts);

  EXPECT_FALSE(review.problem);
  EXPECT_EQ(review.uid, "705ab4f5-6393-11e8-b7cc-42010a800002");
  EXPECT_EQ(review.api_version, "admission.k8s.io/v1");
  EXPECT_EQ(review.kind.str(), "v1 Pod");
  EXPECT_EQ(review.resource, "pods");
  EXPECT_EQ(review.ns, "shop");
  EXPECT_EQ(review.name, "p");
  EXPECT_EQ(review.user, "jane");
  EXPECT_EQ(review.operation, Operation::create);
  EXPECT_TRUE(review.dry_run);
  ASSERT_EQ(review.object.images.size(), 1U);
  EXPECT_EQ(review.object.images[0].reference, "nginx:1.27");
}

TEST(ReviewTest, EchoesTheBetaVersion) {
  ReviewParts parts = create_pod(pod_of("nginx"));
  parts.api_version = "admission.k8s.io/v1beta1";
  EXPECT_EQ(parsed(parts).api_version, "admission.k8s.io/v1beta1");
}

TEST(ReviewTest, RefusesWhatIsNoReview) {
  const std::string good = create_pod(pod_of("nginx")).str();
  const std::string rows[] = {
      "",
      "null",
      "[]",
      "{}",
      "7",
      "garbage",
      good.substr(0, good.size() - 1),
      good + "x",
      good + good,
      "\xEF\xBB\xBF" + good,
      std::string("\0{}", 3),
      R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"})",
      R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":null})",
      R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":[]})",
      R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{}})",
      R"({"kind":"AdmissionReview","request":{"uid":"x"}})",
      R"({"apiVersion":"admission.k8s.io/v2","kind":"AdmissionReview","request":{"uid":"x"}})",
      R"({"apiVersion":"admission.k8s.io/v1","kind":"Pod","request":{"uid":"x"}})",
      "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"\xff\"}",
  };
  for (const std::string& row : rows) {
    SCOPED_TRACE(row);
    const auto review = parse_review(row);
    ASSERT_FALSE(review);
    EXPECT_EQ(review.error().reason(), Reason::malformed_request);
  }
}

TEST(ReviewTest, RefusesAUidThatIsNoShortText) {
  for (const std::string uid : {"null", "\"\"", "7", "{}"}) {
    SCOPED_TRACE(uid);
    ReviewParts parts = create_pod(pod_of("nginx"));
    parts.uid = uid;
    EXPECT_FALSE(parse_review(parts.str()));
  }
  ReviewParts parts = create_pod(pod_of("nginx"));
  parts.uid = '"' + std::string(kUidBytes, 'u') + '"';
  EXPECT_TRUE(parse_review(parts.str()));
  parts.uid = '"' + std::string(kUidBytes + 1, 'u') + '"';
  EXPECT_FALSE(parse_review(parts.str()));
}

TEST(ReviewTest, RefusesMembersThatStandTwiceAnywhere) {
  const std::string good = create_pod(pod_of("nginx")).str();
  const std::pair<std::string, std::string> rows[] = {
      {R"("uid":)", R"("uid":"x","uid":)"},
      {R"("object":)", R"("object":null,"object":)"},
      {R"("image":)", R"("\u0069mage":"evil","image":)"},
      {R"("username":)", R"("username":"a","username":)"},
  };
  for (const auto& [from, to] : rows) {
    SCOPED_TRACE(to);
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    const auto review = parse_review(text);
    ASSERT_FALSE(review);
    EXPECT_NE(review.error().what().find("twice"), std::string::npos);
  }
}

TEST(ReviewTest, FindsATwinAmongManyMembers) {
  std::string members;
  for (int i = 0; i < 40; ++i)
    members += "\"k" + std::to_string(i) + "\":\"\",";
  const auto metadata = [&members](const std::string& last) {
    return R"({"name":"p","annotations":{)" + members + '"' + last + R"(":""}})";
  };
  const std::string spec = R"({"containers":[]})";
  EXPECT_TRUE(parse_review(create_pod(pod_text(spec, metadata("other"))).str()));
  EXPECT_FALSE(parse_review(create_pod(pod_text(spec, metadata("k7"))).str()));
}

TEST(ReviewTest, BoundsTheDepthOfTheDocument) {
  const auto nested = [](std::size_t depth) {
    // The review and its request are two levels of the depth.
    const std::size_t arrays = depth - 2;
    ReviewParts parts = create_pod(pod_of("nginx"));
    parts.operation = "DELETE";
    parts.old_object = std::string(arrays, '[') + std::string(arrays, ']');
    return parts.str();
  };
  EXPECT_TRUE(parse_review(nested(kReviewDepth)));
  EXPECT_FALSE(parse_review(nested(kReviewDepth + 1)));
  EXPECT_FALSE(parse_review(nested(100000)));
}

TEST(ReviewTest, BoundsTheSizeOfTheDocument) {
  std::string text = create_pod(pod_of("nginx")).str();
  text.append(kReviewBytes - text.size(), ' ');
  EXPECT_TRUE(parse_review(text));
  text.push_back(' ');
  EXPECT_FALSE(parse_review(text));
}

TEST(ReviewTest, DeniesInKindWhatCannotBeJudged) {
  ReviewParts parts = create_pod("null");
  expect_problem(parts, "request.object is missing");
  parts.object = R"("pod")";
  expect_problem(parts, "request.object must be an object");
  parts.object = R"({"apiVersion":"v1","kind":"Pod","metadata":{}})";
  expect_problem(parts, "spec is missing");
  parts = create_pod(pod_of("nginx"));
  parts.ns = "";
  expect_problem(parts, "request.namespace is missing");
  parts = create_pod(pod_of("nginx"));
  parts.operation = "PATCH";
  expect_problem(parts, "request.operation");
  parts = create_pod(pod_of("nginx"));
  parts.dry_run = "\"no\"";
  expect_problem(parts, "request.dryRun");
}

TEST(ReviewTest, DeniesAnObjectThatIsNotWhatTheRequestSays) {
  ReviewParts parts = create_workload("apps", "Deployment", "deployments", R"("spec":{})");
  parts.kind = R"({"group":"","version":"v1","kind":"Pod"})";
  expect_problem(parts, "request.kind says");
}

TEST(ReviewTest, DeniesKindsWithoutAPod) {
  expect_problem(create_workload("", "ConfigMap", "configmaps", R"("data":{})"), "carry no pod");
  expect_problem(
      create_workload("apps", "ControllerRevision", "controllerrevisions", R"("data":{})"),
      "carry no pod");
  ReviewParts parts = create_workload("apps", "Deployment", "deployments", R"("spec":{})");
  parts.kind = R"({"group":"apps","version":"v2","kind":"Deployment"})";
  parts.object = R"({"apiVersion":"apps/v2","kind":"Deployment"})";
  expect_problem(parts, "carry no pod");
}

TEST(ReviewTest, JudgesNothingOfDeletionsAndConnections) {
  for (const std::string operation : {"DELETE", "CONNECT"}) {
    SCOPED_TRACE(operation);
    ReviewParts parts = create_pod("null");
    parts.operation = operation;
    const Review review = parsed(parts);
    EXPECT_EQ(review.exemption, Exemption::operation);
    EXPECT_FALSE(review.problem);
  }
}

TEST(ReviewTest, ExemptsTheFixedSubresourcesAndJudgesUnknownOnes) {
  for (const std::string name :
       {"attach", "binding", "eviction", "exec", "log", "portforward", "proxy", "status"}) {
    SCOPED_TRACE(name);
    ReviewParts parts = create_pod(pod_of("nginx"));
    parts.subresource = name;
    EXPECT_EQ(parsed(parts).exemption, Exemption::subresource);
  }
  for (const std::string name : {"", "ephemeralcontainers", "resize", "foo", "Status", "scale"}) {
    SCOPED_TRACE(name);
    ReviewParts parts = create_pod(pod_of("nginx"));
    parts.subresource = name;
    const Review review = parsed(parts);
    EXPECT_EQ(review.exemption, Exemption::none);
    EXPECT_EQ(review.object.images.size(), 1U);
  }
  ReviewParts scale = create_workload("apps", "Deployment", "deployments", R"("spec":{})");
  scale.kind = R"({"group":"autoscaling","version":"v1","kind":"Scale"})";
  scale.subresource = "scale";
  EXPECT_EQ(parsed(scale).exemption, Exemption::subresource);
}

TEST(ReviewTest, IgnoresUnknownMembersAndOddNumbers) {
  const Review review = parsed(create_pod(
      R"({"apiVersion":"v1","kind":"Pod","x":-0,"y":9007199254740993,"Spec":{"containers":[]},)"
      R"("metadata":{"name":"p","managedFields":[{"f:spec":{}}]},)"
      R"("spec":{"containers":[{"name":"a","image":"nginx","Image":"evil"}]}})"));
  ASSERT_EQ(review.object.images.size(), 1U);
  EXPECT_EQ(review.object.images[0].reference, "nginx");
}

TEST(ReviewTest, KeepsAUidThatNeedsEscaping) {
  ReviewParts parts = create_pod(pod_of("nginx"));
  parts.uid = R"("a\"b\\c\u00e9\n")";
  EXPECT_EQ(parsed(parts).uid, "a\"b\\c\xc3\xa9\n");
}

}  // namespace
}  // namespace signet
