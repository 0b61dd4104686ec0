// Policies together: AND, thresholds, modes, onError, noMatch, invalid ones.

#include <gtest/gtest.h>

#include "core/policy/judge_policy.hpp"
#include "tests/core/policy/world.hpp"

namespace signet {
namespace {

using namespace signet::world;

Policy in_mode(Mode mode, Policy policy) {
  policy.mode = mode;
  return policy;
}

TEST(EvaluatePolicyTest, AllApplicablePoliciesMustPass) {
  World world({cluster("a", {by_certificate(kTeamA)}), cluster("b", {by_certificate(kTeamB)})});
  EXPECT_EQ(brief(world.sign(legacy(pki().team_a))), "fail identity_mismatch");
  EXPECT_EQ(brief(world.sign(legacy(pki().team_b))), "pass verified");
}

TEST(EvaluatePolicyTest, ATrustPolicyTightensAndNeverWeakens) {
  World world({cluster("a", {by_certificate(kTeamA)}), in_shop("open", {allow()})});
  EXPECT_EQ(brief(world), "fail no_signature");
  World tighter({cluster("a", {by_certificate(kTeamA)}), in_shop("b", {by_certificate(kTeamB)})});
  EXPECT_EQ(brief(tighter.sign(legacy(pki().team_a))), "fail identity_mismatch");
}

TEST(EvaluatePolicyTest, AnyAuthoritySufficesAtThresholdOne) {
  World world({cluster("any", {by_certificate(kTeamA), by_certificate(kTeamB)})});
  EXPECT_EQ(brief(world.sign(legacy(pki().team_b))), "pass verified");
}

// ---- thresholds (policy.md 4, security.md SR-04)

Policy two_of(std::vector<Authority> authorities) {
  Policy policy = cluster("two", std::move(authorities));
  policy.threshold = 2;
  return policy;
}

TEST(EvaluatePolicyTest, AThresholdCountsDistinctAuthorities) {
  World world({two_of({by_certificate(kTeamA), by_certificate(kTeamB)})});
  EXPECT_EQ(brief(world), "fail no_signature");
  world.sign(legacy(pki().team_a)).sign(legacy(pki().team_a_again));
  const Verdict verdict = world.judge();
  EXPECT_EQ(brief(verdict), "fail threshold_not_met");
  EXPECT_NE(verdict.detail.find("1 of 2"), std::string::npos);
  EXPECT_EQ(brief(world.sign(legacy(pki().team_b))), "pass verified");
}

TEST(EvaluatePolicyTest, OneKeyInTwoCertificatesCountsOnce) {
  World world({two_of({by_certificate(kTeamA), by_certificate(kTeamB)})});
  world.sign(legacy(pki().team_a)).sign(legacy(pki().team_b_with_key_of_a));
  const Verdict verdict = world.judge();
  EXPECT_EQ(brief(verdict), "fail threshold_not_met");
  EXPECT_NE(verdict.detail.find("distinct keys"), std::string::npos);
}

TEST(EvaluatePolicyTest, TheSameKeyUnderTwoNamesCountsOnce) {
  Authority again = by_key({pki().team_a.key.public_key()});
  again.name = "the-same-key";
  World world({two_of({by_key({pki().team_a.key.public_key()}), again})});
  EXPECT_EQ(brief(world.sign(legacy_by_key(pki().team_a.key))), "fail threshold_not_met");
}

TEST(EvaluatePolicyTest, KeysAreSharedOutSoThatAsManyAuthoritiesAsPossibleHaveOne) {
  // The first authority could take either key, and must leave the only one of the second.
  const PublicKey a = pki().team_a.key.public_key();
  const PublicKey b = pki().team_b.key.public_key();
  World world({two_of({by_key({a, b}), by_key({a})})});
  world.sign(legacy_by_key(pki().team_a.key)).sign(legacy_by_key(pki().team_b.key));
  EXPECT_EQ(brief(world), "pass verified");
}

TEST(EvaluatePolicyTest, MostDistinctMatchesKeysToAuthorities) {
  EXPECT_EQ(most_distinct({}), 0U);
  EXPECT_EQ(most_distinct({{}, {}}), 0U);
  EXPECT_EQ(most_distinct({{"a"}, {"a"}}), 1U);
  EXPECT_EQ(most_distinct({{"a", "b"}, {"a"}}), 2U);
  EXPECT_EQ(most_distinct({{"a", "b"}, {"a", "c"}, {"a"}}), 3U);
  EXPECT_EQ(most_distinct({{"a", "b"}, {"a", "b"}, {"a", "b"}}), 2U);
}

TEST(EvaluatePolicyTest, StaticAndDelegateDoNotCountTowardsAThreshold) {
  World world({two_of({allow(), by_certificate()})});
  EXPECT_EQ(brief(world.sign(legacy(pki().team_a))), "fail threshold_not_met");
  World delegated({two_of({delegate(), by_certificate()}), in_shop("web", {by_certificate()})});
  EXPECT_EQ(brief(delegated.sign(legacy(pki().team_a))), "fail threshold_not_met");
}

TEST(EvaluatePolicyTest, AThresholdThatAnOutageKeepsFromBeingMetCannotBeChecked) {
  World world({two_of({by_certificate(kTeamA), by_certificate(kTeamB)})});
  world.sign(legacy(pki().team_a)).fail(kBundle, Reason::registry_timeout);
  EXPECT_EQ(brief(world), "unknown registry_timeout");
}

TEST(EvaluatePolicyTest, AThresholdOfZeroIsOne) {
  Policy policy = cluster("zero", {by_certificate()});
  policy.threshold = 0;
  EXPECT_EQ(brief(World({policy})), "fail no_signature");
}

// ---- modes (policy.md 5, security.md SR-07)

TEST(EvaluatePolicyTest, TheStrictestModeWinsInEitherOrder) {
  for (const Mode lax : {Mode::warn, Mode::audit}) {
    World world({in_mode(lax, cluster("a", {by_certificate()})), cluster("b", {by_certificate()})});
    EXPECT_EQ(brief(world), "fail no_signature");
    std::swap(world.policies[0], world.policies[1]);
    EXPECT_EQ(brief(world), "fail no_signature");
  }
}

TEST(EvaluatePolicyTest, WarnWarnsAndAuditIsSilent) {
  const Verdict warned = World({in_mode(Mode::warn, cluster("a", {by_certificate()}))}).judge();
  EXPECT_EQ(brief(warned), "pass no_signature");
  EXPECT_EQ(finding(warned, "a").effect, Effect::warn);
  ASSERT_EQ(warned.warnings.size(), 1U);
  EXPECT_TRUE(warned.warnings[0].starts_with("ClusterTrustPolicy/a (warn): image quay.io/"));
  EXPECT_NE(warned.warnings[0].find("no_signature"), std::string::npos);

  const Verdict audited = World({in_mode(Mode::audit, cluster("a", {by_certificate()}))}).judge();
  EXPECT_EQ(brief(audited), "pass no_signature");
  EXPECT_EQ(finding(audited, "a").effect, Effect::none);
  EXPECT_EQ(finding(audited, "a").outcome, Outcome::fail);
  EXPECT_TRUE(audited.warnings.empty());
}

// ---- onError (policy.md 15)

Policy on_error(ErrorAction action) {
  Policy policy = cluster("teams", {by_certificate()});
  policy.on_error = action;
  return policy;
}

TEST(EvaluatePolicyTest, OnErrorLetsThroughWhatTheAuthorCannotProvoke) {
  for (const Reason reason : {Reason::registry_unreachable, Reason::registry_dns}) {
    World allows({on_error(ErrorAction::allow)});
    const Verdict silent = allows.fail(kLegacy, reason).judge();
    EXPECT_EQ(brief(silent), "pass " + std::string(name_of(reason)));
    EXPECT_TRUE(silent.warnings.empty());
    EXPECT_EQ(finding(silent, "teams").outcome, Outcome::unknown);

    World warns({on_error(ErrorAction::warn)});
    const Verdict warned = warns.fail(kLegacy, reason).judge();
    EXPECT_TRUE(warned.allowed());
    ASSERT_EQ(warned.warnings.size(), 1U);
    EXPECT_NE(warned.warnings[0].find("could not be checked"), std::string::npos);

    World denies({on_error(ErrorAction::deny)});
    EXPECT_EQ(brief(denies.fail(kLegacy, reason)), "unknown " + std::string(name_of(reason)));
  }
}

TEST(EvaluatePolicyTest, OnErrorNeverLetsThroughWhatTheAuthorCanProvoke) {
  for (const Reason reason :
       {Reason::registry_auth, Reason::registry_forbidden, Reason::registry_rate_limited,
        Reason::registry_timeout, Reason::registry_tls, Reason::registry_protocol,
        Reason::registry_blocked, Reason::deadline, Reason::overloaded, Reason::image_not_found,
        Reason::digest_mismatch, Reason::internal, Reason::too_many_signatures}) {
    SCOPED_TRACE(name_of(reason));
    World world({on_error(ErrorAction::allow)});
    EXPECT_FALSE(world.fail(kLegacy, reason).judge().allowed());
  }
}

TEST(EvaluatePolicyTest, OnErrorNeverCoversAMissingSignature) {
  EXPECT_EQ(brief(World({on_error(ErrorAction::allow)})), "fail no_signature");
}

TEST(EvaluatePolicyTest, OnErrorNeedsAHostThatThePatternNamesLiterally) {
  Policy policy = on_error(ErrorAction::allow);
  policy.match.images = {glob("**")};
  World world({policy});
  EXPECT_EQ(brief(world.fail(kLegacy, Reason::registry_unreachable)),
            "unknown registry_unreachable");
  world.policies[0].match.images.push_back(glob("quay.io/example/*"));
  EXPECT_TRUE(world.judge().allowed());
}

TEST(EvaluatePolicyTest, OnErrorCoversALiteralSignatureRepository) {
  Policy policy = on_error(ErrorAction::allow);
  policy.authorities[0].signature_repository = *Repository::parse("sigs.example/all");
  World world({policy});
  EXPECT_TRUE(
      world.fail(kLegacy, Reason::registry_unreachable, "sigs.example/all").judge().allowed());
}

TEST(EvaluatePolicyTest, AProvokedFailureBesideAnOutageDoesNotChangeWhatTheOutageAllows) {
  World world({on_error(ErrorAction::allow)});
  world.fail(kBundle, Reason::registry_forbidden).fail(kLegacy, Reason::registry_unreachable);
  EXPECT_EQ(brief(world), "pass registry_unreachable");
}

TEST(EvaluatePolicyTest, OnErrorCoversAnUnresolvableTagOfANamedRegistry) {
  World world({on_error(ErrorAction::allow)});
  world.reference = std::string(kRepository) + ":1.0";
  world.digest = Error(Reason::registry_dns, "no such host");
  EXPECT_TRUE(world.judge().allowed());
  world.digest = Error(Reason::image_not_found, "no such tag");
  EXPECT_EQ(brief(world), "unknown image_not_found");
}

// ---- noMatch (policy.md 6)

TEST(EvaluatePolicyTest, WithoutAClusterPolicyNoMatchDecides) {
  World world;
  EXPECT_EQ(brief(world), "fail no_policy_deny");
  world.no_match = NoMatch::warn;
  const Verdict warned = world.judge();
  EXPECT_EQ(brief(warned), "pass no_policy_allow");
  EXPECT_EQ(warned.warnings.size(), 1U);
  world.no_match = NoMatch::allow;
  EXPECT_EQ(brief(world), "pass no_policy_allow");
  EXPECT_TRUE(world.judge().warnings.empty());
}

TEST(EvaluatePolicyTest, ATrustPolicyNeverLiftsNoMatch) {
  World world({in_shop("open", {allow()}), in_shop("web", {by_certificate()})});
  EXPECT_EQ(brief(world.sign(legacy(pki().team_a))), "fail no_policy_deny");
}

TEST(EvaluatePolicyTest, WithNoMatchAllowATrustPolicyStillTightens) {
  World world({in_shop("web", {by_certificate()})});
  for (const NoMatch lax : {NoMatch::allow, NoMatch::warn}) {
    world.no_match = lax;
    EXPECT_EQ(brief(world), "fail no_signature");
  }
  EXPECT_EQ(brief(world.sign(legacy(pki().team_a))), "pass verified");
}

// ---- invalid and unpinned

TEST(EvaluatePolicyTest, AnInvalidPolicyDeniesWhatItMatches) {
  World world({broken(cluster("teams", {by_certificate()}))});
  const Verdict verdict = world.sign(legacy(pki().team_a)).judge();
  EXPECT_EQ(brief(verdict), "fail policy_invalid");
  EXPECT_NE(verdict.detail.find("teams.yaml:7:3"), std::string::npos);
}

TEST(EvaluatePolicyTest, AnInvalidTrustPolicyDeniesInItsNamespaceOnly) {
  World world({cluster("teams", {by_certificate()}), broken(in_shop("web", {by_certificate()}))});
  EXPECT_EQ(brief(world.sign(legacy(pki().team_a))), "fail policy_invalid");
  world.workload.ns = "other";
  EXPECT_EQ(brief(world), "pass verified");
}

TEST(EvaluatePolicyTest, AnInvalidPolicyInModeWarnOnlyWarns) {
  World world({in_mode(Mode::warn, broken(cluster("a", {}))), cluster("b", {by_certificate()})});
  const Verdict verdict = world.sign(legacy(pki().team_a)).judge();
  EXPECT_EQ(brief(verdict), "pass policy_invalid");
  EXPECT_EQ(verdict.warnings.size(), 1U);
}

TEST(EvaluatePolicyTest, RequireDigestRefusesATagBeforeAnyLookup) {
  Policy policy = cluster("pinned", {by_certificate()});
  policy.require_digest = true;
  World world({policy});
  world.sign(legacy(pki().team_a));
  EXPECT_EQ(brief(world), "pass verified");
  world.reference = std::string(kRepository) + ":1.0";
  EXPECT_EQ(brief(world), "fail unpinned");
}

TEST(EvaluatePolicyTest, WhereOneRefusesUnaskedTheOthersAreNotGuessedAt) {
  World world({cluster("shut", {deny()}), cluster("teams", {by_certificate()})});
  const Verdict verdict = world.judge();
  EXPECT_EQ(verdict.policies.size(), 1U);
  EXPECT_EQ(brief(verdict), "fail static_denied");
}

// ---- empty sets never mean success (security.md SR-06)

TEST(EvaluatePolicyTest, EmptySetsNeverPass) {
  EXPECT_FALSE(World({cluster("a", {})}).judge().allowed());
  EXPECT_FALSE(World({cluster("a", {by_key({})})}).sign(legacy(pki().team_a)).judge().allowed());
  EXPECT_FALSE(World({cluster("a", {delegate({})}), in_shop("b", {by_certificate()})})
                   .sign(legacy(pki().team_a))
                   .judge()
                   .allowed());
  Authority nobody = by_certificate();
  std::get<CertificateRule>(nobody.rule).identities.clear();
  EXPECT_FALSE(World({cluster("a", {nobody})}).sign(legacy(pki().team_a)).judge().allowed());
  Authority no_format = by_certificate();
  no_format.formats.clear();
  EXPECT_FALSE(World({cluster("a", {no_format})}).sign(legacy(pki().team_a)).judge().allowed());
  Authority no_roots = by_inline_roots();
  std::get<CertificateRule>(no_roots.rule).trust = std::make_shared<const Trust>();
  EXPECT_FALSE(World({cluster("a", {no_roots})}).sign(legacy(pki().team_a)).judge().allowed());
  World no_anchors({cluster("a", {by_certificate()})});
  no_anchors.roots["linuxera"].trust = {};
  EXPECT_FALSE(no_anchors.sign(legacy(pki().team_a)).judge().allowed());
}

// ---- when to search on

TEST(EvaluatePolicyTest, SearchingEndsWhereNothingCanChange) {
  World open({cluster("a", {by_certificate()})});
  EXPECT_TRUE(open.unsearched(kLegacy).wants_more());
  // Another policy refuses for good, whatever else is found.
  Authority beside = by_certificate(kTeamB);
  beside.formats = {kBundle};
  World lost({cluster("a", {by_certificate()}), cluster("b", {beside})});
  EXPECT_FALSE(lost.unsearched(kLegacy).wants_more());
  World undigested({cluster("a", {by_certificate()})});
  undigested.digest = Error(Reason::registry_dns, "no such host");
  EXPECT_FALSE(undigested.unsearched(kLegacy).wants_more());
}

TEST(EvaluatePolicyTest, SearchingGoesOnForAWarningToBeTrue) {
  World world({in_mode(Mode::warn, cluster("a", {by_certificate()}))});
  EXPECT_TRUE(world.unsearched(kLegacy).wants_more());
}

TEST(EvaluatePolicyTest, SearchingGoesOnForAThresholdOnlyIfItCanBeMet) {
  Authority bundles = by_certificate(kTeamB);
  bundles.formats = {kBundle};
  World world({two_of({by_certificate(kTeamA), bundles})});
  world.unsearched(kLegacy);
  EXPECT_FALSE(world.wants_more());
  EXPECT_TRUE(world.sign(bundle(pki().team_b)).wants_more());
}

}  // namespace
}  // namespace signet
