#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "server/kube/webhook_configuration.hpp"

namespace signet {
namespace {

using Object = nlohmann::json;

Object rule(Object operations, Object resources) {
  return {{"apiGroups", {""}},
          {"apiVersions", {"v1"}},
          {"operations", std::move(operations)},
          {"resources", std::move(resources)}};
}

class WebhookDriftTest : public ::testing::Test {
 protected:
  WebhookDriftTest() {
    entry_ = {{"name", "pods.validate.signet.dev"},
              {"failurePolicy", "Fail"},
              {"clientConfig", {{"service", {{"path", "/validate"}}}, {"caBundle", "Z29vZA=="}}},
              {"rules", Object::array({rule({"CREATE", "UPDATE"}, {"pods"}),
                                       rule({"UPDATE"}, {"pods/ephemeralcontainers"})})}};
  }
  std::vector<std::string> found() const {
    const Object object = {{"metadata", {{"name", "signet"}, {"resourceVersion", "5"}}},
                           {"webhooks", Object::array({entry_})}};
    const auto parsed = parse_webhook_configuration(kind_, object.dump());
    EXPECT_TRUE(parsed);
    return problems(drift_of({*parsed}, intent_, trusted));
  }
  static std::vector<std::string> problems(const std::vector<WebhookDrift>& drift) {
    std::vector<std::string> names;
    for (const WebhookDrift& one : drift)
      names.emplace_back(name_of(one.problem));
    return names;
  }
  static bool trusted(const std::string& pem) { return pem == "good"; }

  using Names = std::vector<std::string>;
  WebhookKind kind_ = WebhookKind::validating;
  WebhookIntent intent_{{"signet"}, "Fail", {}};
  Object entry_;
};

TEST(WebhookConfigurationTest, KnowsWhereTheApiServerCallsEachWebhook) {
  const auto url_of = [](const Object& client) {
    const Object object = {{"metadata", {{"name", "signet"}}},
                           {"webhooks", Object::array({{{"clientConfig", client}}})}};
    return parse_webhook_configuration(WebhookKind::validating, object.dump())->entries[0].url;
  };
  const Object service = {{"name", "signet"}, {"namespace", "security"}, {"path", "/validate"}};
  EXPECT_EQ(url_of({{"service", service}}), "https://signet.security.svc:443/validate");
  Object other = service;
  other["port"] = 8443;
  other.erase("path");
  EXPECT_EQ(url_of({{"service", other}}), "https://signet.security.svc:8443");
  EXPECT_EQ(url_of({{"url", "https://10.0.0.1/validate"}}), "https://10.0.0.1/validate");
}

TEST_F(WebhookDriftTest, WhatIsAsMeantHasNone) {
  EXPECT_EQ(found(), Names());
}

TEST_F(WebhookDriftTest, AConfigurationThatIsNotThereIsMissing) {
  const auto drift = drift_of({}, intent_, trusted);
  EXPECT_EQ(problems(drift), Names{"missing"});
  EXPECT_EQ(drift.front().what, "there is no webhook configuration signet");
}

TEST_F(WebhookDriftTest, EachRuleThatLacksIsNamed) {
  entry_["rules"] = Object::array({rule({"CREATE", "UPDATE"}, {"pods"})});
  EXPECT_EQ(found(), Names{"rule"});
  entry_["rules"] = Object::array({rule({"CREATE"}, {"pods", "pods/ephemeralcontainers"})});
  EXPECT_EQ(found(), (Names{"rule", "rule"}));
  entry_["rules"] = Object::array();
  EXPECT_EQ(found(), (Names{"rule", "rule", "rule"}));
}

TEST_F(WebhookDriftTest, WildcardsAskToo) {
  entry_["rules"] = Object::array({rule({"*"}, {"pods/*", "*"})});
  EXPECT_EQ(found(), Names());
  entry_["rules"] = Object::array({rule({"*"}, {"*/*"})});
  EXPECT_EQ(found(), Names());
  entry_["rules"] = Object::array({rule({"*"}, {"*"})});
  EXPECT_EQ(found(), Names{"rule"});  // no subresource
}

TEST_F(WebhookDriftTest, ARuleOfAnotherHookDoesNotValidate) {
  entry_["clientConfig"]["service"]["path"] = "/mutate";
  EXPECT_EQ(found(), (Names{"rule", "rule", "rule"}));
  entry_["clientConfig"]["service"]["path"] = "/validate";
  kind_ = WebhookKind::mutating;
  EXPECT_EQ(found(), (Names{"rule", "rule", "rule"}));
}

TEST_F(WebhookDriftTest, AUrlIsReadAsAServiceIs) {
  entry_["clientConfig"] = {{"url", "https://127.0.0.1:8443/validate?x=1"},
                            {"caBundle", "Z29vZA=="}};
  EXPECT_EQ(found(), Names());
}

TEST_F(WebhookDriftTest, AnotherFailurePolicyIsNamedUnlessAnyWillDo) {
  entry_["failurePolicy"] = "Ignore";
  EXPECT_EQ(found(), Names{"failure_policy"});
  intent_.failure_policy = "Ignore";
  EXPECT_EQ(found(), Names());
  entry_["failurePolicy"] = "Fail";
  EXPECT_EQ(found(), Names{"failure_policy"});
  intent_.failure_policy = "";
  EXPECT_EQ(found(), Names());
}

TEST_F(WebhookDriftTest, ACaBundleThatDoesNotTrustUsIsWrong) {
  entry_["clientConfig"]["caBundle"] = "YmFk";
  EXPECT_EQ(found(), Names{"ca_bundle"});
  entry_["clientConfig"].erase("caBundle");
  EXPECT_EQ(found(), Names{"ca_bundle"});
}

TEST_F(WebhookDriftTest, ResourcesOfTheSettingsMustBeAskedForToo) {
  intent_.extra = {{"tekton.dev", "tasks"}};
  EXPECT_EQ(found(), (Names{"rule", "rule"}));
  Object tasks = rule({"CREATE", "UPDATE"}, {"tasks"});
  tasks["apiGroups"] = {"tekton.dev"};
  entry_["rules"].push_back(tasks);
  EXPECT_EQ(found(), Names());
}

TEST(WebhookConfigurationTest, WhatIsNoConfigurationIsRefused) {
  for (const char* const text : {"", "[]", "{}", R"({"metadata":1})"}) {
    EXPECT_FALSE(parse_webhook_configuration(WebhookKind::validating, text)) << text;
  }
  const auto bare = parse_webhook_configuration(
      WebhookKind::mutating, R"({"metadata":{"name":"x"},"webhooks":[{},{"rules":[1]},3]})");
  ASSERT_TRUE(bare);
  EXPECT_EQ(bare->entries.size(), 3u);
}

}  // namespace
}  // namespace signet
