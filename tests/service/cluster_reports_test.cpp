#include "server/app/cluster_reports.hpp"

#include <gtest/gtest.h>

namespace signet {
namespace {

PolicyObjectStatus status_of(PolicyKindName kind, ConditionStatus ready) {
  PolicyObjectStatus status;
  status.object = ObjectName{kind, kind == PolicyKindName::policy ? "shop" : "", "teams"};
  status.uid = "u1";
  status.generation = 3;
  status.conditions = {
      {"Ready", ready, ready == ConditionStatus::yes ? "Ready" : "Invalid", "why"}};
  return status;
}

StatusCondition condition(const WantedStatuses& wanted, std::string_view type) {
  for (const StatusCondition& one : wanted.begin()->second.conditions) {
    if (one.type == type) return one;
  }
  return {};
}

TEST(StatusesForTest, NamesObjectsAsTheApiServerDoes) {
  const auto of = [](PolicyKindName kind) {
    return path_of(statuses_for({status_of(kind, ConditionStatus::yes)}, {}).begin()->first);
  };
  const std::string group = "/apis/signet.dev/v1alpha1/";
  EXPECT_EQ(of(PolicyKindName::trust_root), group + "trustroots/teams");
  EXPECT_EQ(of(PolicyKindName::cluster_policy), group + "clustertrustpolicies/teams");
  EXPECT_EQ(of(PolicyKindName::policy), group + "namespaces/shop/trustpolicies/teams");
}

TEST(StatusesForTest, AGoodPolicyThatNoWebhookEnforcesIsNotReady) {
  const auto good = status_of(PolicyKindName::cluster_policy, ConditionStatus::yes);
  const auto wanted = statuses_for({good}, Enforcement{false, "no rule asks for pods"});
  EXPECT_EQ(wanted.begin()->second.generation, 3);
  EXPECT_EQ(condition(wanted, "Ready"),
            (StatusCondition{"Ready", "False", "NotEnforced", "no rule asks for pods"}));
  EXPECT_EQ(condition(wanted, "Enforced"),
            (StatusCondition{"Enforced", "False", "NotRegistered", "no rule asks for pods"}));
}

TEST(StatusesForTest, WhatIsWrongWithAPolicyItselfIsSaidFirst) {
  const auto bad = status_of(PolicyKindName::cluster_policy, ConditionStatus::no);
  const auto wanted = statuses_for({bad}, Enforcement{false, "no rule asks for pods"});
  EXPECT_EQ(condition(wanted, "Ready"), (StatusCondition{"Ready", "False", "Invalid", "why"}));
}

TEST(StatusesForTest, WhereNobodyWatchesThePolicyIsAsItIs) {
  const auto good = status_of(PolicyKindName::policy, ConditionStatus::yes);
  const auto wanted = statuses_for({good}, {});
  EXPECT_EQ(condition(wanted, "Ready").status, "True");
  EXPECT_EQ(condition(wanted, "Enforced").status, "Unknown");
  EXPECT_EQ(condition(statuses_for({good}, {true, ""}), "Enforced").status, "True");
}

TEST(StatusesForTest, ATrustRootIsEnforcedByNobody) {
  const auto root = status_of(PolicyKindName::trust_root, ConditionStatus::yes);
  const auto wanted = statuses_for({root}, Enforcement{false, "x"});
  EXPECT_EQ(condition(wanted, "Ready").status, "True");
  EXPECT_EQ(condition(wanted, "Enforced").type, "");
}

// ---- Events

class ReviewEventTest : public ::testing::Test {
 protected:
  ReviewEventTest() {
    review_.kind = {"", "v1", "Pod"};
    review_.ns = "shop";
    review_.name = "web-1";
    review_.operation = Operation::create;
    decision_.allowed = false;
    decision_.word = DecisionWord::deny;
    decision_.message = "image x: no signature\nand more";
  }
  void allow(DecisionWord word, PolicyFinding finding) {
    decision_.allowed = true;
    decision_.word = word;
    JudgedImage judged;
    judged.image.reference = "registry.example.org/x";
    auto verdict = std::make_shared<Verdict>();
    verdict->policies.push_back(std::move(finding));
    judged.verdict = SharedVerdict(std::shared_ptr<const Verdict>(std::move(verdict)));
    images_.push_back(std::move(judged));
  }
  static PolicyFinding finding(Mode mode, Outcome outcome, Effect effect) {
    PolicyFinding one;
    one.name = "ClusterTrustPolicy teams";
    one.mode = mode;
    one.outcome = outcome;
    one.effect = effect;
    one.detail = "no signature";
    return one;
  }
  std::optional<EventNote> event() const { return event_of(review_, images_, decision_); }

  Review review_;
  std::vector<JudgedImage> images_;
  Decision decision_;
};

TEST_F(ReviewEventTest, ADenialIsToldOfTheNamespaceWhereNothingExistsYet) {
  const auto note = event();
  ASSERT_TRUE(note);
  EXPECT_EQ(note->reason, "ImageVerificationFailed");
  EXPECT_EQ(note->action, "VerifyImage");
  EXPECT_EQ(note->type, EventType::warning);
  EXPECT_EQ(note->regarding, (EventObject{"v1", "Namespace", "shop", "shop"}));
  EXPECT_EQ(note->note, "image x: no signature");
}

TEST_F(ReviewEventTest, ADenialOfAnUpdateIsToldOfTheObject) {
  review_.operation = Operation::update;
  review_.kind = {"apps", "v1", "Deployment"};
  EXPECT_EQ(event()->regarding, (EventObject{"apps/v1", "Deployment", "shop", "web-1"}));
}

TEST_F(ReviewEventTest, NothingIsToldOfADryRun) {
  review_.dry_run = true;
  EXPECT_FALSE(event());
}

TEST_F(ReviewEventTest, AControllerTellsOfADenialItself) {
  review_.object.controller = "ReplicaSet";
  EXPECT_FALSE(event());
}

TEST_F(ReviewEventTest, AWarningIsToldOfTheController) {
  review_.object.controller = "ReplicaSet";
  review_.object.controller_name = "web";
  allow(DecisionWord::warn, finding(Mode::warn, Outcome::fail, Effect::warn));
  const auto note = event();
  ASSERT_TRUE(note);
  EXPECT_EQ(note->reason, "ImageVerificationWarning");
  EXPECT_EQ(note->regarding, (EventObject{"apps/v1", "ReplicaSet", "shop", "web"}));
  EXPECT_EQ(note->note, "image registry.example.org/x: ClusterTrustPolicy teams: no signature");
}

TEST_F(ReviewEventTest, AViolationThatIsOnlyAuditedIsToldToo) {
  allow(DecisionWord::audit, finding(Mode::audit, Outcome::fail, Effect::none));
  EXPECT_EQ(event()->reason, "ImageVerificationWarning");
}

TEST_F(ReviewEventTest, WhatCouldNotBeCheckedAndWasLetInIsAnError) {
  allow(DecisionWord::allow, finding(Mode::enforce, Outcome::unknown, Effect::none));
  EXPECT_EQ(event()->reason, "ImageVerificationError");
}

TEST_F(ReviewEventTest, WhatWentWellIsNoEvent) {
  allow(DecisionWord::allow, finding(Mode::enforce, Outcome::pass, Effect::none));
  EXPECT_FALSE(event());
}

TEST(PolicyEventTest, OnlyAChangeForTheWorseOrBackIsToldOf) {
  const StatusTarget target{"ClusterTrustPolicy", "clustertrustpolicies", "", "teams", "u1"};
  const StatusCondition good{"Ready", "True", "Ready", ""};
  const StatusCondition bad{"Ready", "False", "Invalid", "spec.match: no host\nmore"};
  EXPECT_FALSE(event_of(target, good, ""));
  EXPECT_FALSE(event_of(target, {"Ready", "Unknown", "Pending", ""}, "True"));
  const auto broken = event_of(target, bad, "");
  ASSERT_TRUE(broken);
  EXPECT_EQ(broken->reason, "PolicyInvalid");
  EXPECT_EQ(broken->type, EventType::warning);
  EXPECT_EQ(broken->note, "spec.match: no host");
  EXPECT_EQ(broken->regarding.ns, "");
  const auto back = event_of(target, good, "False");
  ASSERT_TRUE(back);
  EXPECT_EQ(back->reason, "PolicyReady");
  EXPECT_EQ(back->type, EventType::normal);
  const auto off = event_of(target, {"Ready", "False", "NotEnforced", "no rule"}, "True");
  EXPECT_EQ(off->reason, "PolicyNotEnforced");
}

}  // namespace
}  // namespace signet
