#include "core/admission/policy_review.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/base/json.hpp"
#include "core/base/limits.hpp"
#include "core/policy/loader.hpp"

namespace signet {
namespace {

Json policy(const std::string& kind = "ClusterTrustPolicy", const std::string& action = "deny") {
  Json object = {
      {"apiVersion", "signet.dev/v1alpha1"},
      {"kind", kind},
      {"metadata", {{"name", "teams"}, {"uid", "u"}, {"managedFields", Json::array()}}},
      {"spec",
       {{"match", {{"images", {"quay.io/shop/**"}}}},
        {"authorities", Json::array({{{"name", "fixed"}, {"static", {{"action", action}}}}})}}}};
  if (kind == "TrustPolicy") object["metadata"]["namespace"] = "shop";
  return object;
}

// As a kube-apiserver asks.
Json review(const Json& object, const std::string& operation = "CREATE",
            const std::string& kind = "ClusterTrustPolicy") {
  Json request = {
      {"uid", "8c5d1f0a"},
      {"kind", {{"group", "signet.dev"}, {"version", "v1alpha1"}, {"kind", kind}}},
      {"resource", {{"group", "signet.dev"}, {"version", "v1alpha1"}, {"resource", "x"}}},
      {"name", "teams"},
      {"operation", operation},
      {"userInfo", {{"username", "admin"}}},
      {"object", object},
      {"oldObject", nullptr},
      {"dryRun", false},
      {"options", nullptr}};
  if (kind == "TrustPolicy") request["namespace"] = "shop";
  return {{"kind", "AdmissionReview"}, {"apiVersion", "admission.k8s.io/v1"}, {"request", request}};
}

Json answer(const Json& asked, const PolicySet* policies = nullptr) {
  const auto text = answer_policy_review(asked.dump(), policies);
  if (!text) throw std::runtime_error(text.error().what());
  return Json::parse(*text).at("response");
}

std::string refusal(const Json& asked, const PolicySet* policies = nullptr) {
  const Json response = answer(asked, policies);
  if (response.at("allowed").get<bool>()) return "";
  return response.at("status").at("message").get<std::string>();
}

TEST(PolicyReviewTest, AGoodObjectOfEachKindPasses) {
  EXPECT_EQ(refusal(review(policy())), "");
  EXPECT_EQ(refusal(review(policy("TrustPolicy"), "UPDATE", "TrustPolicy")), "");
  EXPECT_EQ(answer(review(policy())).at("uid"), "8c5d1f0a");
}

TEST(PolicyReviewTest, ABadOneIsRefusedWithTheLoadersSentenceAndField) {
  const Json response = answer(review(policy("ClusterTrustPolicy", "perhaps")));
  EXPECT_FALSE(response.at("allowed").get<bool>());
  EXPECT_EQ(response.at("status").at("message"),
            "ClusterTrustPolicy/teams is invalid:\n"
            "spec.authorities[0].static.action: \"perhaps\" is not one of allow, deny");
  const Json& cause = response.at("status").at("details").at("causes").at(0);
  EXPECT_EQ(cause.at("field"), "spec.authorities[0].static.action");
  EXPECT_EQ(cause.at("message"), "\"perhaps\" is not one of allow, deny");
}

// What CEL cannot see.
TEST(PolicyReviewTest, RefusesPemPatternAndGlob) {
  Json pem = policy();
  pem["spec"]["authorities"][0] = {{"key", {{"pem", "no key"}}}};
  EXPECT_NE(refusal(review(pem)).find("spec.authorities[0].key: "), std::string::npos);

  Json glob = policy();
  glob["spec"]["match"]["images"] = {"shop/**"};
  EXPECT_NE(refusal(review(glob)).find("spec.match.images[0]: "), std::string::npos);

  Json pattern = policy();
  pattern["spec"]["authorities"][0] = {
      {"certificate",
       {{"trustRootRef", {{"name", "nobody"}}},
        {"identities", Json::array({{{"subjectRegExp", "("}, {"issuer", "https://a.example"}}})}}}};
  EXPECT_NE(refusal(review(pattern)).find("subjectRegExp: "), std::string::npos);
}

// Both are applied at once, and which of them is known first is nobody's choice.
TEST(PolicyReviewTest, ATrustRootMayComeLaterAndIsWarnedOf) {
  Json object = policy();
  object["spec"]["authorities"][0] = {
      {"certificate",
       {{"trustRootRef", {{"name", "corp"}}},
        {"identities",
         Json::array({{{"subject", "a@b.example"}, {"issuer", "https://a.example"}}})}}}};
  const auto warnings = [&](const PolicySet* policies) {
    const Json response = answer(review(object), policies);
    EXPECT_TRUE(response.at("allowed").get<bool>());
    return response.value("warnings", Json::array());
  };
  const PolicySet none = make_policy_set({}, NoMatch::deny);
  EXPECT_EQ(warnings(&none),
            Json::array({"spec.authorities[0].certificate.trustRootRef.name: there is no TrustRoot "
                         "\"corp\"; make it, or correct the name"}));
  Loaded loaded;
  loaded.trust_roots.push_back(std::make_shared<const TrustRoot>(TrustRoot{"corp", {}, "", {}}));
  const PolicySet some = make_policy_set(std::move(loaded), NoMatch::deny);
  EXPECT_EQ(warnings(&some), Json::array());
  EXPECT_EQ(warnings(nullptr), Json::array());
}

TEST(PolicyReviewTest, MaterialMayComeLater) {
  Json object = policy();
  object["spec"]["authorities"][0] = {{"key", {{"secretRef", {{"name", "a"}, {"key", "b"}}}}}};
  EXPECT_EQ(refusal(review(object)), "");
  object["spec"]["authorities"][0] = {{"key", {{"file", "a.pem"}}}};
  EXPECT_NE(refusal(review(object)).find("is for files of a policy directory"), std::string::npos);
}

TEST(PolicyReviewTest, ATeamNamesNoSecret) {
  Json object = policy("TrustPolicy");
  object["spec"]["authorities"][0] = {{"key", {{"secretRef", {{"name", "a"}, {"key", "b"}}}}}};
  EXPECT_NE(refusal(review(object, "CREATE", "TrustPolicy")).find("stands in a TrustRoot or"),
            std::string::npos);
}

TEST(PolicyReviewTest, ADeleteAndAStatusPass) {
  Json deletion = review(nullptr, "DELETE");
  EXPECT_EQ(refusal(deletion), "");
  Json status = review(policy("ClusterTrustPolicy", "perhaps"), "UPDATE");
  status["request"]["subResource"] = "status";
  EXPECT_EQ(refusal(status), "");
}

TEST(PolicyReviewTest, OtherKindsAreRefused) {
  EXPECT_NE(refusal(review(policy(), "CREATE", "Pod")).find("not \"Pod\""), std::string::npos);
  Json other = review(policy());
  other["request"]["kind"]["group"] = "example.org";
  EXPECT_NE(refusal(other), "");
  EXPECT_NE(refusal(review(policy("TrustPolicy"))), "");  // another kind than was asked about
}

TEST(PolicyReviewTest, NoObjectIsRefused) {
  EXPECT_NE(refusal(review(nullptr)), "");
  EXPECT_NE(refusal(review("text")), "");
  EXPECT_NE(refusal(review(Json::object())), "");
}

TEST(PolicyReviewTest, ManyIssuesStayWithinTheBounds) {
  Json object = policy();
  for (int i = 0; i < 200; ++i)
    object["spec"]["unknown" + std::to_string(i) + std::string(100, 'x')] = i;
  const Json response = answer(review(object));
  EXPECT_LE(response.at("status").at("message").get<std::string>().size(), kDenialBytes);
  EXPECT_EQ(response.at("status").at("details").at("causes").size(), kCauses);
}

TEST(PolicyReviewTest, AnIdentityThatAcceptsEverybodyIsAWarning) {
  Json object = policy();
  object["spec"]["authorities"][0] = {
      {"certificate",
       {{"trustRootRef", {{"name", "linuxera"}}},
        {"identities", Json::array({{{"subjectRegExp", ".*"}, {"issuerRegExp", ".*"}}})}}}};
  const Json response = answer(review(object));
  EXPECT_TRUE(response.at("allowed").get<bool>());
  EXPECT_EQ(response.at("warnings").size(), 1U);
}

TEST(PolicyReviewTest, WithoutAUidThereIsNoAnswer) {
  Json nameless = review(policy());
  nameless["request"].erase("uid");
  for (const std::string& text : {nameless.dump(), std::string("{}"), std::string("["),
                                  std::string(R"({"request":{"uid":"u"}})")}) {
    const auto answered = answer_policy_review(text, nullptr);
    ASSERT_FALSE(answered) << text;
    EXPECT_EQ(answered.error().reason(), Reason::malformed_request);
  }
}

}  // namespace
}  // namespace signet
