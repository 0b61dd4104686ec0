#include "server/web/policy_hook.hpp"

#include <gtest/gtest.h>

#include "tests/server/web/web_fixture.hpp"

namespace signet::testing {
namespace {

std::string post_policy(const std::string& body, const std::string& type = "application/json") {
  return "POST /validate-policy?timeout=5s HTTP/1.1\r\nHost: localhost\r\nContent-Type: " + type +
         "\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

std::string review(const std::string& action) {
  return R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u1",)"
         R"("kind":{"group":"signet.dev","version":"v1alpha1","kind":"ClusterTrustPolicy"},)"
         R"("name":"a","operation":"CREATE","object":{"apiVersion":"signet.dev/v1alpha1",)"
         R"("kind":"ClusterTrustPolicy","metadata":{"name":"a"},"spec":{"match":{"images":["**"]},)"
         R"("authorities":[{"static":{"action":")" +
         action + R"("}}]}}}})";
}

TEST(PolicyHookTest, AnswersAReviewOverHttps) {
  WebFixture web;
  const std::string good = web.talk(post_policy(review("deny")));
  EXPECT_TRUE(good.starts_with("HTTP/1.1 200 ")) << good;
  EXPECT_NE(good.find(R"("uid":"u1","allowed":true)"), std::string::npos) << good;
  const std::string bad = web.talk(post_policy(review("perhaps")));
  EXPECT_TRUE(bad.starts_with("HTTP/1.1 200 ")) << bad;
  EXPECT_NE(bad.find(R"("allowed":false)"), std::string::npos) << bad;
  EXPECT_NE(bad.find("is not one of allow, deny"), std::string::npos) << bad;
}

TEST(PolicyHookTest, WhatIsNoReviewIsABadRequest) {
  WebFixture web;
  EXPECT_TRUE(web.talk(post_policy("{}")).starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(web.talk(post_policy("{}", "text/plain")).starts_with("HTTP/1.1 415 "));
}

}  // namespace
}  // namespace signet::testing
