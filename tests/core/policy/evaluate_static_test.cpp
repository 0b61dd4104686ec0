// Static authorities: policy.md 7.

#include <gtest/gtest.h>

#include "tests/core/policy/world.hpp"

namespace signet {
namespace {

using namespace signet::world;

Authority until(TimePoint end, std::vector<Digest> digests = {}) {
  Authority authority = allow(std::move(digests));
  std::get<StaticRule>(authority.rule).expires = end;
  return authority;
}

World with(Authority authority) {
  return World({cluster("glass", {std::move(authority)})});
}

TEST(EvaluateStaticTest, AllowsWithoutAnyEvidence) {
  World world = with(allow());
  world.digest = Error(Reason::registry_unreachable, "down");
  world.reference = std::string(kRepository) + ":1.0";
  const Verdict verdict = world.judge();
  EXPECT_EQ(brief(verdict), "pass static_allowed");
  ASSERT_EQ(verdict.warnings.size(), 1U);
  EXPECT_NE(verdict.warnings[0].find("incident 4711"), std::string::npos);
}

TEST(EvaluateStaticTest, AllowsOnlyTheDigestsItLists) {
  EXPECT_EQ(brief(with(allow({image()}))), "pass static_allowed");
  EXPECT_EQ(brief(with(allow({other_image()}))), "fail static_denied");
}

TEST(EvaluateStaticTest, WithDigestsAnUnresolvedTagCannotBeChecked) {
  for (const Authority& authority : {allow({image()}), deny({image()})}) {
    World world = with(authority);
    world.reference = std::string(kRepository) + ":1.0";
    world.digest = Error(Reason::registry_timeout, "no answer");
    EXPECT_EQ(brief(world), "unknown registry_timeout");
  }
}

TEST(EvaluateStaticTest, AnAllowEndsAtItsInstant) {
  EXPECT_EQ(brief(with(until(kTestNow + std::chrono::seconds(1)))), "pass static_allowed");
  EXPECT_EQ(brief(with(until(kTestNow))), "fail static_denied");
}

TEST(EvaluateStaticTest, DeniesEveryImageOrThoseListed) {
  EXPECT_EQ(brief(with(deny())), "fail static_denied");
  EXPECT_EQ(brief(with(deny({image()}))), "fail static_denied");
  const Verdict verdict = with(deny({other_image()})).judge();
  EXPECT_EQ(brief(verdict), "pass static_allowed");
  EXPECT_TRUE(verdict.warnings.empty());
}

TEST(EvaluateStaticTest, ADenyHasNoEnd) {
  Authority authority = deny();
  std::get<StaticRule>(authority.rule).expires = kTestNow - std::chrono::hours(1);
  EXPECT_EQ(brief(with(authority)), "fail static_denied");
}

TEST(EvaluateStaticTest, ADenyBeatsEveryOtherPolicy) {
  World world({cluster("shut", {deny({image()})}), cluster("teams", {by_certificate()})});
  EXPECT_EQ(brief(world.sign(legacy(pki().team_a))), "fail static_denied");
}

TEST(EvaluateStaticTest, ADenyBesideOthersRefusesAndSatisfiesNobody) {
  World listed({cluster("mixed", {deny({image()}), by_certificate()})});
  EXPECT_EQ(brief(listed.sign(legacy(pki().team_a))), "fail static_denied");
  World unlisted({cluster("mixed", {deny({other_image()}), by_certificate()})});
  EXPECT_EQ(brief(unlisted), "fail no_signature");
  EXPECT_EQ(brief(unlisted.sign(legacy(pki().team_a))), "pass verified");
}

TEST(EvaluateStaticTest, ARealSignatureSaysMoreThanAnAllowThatStandsBeside) {
  World world({cluster("glass", {until(years(1)), by_certificate()})});
  EXPECT_EQ(brief(world), "pass static_allowed");
  const Verdict verdict = world.sign(legacy(pki().team_a)).judge();
  EXPECT_EQ(brief(verdict), "pass verified");
  EXPECT_TRUE(verdict.warnings.empty());
}

TEST(EvaluateStaticTest, AnAllowThatWasNeededShowsInTheReason) {
  World world({cluster("a", {by_certificate()}), cluster("b", {allow()})});
  EXPECT_EQ(brief(world.sign(legacy(pki().team_a))), "pass static_allowed");
}

TEST(EvaluateStaticTest, AnEndedAllowDoesNotHideWhyTheSignatureFailed) {
  World world({cluster("glass", {until(kTestNow), by_certificate()})});
  EXPECT_EQ(brief(world), "fail no_signature");
}

}  // namespace
}  // namespace signet
