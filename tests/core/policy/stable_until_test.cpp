// Nothing flips before the instant that a verdict names, whatever there is in a world that time
// can change, and the instants that do flip are the ones named.

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/core/policy/world.hpp"

namespace signet {
namespace {

using namespace signet::world;
using std::chrono::hours;
using std::chrono::seconds;

// What a memo would hand out again.
std::string answer(const Verdict& verdict) {
  std::string text = brief(verdict);
  for (const PolicyFinding& finding : verdict.policies) {
    text += "; " + finding.name + " " + std::string(name_of(finding.outcome)) + " " +
            std::string(name_of(finding.reason)) + " " + std::string(name_of(finding.effect));
  }
  return text;
}

// Judged at every instant where something begins or ends, one second before and one after: until
// its stable_until a verdict is that of a fresh look.
void expect_honest(World world, const std::vector<TimePoint>& instants, std::size_t flips) {
  std::vector<TimePoint> times = {kTestNow};
  for (const TimePoint instant : instants) {
    for (const int offset : {-1, 0, 1})
      times.push_back(instant + seconds(offset));
  }
  std::sort(times.begin(), times.end());
  times.erase(std::unique(times.begin(), times.end()), times.end());
  std::vector<Verdict> fresh;
  for (const TimePoint time : times) {
    world.now = time;
    fresh.push_back(world.judge());
  }
  std::size_t seen = 0;
  for (std::size_t i = 0; i < times.size(); ++i) {
    const auto& until = fresh[i].stable_until;
    EXPECT_TRUE(!until || *until > times[i]);
    for (std::size_t k = i + 1; k < times.size() && (!until || times[k] < *until); ++k) {
      EXPECT_EQ(answer(fresh[k]), answer(fresh[i]))
          << "judged at " << format_time(times[i]) << ", asked at " << format_time(times[k]);
    }
    if (i > 0 && answer(fresh[i]) != answer(fresh[i - 1])) ++seen;
  }
  // The world is worth judging: it flips as often as it should.
  EXPECT_EQ(seen, flips);
}

// A PKI of its own, whose certificates begin and end one after the other.
struct Times {
  TimePoint leaf_begins = kTestNow + hours(1);
  TimePoint leaf_ends = kTestNow + hours(100);
  TimePoint sub_begins = kTestNow - hours(1);
  TimePoint sub_ends = kTestNow + hours(200);
  TimePoint root_ends = kTestNow + hours(300);
};

struct OwnPki {
  TestCa root;
  TestCa sub;
  TestCa leaf;
};

OwnPki made(const Times& times) {
  auto root_spec = testing::root_spec("Own Root");
  root_spec.not_after = times.root_ends;
  const TestCa root = testing::self_signed(root_spec);
  auto sub_spec = testing::intermediate_spec("Own Sub");
  sub_spec.not_before = times.sub_begins;
  sub_spec.not_after = times.sub_ends;
  const TestCa sub = testing::issue(root, sub_spec);
  auto leaf_spec = testing::leaf_spec(kTeamA);
  leaf_spec.not_before = times.leaf_begins;
  leaf_spec.not_after = times.leaf_ends;
  return {root, sub, testing::issue(sub, leaf_spec)};
}

World world_of(const OwnPki& own) {
  World world({cluster("teams", {by_certificate()})});
  Trust trust;
  trust.authorities.emplace_back();
  trust.authorities[0].anchors = {own.root.certificate};
  trust.authorities[0].intermediates = {own.sub.certificate};
  world.roots["linuxera"].trust = trust;
  return world.sign(legacy(own.leaf));
}

CertificateAuthority& authority_of(World& world) {
  return world.roots["linuxera"].trust.authorities[0];
}

TEST(StableUntilTest, LeavesBeginAndEnd) {
  const Times times;
  expect_honest(world_of(made(times)), {times.leaf_begins, times.leaf_ends}, 2);
}

TEST(StableUntilTest, IntermediatesBeginAndEnd) {
  Times times;
  times.leaf_begins = kTestNow - hours(1);
  times.sub_begins = kTestNow + hours(1);
  times.sub_ends = kTestNow + hours(50);
  expect_honest(world_of(made(times)), {times.sub_begins, times.sub_ends, times.leaf_ends}, 2);
}

TEST(StableUntilTest, AnchorsEnd) {
  Times times;
  times.root_ends = kTestNow + hours(20);
  expect_honest(world_of(made(times)), {times.leaf_begins, times.root_ends, times.leaf_ends}, 2);
}

TEST(StableUntilTest, AnotherPathTakesOverWhereOneEnds) {
  Times times;
  times.leaf_begins = kTestNow - hours(1);
  times.sub_ends = kTestNow + hours(10);
  const OwnPki own = made(times);
  // The same CA, renewed: it begins before the old one ends, or leaves a gap.
  for (const int gap : {-5, 5}) {
    auto spec = testing::intermediate_spec("Own Sub");
    spec.not_before = times.sub_ends + hours(gap);
    spec.not_after = kTestNow + hours(90);
    World world = world_of(own);
    authority_of(world).intermediates.push_back(
        testing::issue(own.root, spec, own.sub.key).certificate);
    expect_honest(world, {times.sub_ends, spec.not_before, spec.not_after, times.leaf_ends},
                  gap < 0 ? 1 : 3);
  }
}

TEST(StableUntilTest, RelianceBeginsAndEnds) {
  Times times;
  times.leaf_begins = kTestNow - hours(1);
  World world = world_of(made(times));
  authority_of(world).valid_for = {kTestNow + hours(2), kTestNow + hours(30)};
  expect_honest(world, {kTestNow + hours(2), kTestNow + hours(30), times.leaf_ends}, 2);
}

TEST(StableUntilTest, CrlsBeginAndGoStale) {
  Times times;
  times.leaf_begins = kTestNow - hours(1);
  const OwnPki own = made(times);
  for (const Revocation revocation : {Revocation::require, Revocation::best_effort}) {
    World world = world_of(own);
    world.roots["linuxera"].trust.revocation = revocation;
    testing::CrlSpec of_root;
    of_root.next_update = kTestNow + hours(60);
    testing::CrlSpec of_sub;
    of_sub.this_update = kTestNow + hours(3);
    of_sub.next_update = kTestNow + hours(30);
    authority_of(world).crls = {testing::issue_crl(own.root, of_root),
                                testing::issue_crl(own.sub, of_sub)};
    const std::vector<TimePoint> instants = {of_sub.this_update, *of_sub.next_update,
                                             *of_root.next_update, times.leaf_ends};
    // Required: unknown, pass, unknown, expired. Else only the leaf's end counts.
    expect_honest(world, instants, revocation == Revocation::require ? 3 : 1);
  }
}

// A list that has not begun, or that is stale, still says whom it revokes.
TEST(StableUntilTest, ARevocationHoldsWhateverTheTimesOfItsCrl) {
  Times times;
  times.leaf_begins = kTestNow - hours(1);
  const OwnPki own = made(times);
  World world = world_of(own);
  world.roots["linuxera"].trust.revocation = Revocation::best_effort;
  testing::CrlSpec later;
  later.revoked = {own.leaf.certificate.serial()};
  later.this_update = kTestNow + hours(3);
  later.next_update = kTestNow + hours(30);
  authority_of(world).crls = {testing::issue_crl(own.sub, later)};
  expect_honest(world, {later.this_update, *later.next_update, times.leaf_ends}, 1);
}

TEST(StableUntilTest, AllowsEnd) {
  Authority ending = allow();
  std::get<StaticRule>(ending.rule).expires = kTestNow + hours(2);
  expect_honest(World({cluster("glass", {ending})}), {kTestNow + hours(2)}, 1);
  Authority listed = allow({image()});
  std::get<StaticRule>(listed.rule).expires = kTestNow + hours(2);
  expect_honest(World({cluster("glass", {listed})}), {kTestNow + hours(2)}, 1);
}

TEST(StableUntilTest, AThresholdFallsWithTheFirstOfItsSigners) {
  auto soon = testing::leaf_spec(kTeamB);
  soon.not_after = kTestNow + hours(5);
  Policy both = cluster("both", {by_certificate(), by_certificate(kTeamB)});
  both.threshold = 2;
  World world({both});
  world.sign(legacy(pki().team_a)).sign(bundle(testing::issue(pki().intermediate, soon)));
  expect_honest(world, {soon.not_after, pki().team_a.certificate.not_after()}, 2);
}

TEST(StableUntilTest, DelegatesFollowTheNamespacesSigners) {
  auto late = testing::leaf_spec(kTeamA);
  late.not_before = kTestNow + hours(5);
  late.not_after = kTestNow + hours(50);
  World world({cluster("admins", {delegate()}), in_shop("own", {by_certificate()})});
  world.sign(legacy(testing::issue(pki().intermediate, late)));
  expect_honest(world, {late.not_before, late.not_after}, 2);
}

TEST(StableUntilTest, APolicyThatOnlyWarnsFlipsToo) {
  const Times times;
  World world = world_of(made(times));
  world.policies[0].mode = Mode::warn;
  expect_honest(world, {times.leaf_begins, times.leaf_ends}, 2);
}

TEST(StableUntilTest, ASignatureThatBeginsLaterFlipsADenialForAnother) {
  auto late = testing::leaf_spec(kTeamA);
  late.not_before = kTestNow + hours(5);
  World world({cluster("teams", {by_certificate()})});
  world.sign(legacy(pki().team_b)).sign(legacy(pki().expired));
  world.sign(bundle(testing::issue(pki().intermediate, late)));
  expect_honest(world, {late.not_before, late.not_after}, 2);
}

}  // namespace
}  // namespace signet
