// Verdicts and time: until when one holds, and which end comes first.

#include <gtest/gtest.h>

#include "tests/core/policy/world.hpp"

namespace signet {
namespace {

using namespace signet::world;
using std::chrono::hours;
using std::chrono::seconds;

// A verdict is the same until its stable_until, and may be judged again from then on.
void expect_flip_at(World world, TimePoint flip, const std::string& before,
                    const std::string& after) {
  const Verdict verdict = world.judge();
  EXPECT_EQ(brief(verdict), before);
  ASSERT_TRUE(verdict.stable_until.has_value());
  EXPECT_EQ(format_time(*verdict.stable_until), format_time(flip));
  world.now = flip - seconds(1);
  EXPECT_EQ(brief(world), before);
  world.now = flip;
  EXPECT_EQ(brief(world), after);
}

TEST(EvaluateTimeTest, APassHoldsUntilTheLeafEnds) {
  expect_flip_at(teams().sign(legacy(pki().team_a)), pki().team_a.certificate.not_after(),
                 "pass verified", "fail chain_expired");
}

TEST(EvaluateTimeTest, ADenialHoldsUntilTheLeafBegins) {
  expect_flip_at(teams().sign(legacy(pki().not_yet)), pki().not_yet.certificate.not_before(),
                 "fail chain_expired", "pass verified");
}

TEST(EvaluateTimeTest, AnAllowHoldsUntilItExpires) {
  Authority authority = allow();
  std::get<StaticRule>(authority.rule).expires = kTestNow + hours(2);
  expect_flip_at(World({cluster("glass", {authority})}), kTestNow + hours(2), "pass static_allowed",
                 "fail static_denied");
}

TEST(EvaluateTimeTest, ValidForBoundsAPassAndADenial) {
  World ends = teams().sign(legacy(pki().team_a));
  ends.roots["linuxera"].trust.authorities[0].valid_for.end = kTestNow + hours(3);
  expect_flip_at(ends, kTestNow + hours(3) + seconds(1), "pass verified", "fail chain_expired");
  World begins = teams().sign(legacy(pki().team_a));
  begins.roots["linuxera"].trust.authorities[0].valid_for.start = kTestNow + hours(3);
  expect_flip_at(begins, kTestNow + hours(3), "fail chain_expired", "pass verified");
}

TEST(EvaluateTimeTest, ACrlsNextUpdateBoundsAPass) {
  World world = teams().sign(legacy(pki().team_a));
  Trust& trust = world.roots["linuxera"].trust;
  trust.revocation = Revocation::require;
  testing::CrlSpec sooner;
  sooner.next_update = kTestNow + hours(5);
  trust.authorities[0].crls = {testing::issue_crl(pki().root, {}),
                               testing::issue_crl(pki().intermediate, sooner)};
  const Verdict verdict = world.judge();
  EXPECT_EQ(brief(verdict), "pass verified");
  ASSERT_TRUE(verdict.stable_until.has_value());
  EXPECT_GE(*verdict.stable_until, kTestNow + hours(5));
  EXPECT_LE(*verdict.stable_until, kTestNow + hours(5) + seconds(1));
  world.now = kTestNow + hours(5) + seconds(1);
  EXPECT_EQ(brief(world), "unknown crl_stale");
}

TEST(EvaluateTimeTest, TheSoonestOfAllPoliciesCounts) {
  Authority authority = allow();
  std::get<StaticRule>(authority.rule).expires = kTestNow + hours(1);
  World world({cluster("a", {by_certificate()}), cluster("b", {authority})});
  EXPECT_EQ(world.sign(legacy(pki().team_a)).judge().stable_until, kTestNow + hours(1));
}

TEST(EvaluateTimeTest, WhatTimeCannotFlipHoldsForEver) {
  EXPECT_FALSE(World().judge().stable_until.has_value());
  EXPECT_FALSE(teams().judge().stable_until.has_value());
  EXPECT_FALSE(World({cluster("glass", {allow()})}).judge().stable_until.has_value());
}

TEST(EvaluateTimeTest, TheEarliestEndIsOfThePathThatCounted) {
  const Verdict verdict = teams().sign(legacy(pki().team_a)).judge();
  const AuthorityFinding& authority = finding(verdict, "teams").authorities.at(0);
  const TimePoint leaf_end = pki().team_a.certificate.not_after();
  EXPECT_EQ(authority.earliest_end, std::min({leaf_end, pki().intermediate.certificate.not_after(),
                                              pki().root.certificate.not_after()}));
  EXPECT_EQ(authority.signatures.at(0).not_after, leaf_end);
  const auto& anchor = authority.signatures.at(0).anchor;
  ASSERT_TRUE(anchor.has_value());
  EXPECT_EQ(anchor->subject, pki().root.certificate.subject());
  EXPECT_EQ(anchor->fingerprint, pki().root.certificate.fingerprint());
}

TEST(EvaluateTimeTest, KeysHaveNoEnd) {
  World world({cluster("key", {by_key({pki().team_a.key.public_key()})})});
  const Verdict verdict = world.sign(legacy_by_key(pki().team_a.key)).judge();
  EXPECT_FALSE(verdict.stable_until.has_value());
  EXPECT_FALSE(finding(verdict, "key").authorities.at(0).earliest_end.has_value());
  EXPECT_FALSE(finding(verdict, "key").authorities.at(0).signatures.at(0).anchor.has_value());
}

}  // namespace
}  // namespace signet
