// Judging in steps, the work that one image may cost, and what a verdict says beside yes and no.

#include <gtest/gtest.h>

#include "core/policy/judge_signature.hpp"
#include "tests/core/policy/world.hpp"

namespace signet {
namespace {

using namespace signet::world;
using std::chrono::hours;

TEST(EvaluationTest, AStepLooksAtOneSignatureForOneAuthority) {
  World world({cluster("a", {by_certificate()}), cluster("b", {by_certificate(kTeamB)})});
  world.sign(legacy(pki().expired)).sign(legacy(pki().team_b)).sign(legacy(pki().team_a));
  const Plan plan = world.plan();
  const Evidence evidence = world.evidence(plan);
  Evaluation evaluation(plan, evidence, world.now);
  int steps = 0;
  while (evaluation.step())
    ++steps;
  // Two authorities, three signatures; the last one is for the one that is not settled.
  EXPECT_EQ(steps, 5);
  EXPECT_EQ(brief(evaluation.verdict()), "pass verified");
}

TEST(EvaluationTest, StepsStopAtOnceWhereNothingCanBeLookedAt) {
  World world = teams();
  world.reference = "ghcr.io/other/app";
  const Plan plan = world.plan();
  const Evidence evidence{Error(Reason::registry_timeout, "late"), {}};
  Evaluation unmatched(plan, evidence, world.now);
  EXPECT_FALSE(unmatched.step());
  EXPECT_EQ(brief(unmatched.verdict()), "fail no_policy_deny");
  const Plan matched = teams().plan();
  Evaluation undigested(matched, evidence, world.now);
  EXPECT_FALSE(undigested.step());
  EXPECT_EQ(brief(undigested.verdict()), "unknown registry_timeout");
}

TEST(EvaluationTest, EvidenceMayComeLaterAndTheDigestToo) {
  World world = teams();
  world.reference = std::string(kRepository) + ":1.0";
  const Plan plan = world.plan();
  Evidence evidence{Error(Reason::internal, "not asked yet"), {}};
  Evaluation evaluation(plan, evidence, world.now);
  EXPECT_EQ(brief(evaluation.verdict()), "unknown internal");
  evidence.digest = image();
  EXPECT_TRUE(wants_more(plan, evidence, evaluation.verdict()));
  evidence.found[place(kBundle)].candidates = {bundle(pki().team_b)};
  EXPECT_TRUE(wants_more(plan, evidence, evaluation.verdict()));
  evidence.found[place(kLegacy)].candidates = {legacy(pki().team_a)};
  EXPECT_EQ(brief(evaluation.verdict()), "pass verified");
  evidence.digest = other_image();
  EXPECT_EQ(brief(evaluation.verdict()), "fail payload_mismatch");
}

TEST(SignatureJudgeTest, AnotherLookRepeatsNoWorkButCountsIt) {
  const Trust trust = pki().trust();
  const std::vector<IdentityRule> wanted = {identity(kTeamA)};
  const Candidate by_team = legacy(pki().team_a);
  const Candidate by_bare_key = legacy_by_key(pki().team_b.key);
  SignatureJudge judge(image());
  std::size_t done = 0;
  for (int look = 0; look < 5; ++look) {
    Horizon horizon(kTestNow);
    judge.begin(horizon);
    EXPECT_EQ(judge.arithmetic(), 0U);
    EXPECT_TRUE(judge.by_certificate(by_team, trust, wanted, CodeSigning::optional));
    EXPECT_TRUE(judge.by_key(by_bare_key, pki().team_b.key.public_key()));
    EXPECT_EQ(judge.arithmetic(), 2U);
    // Each look learns until when its answers hold.
    EXPECT_EQ(horizon.next(), pki().team_a.certificate.not_after());
    if (look > 0) {
      EXPECT_EQ(judge.work_done(), done);
    }
    done = judge.work_done();
  }
  EXPECT_EQ(done, 3U);
}

// Two certificates are parsed and two checked for each.
constexpr std::size_t kPrice = 4;

World with_strangers(std::size_t count) {
  World world = teams();
  const Candidate stranger = legacy(pki().team_b);
  for (std::size_t i = 0; i < count; ++i)
    world.sign(stranger);
  return world.sign(legacy(pki().team_a));
}

TEST(CertificateBudgetTest, CertificatesOfAnImageAreBoundedTogether) {
  const std::size_t most = kCertificateWork / kPrice - 1;
  EXPECT_EQ(brief(with_strangers(most)), "pass verified");
  const Verdict verdict = with_strangers(most + 1).judge();
  EXPECT_EQ(brief(verdict), "fail limit_exceeded");
  EXPECT_NE(verdict.detail.find("more than 1024 certificates"), std::string::npos);
}

TEST(CertificateBudgetTest, EveryTrustThatIsAskedCounts) {
  World world = with_strangers(170);
  EXPECT_EQ(brief(world), "pass verified");
  world.roots["second"] = TrustRoot{"second", pki().trust(), "g", {}};
  world.roots["second"].trust.max_intermediates = 2;
  world.policies.push_back(cluster("second", {by_certificate(kTeamA, "second")}));
  EXPECT_EQ(brief(world), "fail limit_exceeded");
  // Trust of the same content is one.
  world.roots["second"].trust = pki().trust();
  EXPECT_EQ(brief(world), "pass verified");
}

TEST(CertificateBudgetTest, EarlierVerdictsLeaveTheBudgetWhole) {
  World world = with_strangers(kCertificateWork / kPrice - 1);
  const Plan plan = world.plan();
  const Evidence evidence = world.evidence(plan);
  Evaluation evaluation(plan, evidence, world.now);
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(brief(evaluation.verdict()), "pass verified");
}

TEST(VerdictTest, SaysTheFirstEndOfTheCertificatesThatCarriedThePass) {
  auto soon_spec = testing::leaf_spec(kTeamB);
  soon_spec.not_after = kTestNow + hours(48);
  const TestCa soon = testing::issue(pki().intermediate, soon_spec);
  World world({cluster("a", {by_certificate()}), cluster("b", {by_certificate(kTeamB)})});
  world.sign(legacy(pki().team_a)).sign(legacy(soon));
  const Verdict verdict = world.judge();
  EXPECT_EQ(verdict.certificates_until, kTestNow + hours(48));
  EXPECT_EQ(finding(verdict, "b").certificates_until, kTestNow + hours(48));
  EXPECT_EQ(finding(verdict, "a").certificates_until, pki().team_a.certificate.not_after());
}

TEST(VerdictTest, AnEndThatCarriesNoPassIsNone) {
  auto soon_spec = testing::leaf_spec(kTeamB);
  soon_spec.not_after = kTestNow + hours(48);
  const TestCa soon = testing::issue(pki().intermediate, soon_spec);
  // Any one suffices: the one that is named carried the pass.
  World any({cluster("any", {by_certificate(), by_certificate(kTeamB)})});
  any.sign(legacy(pki().team_a)).sign(legacy(soon));
  EXPECT_EQ(any.judge().certificates_until, pki().team_a.certificate.not_after());
  any.policies[0].threshold = 2;
  EXPECT_EQ(any.judge().certificates_until, kTestNow + hours(48));
  EXPECT_FALSE(teams().sign(legacy(soon)).judge().certificates_until.has_value());
  EXPECT_FALSE(World({cluster("glass", {allow()})}).judge().certificates_until.has_value());
}

TEST(VerdictTest, ADelegatesPassRestsOnTheCertificatesOfTheNamespace) {
  World world({cluster("admins", {delegate()}), in_shop("own", {by_certificate()})});
  const Verdict verdict = world.sign(legacy(pki().team_a)).judge();
  EXPECT_EQ(brief(verdict), "pass verified");
  EXPECT_EQ(finding(verdict, "admins").certificates_until, pki().team_a.certificate.not_after());
}

TEST(VerdictTest, SaysWhatWasStaleAndOnlyThat) {
  World world = teams();
  world.sign(legacy(pki().team_a));
  EXPECT_FALSE(world.judge().stale.has_value());
  const Plan plan = world.plan();
  Evidence evidence = world.evidence(plan);
  evidence.found[place(kLegacy)].stale = "quay.io cannot be reached: signatures of 5 min ago";
  evidence.found[place(kBundle)].stale = "quay.io cannot be reached: signatures of 5 min ago";
  EXPECT_EQ(evaluate(plan, evidence, world.now).stale,
            "quay.io cannot be reached: signatures of 5 min ago");
  evidence.digest_stale = "tag of 1 min ago";
  const Verdict verdict = evaluate(plan, evidence, world.now);
  EXPECT_EQ(verdict.stale, "tag of 1 min ago; quay.io cannot be reached: signatures of 5 min ago");
  EXPECT_TRUE(verdict.allowed());
  // What no policy asked for says nothing.
  Evidence other = world.evidence(plan);
  other.found[place(kLegacy, "ghcr.io/other/app")].stale = "old";
  EXPECT_FALSE(evaluate(plan, other, world.now).stale.has_value());
}

TEST(VerdictTest, KnowsWhoAsksForSignatures) {
  const auto asks = [](Policy policy) {
    return finding(World({policy}).judge(), policy.name).asks_for_signatures;
  };
  EXPECT_TRUE(asks(cluster("p", {by_certificate()})));
  EXPECT_TRUE(asks(cluster("p", {allow(), by_key({pki().team_a.key.public_key()})})));
  EXPECT_TRUE(asks(cluster("p", {delegate()})));
  EXPECT_FALSE(asks(cluster("p", {allow()})));
  EXPECT_FALSE(asks(cluster("p", {allow({image()})})));
  EXPECT_FALSE(asks(cluster("p", {deny({other_image()})})));
}

}  // namespace
}  // namespace signet
