// A namespace on trial, and the setting `dryRun`.

#include <gtest/gtest.h>

#include "tests/core/policy/world.hpp"

namespace signet {
namespace {

using namespace signet::world;

Verdict judged(const World& world, bool dry_run) {
  const Plan first = world.plan();
  auto set = std::make_shared<PolicySet>(*first.policies);
  set->dry_run = dry_run;
  const Plan plan = plan_for(std::move(set), world.workload, *Reference::parse(world.reference));
  return evaluate(plan, world.evidence(plan), world.now);
}

World on_trial(Policy policy) {
  World world({std::move(policy)});
  world.workload.namespace_labels = Labels{{"signet.dev/enforce", "warn"}};
  return world;
}

TEST(TrialTest, ANamespaceOnTrialIsWarnedAndSaysSo) {
  const Verdict verdict = on_trial(cluster("teams", {by_certificate()})).judge();
  EXPECT_EQ(brief(verdict), "pass no_signature");
  EXPECT_EQ(verdict.trial, Trial::of_namespace);
  EXPECT_EQ(finding(verdict, "teams").mode, Mode::warn);
  EXPECT_TRUE(finding(verdict, "teams").on_trial);
  ASSERT_EQ(verdict.warnings.size(), 1U);
  EXPECT_TRUE(verdict.warnings[0].starts_with(
      "ClusterTrustPolicy/teams (enforce, but the namespace is on trial): image "))
      << verdict.warnings[0];
}

TEST(TrialTest, OtherValuesOfTheLabelAndUnknownLabelsAreNoTrial) {
  World world = on_trial(cluster("teams", {by_certificate()}));
  for (const std::string value : {"true", "Warn", "warn ", ""}) {
    world.workload.namespace_labels = Labels{{"signet.dev/enforce", value}};
    EXPECT_EQ(brief(world), "fail no_signature") << value;
  }
  world.workload.namespace_labels.reset();
  EXPECT_EQ(brief(world), "fail no_signature");
  // A label of the pod, which its author writes, is nothing.
  world.workload.labels = {{"signet.dev/enforce", "warn"}};
  EXPECT_EQ(brief(world), "fail no_signature");
}

TEST(TrialTest, DryRunPutsEveryEnforceDown) {
  for (const Policy& policy : {cluster("teams", {by_certificate()}), cluster("ban", {deny()}),
                               broken(cluster("invalid", {by_certificate()}))}) {
    const World world({policy});
    EXPECT_FALSE(judged(world, false).allowed());
    const Verdict verdict = judged(world, true);
    EXPECT_TRUE(verdict.allowed());
    EXPECT_EQ(verdict.trial, Trial::of_all);
    ASSERT_EQ(verdict.warnings.size(), 1U);
    EXPECT_NE(verdict.warnings[0].find(" (enforce, but dryRun is on): image "), std::string::npos);
  }
}

// A ban is no requirement that could be tried.
TEST(TrialTest, AStaticDenyStandsInANamespaceOnTrial) {
  EXPECT_EQ(brief(on_trial(cluster("ban", {deny()}))), "fail static_denied");
  EXPECT_EQ(brief(on_trial(cluster("ban", {deny({image()})}))), "fail static_denied");
}

TEST(TrialTest, WhatNoPolicyCoversIsStillForNoMatchToSay) {
  World world = on_trial(cluster("teams", {by_certificate()}));
  world.policies[0].match.images = {glob("quay.io/elsewhere/**")};
  EXPECT_EQ(brief(world), "fail no_policy_deny");
  EXPECT_EQ(brief(judged(world, true)), "fail no_policy_deny");
  world.no_match = NoMatch::warn;
  EXPECT_EQ(brief(world), "pass no_policy_allow");
}

TEST(TrialTest, WarnAndAuditStayWhatTheyAre) {
  for (const Mode mode : {Mode::warn, Mode::audit}) {
    World world = on_trial(cluster("teams", {by_certificate()}));
    world.policies[0].mode = mode;
    const Verdict verdict = world.judge();
    EXPECT_TRUE(verdict.allowed());
    EXPECT_EQ(finding(verdict, "teams").mode, mode);
    EXPECT_FALSE(finding(verdict, "teams").on_trial);
  }
}

TEST(TrialTest, NothingIsPinnedForAnEnforceThatIsPutDown) {
  World world({cluster("teams", {by_certificate()})});
  EXPECT_TRUE(enforces_signatures(world.plan()));
  world.workload.namespace_labels = Labels{{"signet.dev/enforce", "warn"}};
  EXPECT_FALSE(enforces_signatures(world.plan()));
}

// What is remembered under one key is one plan.
TEST(TrialTest, BothArePartOfWhatAPlanIsRememberedUnder) {
  const World world({cluster("teams", {by_certificate()})});
  const Plan plan = world.plan();
  Workload trial = world.workload;
  trial.namespace_labels = Labels{{"signet.dev/enforce", "warn"}};
  EXPECT_NE(workload_key(*plan.policies, world.workload), workload_key(*plan.policies, trial));
  const auto fingerprint = [](bool dry_run) {
    return make_policy_set({}, NoMatch::deny, dry_run).fingerprint;
  };
  EXPECT_NE(fingerprint(false), fingerprint(true));
}

TEST(TrialTest, ASignedImageIsSimplyTrusted) {
  World world = on_trial(cluster("teams", {by_certificate()}));
  world.sign(legacy(pki().team_a));
  const Verdict verdict = world.judge();
  EXPECT_EQ(brief(verdict), "pass verified");
  EXPECT_TRUE(verdict.warnings.empty());
}

}  // namespace
}  // namespace signet
