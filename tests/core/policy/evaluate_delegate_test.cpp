// Delegation: admins own the roots, namespaces own who may sign (policy.md 3).

#include <gtest/gtest.h>

#include "tests/core/policy/world.hpp"

namespace signet {
namespace {

using namespace signet::world;

Authority ceiling(const std::string& subject) {
  Authority authority = delegate();
  std::get<DelegateRule>(authority.rule).identities = {identity(subject)};
  return authority;
}

World delegated(std::vector<Authority> of_the_team, Authority to = delegate()) {
  return World({cluster("teams", {std::move(to)}), in_shop("web", std::move(of_the_team))});
}

TEST(EvaluateDelegateTest, PassesWhereATrustPolicyIsSatisfiedUnderTheRoot) {
  World world = delegated({by_certificate()});
  EXPECT_EQ(brief(world.sign(legacy(pki().team_a))), "pass verified");
}

TEST(EvaluateDelegateTest, WithoutATrustPolicyThereIsNoDelegate) {
  World world({cluster("teams", {delegate()})});
  EXPECT_EQ(brief(world.sign(legacy(pki().team_a))), "fail no_delegate");
  world.policies.push_back(in_shop("web", {by_certificate()}));
  world.workload.ns = "other";
  EXPECT_EQ(brief(world), "fail no_delegate");
}

TEST(EvaluateDelegateTest, AnUnsatisfiedTrustPolicyIsNone) {
  World world = delegated({by_certificate()});
  const Verdict verdict = world.sign(legacy(pki().team_b)).judge();
  EXPECT_EQ(finding(verdict, "teams").reason, Reason::no_delegate);
  EXPECT_NE(finding(verdict, "teams").detail.find("identity_mismatch"), std::string::npos);
  EXPECT_EQ(finding(verdict, "web").reason, Reason::identity_mismatch);
}

struct DelegateShortcut {
  const char* what;
  Authority authority;
};

TEST(EvaluateDelegateTest, NoShortcutSatisfiesADelegate) {
  const std::vector<DelegateShortcut> shortcuts = {
      {"static", allow()},
      {"static by digest", allow({image()})},
      {"a key", by_key({pki().team_a.key.public_key()})},
      {"inline roots", by_inline_roots()},
  };
  for (const DelegateShortcut& row : shortcuts) {
    SCOPED_TRACE(row.what);
    World world = delegated({row.authority});
    world.sign(legacy(pki().team_a));
    const Verdict verdict = world.judge();
    EXPECT_EQ(finding(verdict, "web").outcome, Outcome::pass);
    EXPECT_EQ(brief(verdict), "fail no_delegate");
  }
}

TEST(EvaluateDelegateTest, OnErrorOfTheTrustPolicyDoesNotSatisfyADelegate) {
  World world = delegated({by_certificate()});
  world.policies[1].on_error = ErrorAction::allow;
  world.fail(kLegacy, Reason::registry_unreachable);
  const Verdict verdict = world.judge();
  EXPECT_EQ(finding(verdict, "web").effect, Effect::none);
  EXPECT_EQ(brief(verdict), "unknown registry_unreachable");
}

TEST(EvaluateDelegateTest, TheModeOfTheTrustPolicyDoesNotMatterToTheDelegate) {
  World world = delegated({by_certificate()});
  world.policies[1].mode = Mode::audit;
  EXPECT_EQ(brief(world), "fail no_delegate");
  EXPECT_EQ(brief(world.sign(legacy(pki().team_a))), "pass verified");
}

TEST(EvaluateDelegateTest, TheRootMustBeOneOfThoseListed) {
  World world = delegated({by_certificate(kTeamA, "other")});
  world.roots["other"] = TrustRoot{"other", pki().trust(), "f", {}};
  EXPECT_EQ(brief(world.sign(legacy(pki().team_a))), "fail no_delegate");
  std::get<DelegateRule>(world.policies[0].authorities[0].rule).trust_roots = {"linuxera", "other"};
  EXPECT_EQ(brief(world), "pass verified");
}

TEST(EvaluateDelegateTest, ACertificateAuthorityCountsBesideAShortcut) {
  World world = delegated({allow(), by_certificate()});
  EXPECT_EQ(brief(world), "fail no_delegate");
  EXPECT_EQ(brief(world.sign(legacy(pki().team_a))), "pass verified");
}

TEST(EvaluateDelegateTest, TheWholeTrustPolicyMustPass) {
  World world = delegated({by_certificate(), by_key({pki().team_b.key.public_key()})});
  world.policies[1].threshold = 2;
  EXPECT_EQ(finding(world.sign(legacy(pki().team_a)).judge(), "teams").reason, Reason::no_delegate);
  EXPECT_EQ(brief(world.sign(legacy_by_key(pki().team_b.key))), "pass verified");
}

TEST(EvaluateDelegateTest, AnInvalidTrustPolicyIsNoDelegate) {
  World world({cluster("teams", {delegate()}), broken(in_shop("web", {by_certificate()}))});
  EXPECT_FALSE(world.sign(legacy(pki().team_a)).judge().allowed());
}

TEST(EvaluateDelegateTest, TheLeafMustBeUnderTheCeilingToo) {
  World world = delegated({by_certificate(kTeamA)}, ceiling(kTeamB));
  const Verdict verdict = world.sign(legacy(pki().team_a)).judge();
  EXPECT_EQ(finding(verdict, "web").outcome, Outcome::pass);
  EXPECT_EQ(brief(verdict), "fail no_delegate");
  EXPECT_NE(verdict.detail.find("identity_mismatch"), std::string::npos);
  EXPECT_EQ(brief(delegated({by_certificate(kTeamA)}, ceiling(kTeamA)).sign(legacy(pki().team_a))),
            "pass verified");
}

TEST(EvaluateDelegateTest, OneSignatureMustMeetBothTheTrustPolicyAndTheCeiling) {
  // team-a satisfies the TrustPolicy, team-b the ceiling, nobody both.
  World world = delegated({by_certificate(kTeamA)}, ceiling(kTeamB));
  world.sign(legacy(pki().team_a)).sign(legacy(pki().team_b));
  EXPECT_EQ(brief(world), "fail no_delegate");
  // A TrustPolicy that takes both teams: the second signature is the one that counts.
  Authority both = by_certificate(kTeamA);
  std::get<CertificateRule>(both.rule).identities.push_back(identity(kTeamB));
  World wider = delegated({both}, ceiling(kTeamB));
  EXPECT_EQ(brief(wider.sign(legacy(pki().team_a))), "fail no_delegate");
  EXPECT_EQ(brief(wider.sign(legacy(pki().team_b))), "pass verified");
}

TEST(EvaluateDelegateTest, TheCeilingMayAskForCodeSigning) {
  Authority strict = delegate();
  std::get<DelegateRule>(strict.rule).code_signing = CodeSigning::required;
  World world = delegated({by_certificate()}, strict);
  EXPECT_EQ(brief(world.sign(legacy(pki().team_a))), "fail no_delegate");
  EXPECT_EQ(brief(world.sign(legacy(pki().code_signer))), "pass verified");
}

TEST(EvaluateDelegateTest, ItsOtherTermsHoldAsWell) {
  Authority strict = delegate();
  strict.annotations = {{"environment", "prod"}};
  EXPECT_EQ(brief(delegated({by_certificate()}, strict).sign(legacy(pki().team_a))),
            "fail no_delegate");
  Authority bundles = delegate();
  bundles.formats = {kBundle};
  World world = delegated({by_certificate()}, bundles);
  EXPECT_EQ(brief(world.sign(legacy(pki().team_a))), "fail no_delegate");
  EXPECT_EQ(brief(world.sign(bundle(pki().team_a))), "pass verified");
}

TEST(EvaluateDelegateTest, SearchesOnWhereTheCeilingMightFitALaterSignature) {
  Authority both = by_certificate(kTeamA);
  std::get<CertificateRule>(both.rule).identities.push_back(identity(kTeamB));
  World world = delegated({both}, ceiling(kTeamB));
  world.sign(bundle(pki().team_a)).sign(legacy(pki().team_b)).unsearched(kLegacy);
  EXPECT_TRUE(world.wants_more());
  EXPECT_FALSE(world.judge().allowed());
}

TEST(EvaluateDelegateTest, AnOutageIsNotNoDelegate) {
  World world = delegated({by_certificate()});
  EXPECT_EQ(brief(world.fail(kLegacy, Reason::registry_timeout)), "unknown registry_timeout");
}

TEST(EvaluateDelegateTest, ATeamCannotProvokeTheClustersOnError) {
  // The namespace names a dead host; the cluster policy lets its own registry's outages through.
  Authority elsewhere = by_certificate();
  elsewhere.signature_repository = *Repository::parse("dead.example/signatures");
  World world = delegated({elsewhere});
  world.policies[0].on_error = ErrorAction::allow;
  world.policies[1].mode = Mode::audit;
  world.fail(kLegacy, Reason::registry_dns, "dead.example/signatures");
  EXPECT_FALSE(world.judge().allowed());
  // The image's own registry is another matter.
  World beside = delegated({by_certificate()});
  beside.policies[0].on_error = ErrorAction::allow;
  beside.policies[1].on_error = ErrorAction::allow;
  EXPECT_TRUE(beside.fail(kLegacy, Reason::registry_dns).judge().allowed());
}

TEST(EvaluateDelegateTest, AnotherAuthorityMayStandBesideADelegate) {
  World world({cluster("teams", {delegate(), by_certificate(kTeamB)})});
  EXPECT_EQ(brief(world.sign(legacy(pki().team_b))), "pass verified");
}

}  // namespace
}  // namespace signet
