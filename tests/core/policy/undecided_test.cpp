// Policies that ask for labels of a namespace that nobody knows (security.md SR-33).

#include <gtest/gtest.h>

#include "tests/core/policy/world.hpp"

namespace signet {
namespace {

using namespace signet::world;
using Operator = Selector::Operator;

Policy selecting(std::vector<Selector::Expression> expressions) {
  Policy policy = cluster("prod", {by_certificate()});
  policy.match.namespace_selector = Selector{std::move(expressions)};
  return policy;
}

World unknown(Policy policy) {
  World world({std::move(policy)});
  world.workload.namespace_labels.reset();
  return world.sign(legacy(pki().team_a));
}

const Selector::Expression kProd = {"tier", Operator::in, {"prod"}};
const Selector::Expression kHere = {"kubernetes.io/metadata.name", Operator::in, {"shop"}};
const Selector::Expression kElsewhere = {"kubernetes.io/metadata.name", Operator::in, {"bank"}};

TEST(UndecidedTest, UnknownLabelsDenyWhatTheirPolicyMayCover) {
  const World world = unknown(selecting({kProd}));
  const Verdict verdict = world.judge();
  EXPECT_EQ(brief(verdict), "unknown config_not_ready");
  EXPECT_EQ(finding(verdict, "prod").effect, Effect::deny);
  EXPECT_NE(verdict.detail.find("namespaceSelector asks for tier"), std::string::npos);
  EXPECT_NE(explanation(verdict, "").find("fix: wait until"), std::string::npos);
  EXPECT_FALSE(world.plan().needs_digest);
  EXPECT_FALSE(world.wants_more());
}

TEST(UndecidedTest, KnownLabelsDecide) {
  World world = unknown(selecting({kProd}));
  world.workload.namespace_labels = Labels{{"tier", "prod"}};
  EXPECT_EQ(brief(world), "pass verified");
  world.workload.namespace_labels = Labels{};
  EXPECT_EQ(brief(world), "fail no_policy_deny");
}

TEST(UndecidedTest, TheNameOfTheNamespaceIsAlwaysKnown) {
  EXPECT_EQ(brief(unknown(selecting({kHere}))), "pass verified");
  EXPECT_EQ(brief(unknown(selecting({kElsewhere}))), "fail no_policy_deny");
  // One expression that fails decides; one that holds does not.
  EXPECT_EQ(brief(unknown(selecting({kProd, kElsewhere}))), "fail no_policy_deny");
  EXPECT_EQ(brief(unknown(selecting({kHere, kProd}))), "unknown config_not_ready");
}

TEST(UndecidedTest, NoOperatorTakesUnknownForAbsent) {
  for (const Operator op :
       {Operator::in, Operator::not_in, Operator::exists, Operator::does_not_exist}) {
    EXPECT_EQ(brief(unknown(selecting({{"tier", op, {"prod"}}}))), "unknown config_not_ready");
  }
}

TEST(UndecidedTest, WhatTheRestOfThePolicyLeavesOutIsNotAsked) {
  Policy other = selecting({kProd});
  other.match.images = {glob("ghcr.io/**")};
  EXPECT_EQ(brief(unknown(other)), "fail no_policy_deny");
  other = selecting({kProd});
  other.match.namespaces = {"bank"};
  EXPECT_EQ(brief(unknown(other)), "fail no_policy_deny");
  other = selecting({kProd});
  other.match.exclude = {glob("quay.io/example/*")};
  EXPECT_EQ(brief(unknown(other)), "fail no_policy_deny");
}

TEST(UndecidedTest, OnErrorDoesNotOpen) {
  Policy policy = selecting({kProd});
  policy.on_error = ErrorAction::allow;
  EXPECT_EQ(brief(unknown(policy)), "unknown config_not_ready");
}

TEST(UndecidedTest, AnotherPolicyThatPassesDoesNotLiftIt) {
  World world = unknown(selecting({kProd}));
  world.policies.push_back(cluster("teams", {by_certificate()}));
  EXPECT_EQ(brief(world), "unknown config_not_ready");
  world.policies.push_back(cluster("glass", {allow()}));
  EXPECT_EQ(brief(world), "unknown config_not_ready");
}

struct UndecidedRow {
  Mode mode;
  NoMatch no_match;
  bool alone;  // no other ClusterTrustPolicy
  const char* verdict;
  std::size_t warnings;
};

TEST(UndecidedTest, ModesHoldButNeverLiftTheDenialOfNoMatch) {
  const UndecidedRow rows[] = {
      {Mode::enforce, NoMatch::allow, true, "unknown config_not_ready", 0},
      {Mode::enforce, NoMatch::warn, true, "unknown config_not_ready", 1},
      {Mode::enforce, NoMatch::deny, true, "unknown config_not_ready", 0},
      {Mode::warn, NoMatch::deny, true, "unknown config_not_ready", 0},
      {Mode::audit, NoMatch::deny, true, "unknown config_not_ready", 0},
      {Mode::warn, NoMatch::allow, true, "pass config_not_ready", 1},
      {Mode::audit, NoMatch::allow, true, "pass config_not_ready", 0},
      {Mode::warn, NoMatch::deny, false, "pass config_not_ready", 1},
      {Mode::audit, NoMatch::deny, false, "pass config_not_ready", 0},
  };
  for (const UndecidedRow& row : rows) {
    Policy policy = selecting({kProd});
    policy.mode = row.mode;
    World world = unknown(policy);
    world.no_match = row.no_match;
    if (!row.alone) world.policies.push_back(cluster("teams", {by_certificate()}));
    const Verdict verdict = world.judge();
    SCOPED_TRACE(std::string(name_of(row.mode)) + " " + row.verdict);
    EXPECT_EQ(brief(verdict), row.verdict);
    EXPECT_EQ(verdict.warnings.size(), row.warnings);
  }
}

}  // namespace
}  // namespace signet
