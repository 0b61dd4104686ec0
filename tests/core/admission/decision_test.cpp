#include "core/admission/decision.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>

#include "core/base/limits.hpp"
#include "core/policy/explain.hpp"
#include "tests/core/admission/verdicts.hpp"

namespace signet {
namespace {

const std::string kId = "8c5d1f0a9b7e4c21";

TEST(DecisionTest, AllowsWhenEveryImageIsTrusted) {
  const JudgedImage images[] = {judged("a", Reason::verified), judged("b", Reason::static_allowed)};
  const Decision decision = decide(pod_review(), images, kId);
  EXPECT_TRUE(decision.allowed);
  EXPECT_EQ(decision.word, DecisionWord::allow);
  EXPECT_TRUE(decision.message.empty());
  EXPECT_TRUE(decision.warnings.empty());
  EXPECT_EQ(decision.audit.at("decision"), "allow");
  EXPECT_EQ(decision.audit.at("policies"), "ClusterTrustPolicy/teams");
  EXPECT_EQ(decision.audit.at("request-id"), kId);
}

TEST(DecisionTest, DeniesWhenOneImageIsRefused) {
  const JudgedImage images[] = {judged("a", Reason::verified, 0),
                                judged("quay.io/x/b", Reason::no_signature, 1)};
  const Decision decision = decide(pod_review(), images, kId);
  EXPECT_FALSE(decision.allowed);
  EXPECT_EQ(decision.reason, Reason::no_signature);
  EXPECT_EQ(decision.word, DecisionWord::deny);
  EXPECT_TRUE(decision.message.starts_with("image quay.io/x/b: ")) << decision.message;
  EXPECT_TRUE(decision.message.ends_with("\nrequest id " + kId)) << decision.message;
  ASSERT_EQ(decision.causes.size(), 1U);
  EXPECT_EQ(decision.causes[0].field, "spec.containers[1].image");
  EXPECT_TRUE(decision.causes[0].message.starts_with("no_signature: "));
}

TEST(DecisionTest, SaysADefiniteRefusalBeforeWhatCouldNotBeChecked) {
  const Reason strictest_first[] = {Reason::no_signature, Reason::image_not_found, Reason::internal,
                                    Reason::registry_unreachable, Reason::deadline};
  for (std::size_t i = 0; i + 1 < std::size(strictest_first); ++i) {
    SCOPED_TRACE(name_of(strictest_first[i]));
    const JudgedImage images[] = {judged("a", strictest_first[i + 1]),
                                  judged("b", strictest_first[i])};
    const Decision decision = decide(pod_review(), images, kId);
    EXPECT_EQ(decision.reason, strictest_first[i]);
    EXPECT_TRUE(decision.message.starts_with("image b: "));
  }
}

TEST(DecisionTest, CallsItAnErrorOnlyWhereNothingWasRefused) {
  const JudgedImage unknown[] = {judged("a", Reason::registry_dns)};
  EXPECT_EQ(decide(pod_review(), unknown, kId).word, DecisionWord::error);
  const JudgedImage both[] = {judged("a", Reason::registry_dns), judged("b", Reason::revoked)};
  EXPECT_EQ(decide(pod_review(), both, kId).word, DecisionWord::deny);
}

TEST(DecisionTest, EveryReasonTravelsWithItsOwnStatusCode) {
  for (int i = 0; i <= static_cast<int>(Reason::malformed_object); ++i) {
    const auto reason = static_cast<Reason>(i);
    SCOPED_TRACE(name_of(reason));
    const JudgedImage images[] = {judged("a", reason)};
    const Decision decision = decide(pod_review(), images, kId);
    EXPECT_EQ(decision.allowed, standing_of(reason) == Standing::trusted);
    EXPECT_EQ(decision.reason, reason);
  }
}

TEST(DecisionTest, BoundsTheMessageAndKeepsTheRequestId) {
  std::vector<JudgedImage> images;
  for (std::size_t i = 0; i < 40; ++i) {
    images.push_back(judged("quay.io/" + std::string(200, 'x') + ":" + std::to_string(i),
                            Reason::no_signature, i));
    PolicyFinding& finding = images.back().verdict.edit().policies[0];
    for (int k = 0; k < 3; ++k) {
      AuthorityFinding authority;
      authority.name = "authority" + std::to_string(k);
      authority.detail = std::string(400, 'd');
      authority.wanted = std::string(400, 'w');
      authority.signatures.resize(4);
      for (SignatureFinding& signature : authority.signatures)
        signature.detail = std::string(300, 's');
      finding.authorities.push_back(authority);
    }
  }
  const Decision decision = decide(pod_review(), images, kId);
  EXPECT_LE(decision.message.size(), kDenialBytes);
  EXPECT_LE(decision.message.find('\n'), kFirstLineBytes);
  EXPECT_NE(decision.message.find("40 of 40 images are refused"), std::string::npos);
  EXPECT_NE(decision.message.find("and 35 more"), std::string::npos);
  // However long they are, each block has its image, its reason, and what to do about it.
  std::size_t at = 0;
  for (const char field : {'0', '1', '2', '3', '4'}) {
    const std::vector<std::string> parts = {std::string("spec.containers[") + field + "].image",
                                            "no_signature",
                                            "    fix: " + cure_for(Reason::no_signature)};
    for (const std::string& part : parts) {
      at = decision.message.find(part, at);
      ASSERT_NE(at, std::string::npos) << part << " in " << decision.message;
    }
  }
  EXPECT_TRUE(decision.message.ends_with("request id " + kId));
  EXPECT_EQ(decision.causes.size(), kCauses);
}

TEST(DecisionTest, DeniesAProblemWhateverTheVerdicts) {
  Review review = pod_review();
  review.problem = malformed("spec.containers must be an array\x1b[31m");
  const JudgedImage images[] = {judged("a", Reason::verified)};
  const Decision decision = decide(review, images, kId);
  EXPECT_FALSE(decision.allowed);
  EXPECT_EQ(decision.reason, Reason::malformed_object);
  EXPECT_NE(decision.message.find("spec.containers must be an array\\x1b[31m"), std::string::npos);
}

TEST(DecisionTest, SaysWhatWasSkipped) {
  Review review = pod_review();
  review.operation = Operation::update;
  review.unchanged.push_back(PodImage{ImageSlot::container, "a", "nginx:1", "/p", "f"});
  const Decision decision = decide(review, {}, kId);
  EXPECT_TRUE(decision.allowed);
  EXPECT_EQ(decision.word, DecisionWord::skip);
  EXPECT_EQ(decision.reason, Reason::skipped_unchanged);
  EXPECT_EQ(decision.audit.at("images"),
            R"([{"ref":"nginx:1","result":"skip","code":"skipped_unchanged"}])");
}

TEST(DecisionTest, NotesContainersOfATemplateThatNameNoImage) {
  Review review = pod_review();
  review.object.holder = PodObject::Holder::workload;
  review.object.empty = {"spec.template.spec.containers[0].image"};
  const Decision decision = decide(review, {}, kId);
  EXPECT_TRUE(decision.allowed);
  EXPECT_EQ(decision.audit.at("empty-images"), "spec.template.spec.containers[0].image");
}

TEST(DecisionTest, AllowsWithAWarningWhereThePolicyOnlyWarns) {
  JudgedImage image = judged("a", Reason::verified);
  image.verdict.edit().policies.push_back(
      finding_of("warner", Outcome::fail, Effect::warn, Reason::identity_mismatch));
  image.verdict.edit().warnings = {"policy warner: identity_mismatch\nfound x"};
  const JudgedImage images[] = {image};
  const Decision decision = decide(pod_review(), images, kId);
  EXPECT_TRUE(decision.allowed);
  EXPECT_EQ(decision.word, DecisionWord::warn);
  EXPECT_EQ(decision.warnings,
            (std::vector<std::string>{"policy warner: identity_mismatch found x"}));
  const auto audited = nlohmann::json::parse(decision.audit.at("images"));
  EXPECT_EQ(audited[0]["result"], "warn");
  EXPECT_EQ(audited[0]["code"], "identity_mismatch");
}

TEST(DecisionTest, OnlyAuditsWhereThePolicyOnlyAudits) {
  JudgedImage image = judged("a", Reason::verified);
  image.verdict.edit().policies.push_back(
      finding_of("auditor", Outcome::fail, Effect::none, Reason::no_signature));
  const JudgedImage images[] = {image};
  const Decision decision = decide(pod_review(), images, kId);
  EXPECT_TRUE(decision.allowed);
  EXPECT_EQ(decision.word, DecisionWord::audit);
  EXPECT_TRUE(decision.warnings.empty());
  EXPECT_NE(decision.audit.at("images").find("no_signature"), std::string::npos);
}

TEST(DecisionTest, KeepsAuditAnnotationsValidAndBounded) {
  const std::regex key("^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$");
  std::vector<JudgedImage> images;
  for (std::size_t i = 0; i < 200; ++i) {
    images.push_back(judged(std::string(100, 'x') + std::to_string(i), Reason::verified, i));
    images.back().verdict.edit().policies[0].name += std::to_string(i);
  }
  images.push_back(judged("last-but-refused", Reason::no_signature));
  const Decision decision = decide(pod_review(), images, kId);
  for (const auto& [name, value] : decision.audit) {
    SCOPED_TRACE(name);
    EXPECT_TRUE(std::regex_match(name, key));
    EXPECT_LE(name.size(), 63U);
    EXPECT_LE(value.size(), kAuditBytes);
  }
  const auto audited = nlohmann::json::parse(decision.audit.at("images"));
  EXPECT_EQ(audited[0]["ref"], "last-but-refused");
  EXPECT_EQ(audited[0]["digest"], some_digest().str());
}

TEST(UnpinnedTest, SpeaksOnlyAboutResolvedTagsOfPodsUnderAnEnforcingPolicy) {
  struct Obeyed {
    Mode mode;
    bool asks_for_signatures;
  };
  const Obeyed enforcing{Mode::enforce, true};
  const Obeyed warning{Mode::warn, true};
  const Obeyed fixed{Mode::enforce, false};
  const auto image_under = [](const Obeyed& policy, std::string reference) {
    JudgedImage image = judged(std::move(reference), Reason::verified);
    image.verdict.edit().policies[0].mode = policy.mode;
    image.verdict.edit().policies[0].asks_for_signatures = policy.asks_for_signatures;
    return image;
  };
  Review pod = pod_review();
  Review workload = pod_review();
  workload.object.holder = PodObject::Holder::workload;
  JudgedImage unresolved = image_under(enforcing, "nginx:1");
  unresolved.verdict.edit().digest.reset();

  EXPECT_TRUE(is_unpinned(pod, image_under(enforcing, "nginx:1")));
  EXPECT_FALSE(is_unpinned(workload, image_under(enforcing, "nginx:1")));
  EXPECT_FALSE(is_unpinned(pod, image_under(enforcing, "nginx@" + some_digest().str())));
  EXPECT_FALSE(is_unpinned(pod, image_under(warning, "nginx:1")));
  EXPECT_FALSE(is_unpinned(pod, image_under(fixed, "nginx:1")));
  EXPECT_FALSE(is_unpinned(pod, unresolved));
  EXPECT_FALSE(is_unpinned(pod, judged("nginx:1", Reason::verified)));
}

TEST(UnpinnedTest, DeniesWarnsOrAllowsAsSet) {
  const auto image_with = [](Unpinned setting, Reason reason) {
    JudgedImage image = judged("nginx:1", reason);
    image.verdict.edit().policies[0].asks_for_signatures = true;
    apply_unpinned(setting, image);
    return image;
  };
  const JudgedImage denied[] = {image_with(Unpinned::deny, Reason::verified)};
  const Decision denial = decide(pod_review(), denied, kId);
  EXPECT_FALSE(denial.allowed);
  EXPECT_EQ(denial.reason, Reason::unpinned);
  EXPECT_NE(denial.message.find("nginx:1@" + some_digest().str()), std::string::npos);

  const JudgedImage warned[] = {image_with(Unpinned::warn, Reason::verified)};
  const Decision warning = decide(pod_review(), warned, kId);
  EXPECT_TRUE(warning.allowed);
  EXPECT_EQ(warning.warnings.size(), 1U);

  const JudgedImage allowed[] = {image_with(Unpinned::allow, Reason::verified)};
  EXPECT_TRUE(decide(pod_review(), allowed, kId).warnings.empty());

  const JudgedImage refused = image_with(Unpinned::deny, Reason::no_signature);
  EXPECT_EQ(refused.verdict->reason, Reason::no_signature);
}

}  // namespace
}  // namespace signet
