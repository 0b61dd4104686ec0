// What one authority makes of the signatures that lie there.

#include <gtest/gtest.h>

#include "core/base/limits.hpp"
#include "core/policy/judge_authority.hpp"
#include "tests/core/policy/world.hpp"

namespace signet {
namespace {

using namespace signet::world;

Signing of_other() {
  Signing what;
  what.digest = other_image();
  return what;
}

Candidate tampered(Candidate candidate) {
  candidate.annotations["dev.cosignproject.cosign/signature"] =
      base64(pki().team_b.key.sign(*candidate.content));
  return candidate;
}

TEST(EvaluateAuthorityTest, EitherFormatSignedByTheTeamPasses) {
  EXPECT_EQ(brief(teams().sign(legacy(pki().team_a))), "pass verified");
  EXPECT_EQ(brief(teams().sign(bundle(pki().team_a))), "pass verified");
}

TEST(EvaluateAuthorityTest, NothingThereIsNotSigned) {
  const Verdict verdict = teams().judge();
  EXPECT_EQ(brief(verdict), "fail no_signature");
  EXPECT_NE(verdict.detail.find("bundle signatures in quay.io/example/app"), std::string::npos);
}

struct Refusal {
  const char* what;
  World world;
  const char* verdict;
};

std::vector<Refusal> refusals() {
  const Pki& p = pki();
  return {
      {"foreign CA", teams().sign(legacy(p.foreign_team_a)), "fail chain_untrusted"},
      {"other team", teams().sign(legacy(p.team_b)), "fail identity_mismatch"},
      {"expired", teams().sign(legacy(p.expired)), "fail chain_expired"},
      {"not yet valid", teams().sign(legacy(p.not_yet)), "fail chain_expired"},
      {"other image", teams().sign(legacy(p.team_a, of_other())), "fail payload_mismatch"},
      {"other image, bundle", teams().sign(bundle(p.team_a, of_other())), "fail payload_mismatch"},
      {"tampered", teams().sign(tampered(legacy(p.team_a))), "fail signature_invalid"},
      {"garbage", teams().sign({kBundle, "x", {}, Blob("{}")}), "fail signature_invalid"},
      {"no TrustRoot", teams(by_certificate(kTeamA, "gone")), "fail trust_root_missing"},
      {"another key", teams(by_key({p.team_b.key.public_key()})).sign(legacy(p.team_a)),
       "fail key_mismatch"},
      {"right key, other image",
       teams(by_key({p.team_a.key.public_key()})).sign(legacy(p.team_a, of_other())),
       "fail payload_mismatch"},
  };
}

TEST(EvaluateAuthorityTest, SaysWhyASignatureDoesNotCount) {
  for (const Refusal& row : refusals()) {
    SCOPED_TRACE(row.what);
    EXPECT_EQ(brief(row.world), row.verdict);
  }
}

TEST(EvaluateAuthorityTest, ShowsTheSignatureThatGotFurthest) {
  // Given signatures that got less far and further, in both orders.
  const std::vector<Candidate> candidates = {legacy(pki().foreign_team_a), legacy(pki().team_b),
                                             tampered(legacy(pki().team_a)),
                                             legacy(pki().team_a, of_other())};
  const std::vector<std::string> verdicts = {"fail chain_untrusted", "fail identity_mismatch",
                                             "fail signature_invalid", "fail payload_mismatch"};
  for (std::size_t i = 0; i + 1 < candidates.size(); ++i) {
    SCOPED_TRACE(verdicts[i]);
    EXPECT_EQ(brief(teams().sign(candidates[i]).sign(candidates[i + 1])), verdicts[i + 1]);
    EXPECT_EQ(brief(teams().sign(candidates[i + 1]).sign(candidates[i])), verdicts[i + 1]);
  }
}

TEST(EvaluateAuthorityTest, GarbageOfOthersNeverHidesAGoodSignature) {
  World world = teams();
  world.sign({kBundle, "x", {}, Blob("not JSON")}).sign(legacy(pki().foreign_team_a));
  world.sign(unreadable(kLegacy, Reason::digest_mismatch, "wrong bytes"));
  world.sign(legacy(pki().team_a)).fail(kBundle, Reason::registry_forbidden);
  EXPECT_EQ(brief(world), "pass verified");
}

TEST(EvaluateAuthorityTest, AllConditionsHoldForOneSignatureOrForNone) {
  Authority authority = by_certificate();
  authority.annotations = {{"environment", "prod"}};
  Signing annotated;
  annotated.annotations = {{"environment", "prod"}};
  // The right team without the annotation, and the annotation by the wrong team.
  World world = teams(authority);
  world.sign(legacy(pki().team_a)).sign(legacy(pki().team_b, annotated));
  EXPECT_EQ(brief(world), "fail annotation_mismatch");
  EXPECT_EQ(brief(world.sign(legacy(pki().team_a, annotated))), "pass verified");
}

TEST(EvaluateAuthorityTest, AnyKeyOfAnAuthoritySuffices) {
  const Authority authority =
      by_key({pki().team_b.key.public_key(), pki().team_a.key.public_key()});
  EXPECT_EQ(brief(teams(authority).sign(legacy_by_key(pki().team_a.key))), "pass verified");
  EXPECT_EQ(brief(teams(by_key({})).sign(legacy_by_key(pki().team_a.key))), "fail key_mismatch");
}

TEST(EvaluateAuthorityTest, InlineRootsAreTrustedForTheirPolicy) {
  EXPECT_EQ(brief(teams(by_inline_roots()).sign(legacy(pki().team_a))), "pass verified");
  EXPECT_EQ(brief(teams(by_inline_roots()).sign(legacy(pki().foreign_team_a))),
            "fail chain_untrusted");
}

TEST(EvaluateAuthorityTest, AnInvalidTrustRootTrustsNothing) {
  World world = teams().sign(legacy(pki().team_a));
  world.roots["linuxera"].issues.push_back({"root.yaml", 3, 1, "spec", "is empty"});
  EXPECT_EQ(brief(world), "fail trust_root_missing");
}

TEST(EvaluateAuthorityTest, SignaturesElsewhereCountOnlyWhereTheAuthorityLooks) {
  Authority authority = by_certificate();
  authority.signature_repository = *Repository::parse("quay.io/example/signatures");
  World beside = teams(authority).sign(legacy(pki().team_a));
  EXPECT_EQ(brief(beside), "fail no_signature");
  World elsewhere = teams(authority).sign(legacy(pki().team_a), "quay.io/example/signatures");
  EXPECT_EQ(brief(elsewhere), "pass verified");
}

// ---- could not be checked

TEST(EvaluateAuthorityTest, ARegistryThatFailsIsNeverNotSigned) {
  for (const Reason reason :
       {Reason::registry_unreachable, Reason::registry_dns, Reason::registry_timeout,
        Reason::registry_tls, Reason::registry_auth, Reason::registry_forbidden,
        Reason::registry_rate_limited, Reason::registry_protocol, Reason::registry_blocked,
        Reason::digest_mismatch, Reason::ambiguous_manifest, Reason::deadline, Reason::overloaded,
        Reason::internal}) {
    SCOPED_TRACE(name_of(reason));
    const std::string unknown = "unknown " + std::string(name_of(reason));
    EXPECT_EQ(brief(teams().fail(kBundle, reason)), unknown);
    EXPECT_EQ(brief(teams().fail(kLegacy, reason).sign(legacy(pki().team_b))), unknown);
    EXPECT_EQ(brief(teams().sign(unreadable(kLegacy, reason, "the blob is gone"))), unknown);
    World undigested = teams();
    undigested.digest = Error(reason, "nobody can tell");
    EXPECT_EQ(brief(undigested), unknown);
  }
}

TEST(EvaluateAuthorityTest, APlaceThatFailedDoesNotMatterToWhoDoesNotReadIt) {
  Authority authority = by_certificate();
  authority.formats = {kLegacy};
  World world = teams(authority).fail(kBundle, Reason::registry_timeout);
  EXPECT_EQ(brief(world), "fail no_signature");
}

TEST(EvaluateAuthorityTest, TooMuchToLookAtIsARefusal) {
  World world = teams().fail(kLegacy, Reason::too_many_signatures).sign(bundle(pki().team_b));
  EXPECT_EQ(brief(world), "fail too_many_signatures");
  EXPECT_EQ(brief(teams().fail(kLegacy, Reason::limit_exceeded)), "fail limit_exceeded");
}

TEST(EvaluateAuthorityTest, WithoutAPlaceSearchedNobodyCanTell) {
  World world = teams().unsearched(kLegacy);
  EXPECT_EQ(brief(world), "unknown internal");
  EXPECT_TRUE(world.wants_more());
  EXPECT_EQ(brief(world.sign(bundle(pki().team_a))), "pass verified");
  EXPECT_FALSE(world.wants_more());
}

TEST(EvaluateAuthorityTest, WhatTheRegistrySaidComesBeforeWhatNobodyAsked) {
  World world = teams().unsearched(kBundle).fail(kLegacy, Reason::registry_forbidden);
  EXPECT_EQ(brief(world), "unknown registry_forbidden");
  EXPECT_TRUE(world.wants_more());
}

TEST(EvaluateAuthorityTest, EvidenceAboutAnotherImageIsRefused) {
  World world = teams().sign(legacy(pki().team_a, of_other()));
  world.digest = other_image();
  EXPECT_EQ(brief(world), "unknown digest_mismatch");
}

TEST(EvaluateAuthorityTest, AResolvedTagIsJudgedByItsDigest) {
  World world = teams().sign(legacy(pki().team_a));
  world.reference = std::string(kRepository) + ":1.0";
  EXPECT_EQ(brief(world), "pass verified");
  EXPECT_EQ(world.judge().digest, image());
  world.digest = other_image();
  EXPECT_EQ(brief(world), "fail payload_mismatch");
}

// ---- bounds and findings

World with_key_signatures(std::size_t strangers) {
  World world = teams(by_key({pki().team_a.key.public_key()}));
  for (std::size_t i = 0; i < strangers; ++i) {
    world.sign(legacy_by_key(pki().team_b.key));
  }
  return world.sign(legacy_by_key(pki().team_a.key));
}

TEST(EvaluateAuthorityTest, SignatureArithmeticOfAnImageIsBounded) {
  EXPECT_EQ(brief(with_key_signatures(kSignatureVerifications - 1)), "pass verified");
  EXPECT_EQ(brief(with_key_signatures(kSignatureVerifications)), "fail limit_exceeded");
}

TEST(EvaluateAuthorityTest, RunningOutOfWorkIsWhatAPersonMustKnow) {
  // A signature that got far, and then more than can be verified.
  World world = teams(by_key({pki().team_a.key.public_key()}));
  world.sign(legacy_by_key(pki().team_a.key, of_other()));
  for (std::size_t i = 0; i < kSignatureVerifications; ++i) {
    world.sign(legacy_by_key(pki().team_b.key));
  }
  EXPECT_EQ(brief(world), "fail limit_exceeded");
}

TEST(EvaluateAuthorityTest, OneSignatureOverALimitDoesNotHideABetterOne) {
  World world = teams().sign(legacy(pki().team_b));
  world.sign(unreadable(kLegacy, Reason::limit_exceeded, "a payload of 1 MiB"));
  EXPECT_EQ(brief(world), "fail identity_mismatch");
}

TEST(EvaluateAuthorityTest, StrangersCertificatesCostNoArithmetic) {
  World world = teams();
  for (std::size_t i = 0; i < kSignatureVerifications + 1; ++i) {
    world.sign(legacy(pki().foreign_team_a));
  }
  EXPECT_EQ(brief(world.sign(legacy(pki().team_a))), "pass verified");
}

TEST(EvaluateAuthorityTest, WorkDoesNotGrowWithTheNumberOfPolicies) {
  Digest digest = image();
  Horizon horizon(kTestNow);
  SignatureJudge judge(digest);
  judge.begin(horizon);
  const Candidate candidate = legacy(pki().team_a);
  // Given many trusts of the same content and many identities, one of which fits.
  std::vector<Trust> trusts(20, pki().trust());
  for (const Trust& trust : trusts) {
    const std::vector<IdentityRule> other = {identity(kTeamB)};
    const std::vector<IdentityRule> fits = {identity(kTeamA)};
    EXPECT_FALSE(judge.by_certificate(candidate, trust, other, CodeSigning::optional));
    EXPECT_TRUE(judge.by_certificate(candidate, trust, fits, CodeSigning::optional));
  }
  EXPECT_EQ(judge.arithmetic(), 1U);
  for (int i = 0; i < 20; ++i) {
    EXPECT_FALSE(judge.by_key(candidate, pki().team_b.key.public_key()));
  }
  EXPECT_EQ(judge.arithmetic(), 2U);
}

TEST(EvaluateAuthorityTest, AMemoNeverAnswersForAnotherIdentity) {
  Digest digest = image();
  Horizon horizon(kTestNow);
  SignatureJudge judge(digest);
  judge.begin(horizon);
  const Candidate candidate = legacy(pki().team_a);
  const Trust trust = pki().trust();
  const std::vector<IdentityRule> fits = {identity(kTeamA)};
  const std::vector<IdentityRule> other = {identity(kTeamB)};
  ASSERT_TRUE(judge.by_certificate(candidate, trust, fits, CodeSigning::optional));
  const auto refused = judge.by_certificate(candidate, trust, other, CodeSigning::optional);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason(), Reason::identity_mismatch);
  const auto nobody = judge.by_certificate(candidate, trust, std::span<const IdentityRule>(),
                                           CodeSigning::optional);
  EXPECT_FALSE(nobody);
  const auto coded = judge.by_certificate(candidate, trust, fits, CodeSigning::required);
  ASSERT_FALSE(coded);
  EXPECT_EQ(coded.error().reason(), Reason::cert_profile);
  Trust other_root = trust;
  other_root.authorities.front().anchors = {pki().foreign_root.certificate};
  EXPECT_FALSE(judge.by_certificate(candidate, other_root, fits, CodeSigning::optional));
}

TEST(EvaluateAuthorityTest, TrustsAreOneOnlyIfAllOfThemIsEqual) {
  const Trust trust = pki().trust();
  EXPECT_TRUE(same_trust(trust, pki().trust()));
  std::vector<Trust> others(6, trust);
  others[0].revocation = Revocation::require;
  others[1].carried_intermediates = false;
  others[2].max_intermediates = 0;
  others[3].authorities.front().intermediates = {pki().intermediate.certificate};
  others[4].authorities.front().valid_for.end = kTestNow;
  others[5].authorities.front().crls = {testing::issue_crl(pki().root, {})};
  for (const Trust& other : others) {
    EXPECT_FALSE(same_trust(trust, other));
  }
}

TEST(EvaluateAuthorityTest, FindingsNameSignerAndReasonOfEachSignature) {
  const Verdict verdict =
      teams().sign(legacy(pki().team_b)).sign(legacy(pki().foreign_team_a)).judge();
  const AuthorityFinding& authority = finding(verdict, "teams").authorities.at(0);
  ASSERT_EQ(authority.signatures.size(), 2U);
  EXPECT_EQ(authority.signatures[0].subject, kTeamB);
  EXPECT_EQ(authority.signatures[0].issuer, kIssuer);
  EXPECT_EQ(authority.signatures[0].reason, Reason::identity_mismatch);
  EXPECT_EQ(authority.signatures[0].not_after, pki().team_b.certificate.not_after());
  EXPECT_FALSE(authority.signatures[0].counted);
  EXPECT_EQ(authority.signatures[1].reason, Reason::chain_untrusted);
  EXPECT_EQ(authority.searched.size(), 2U);
}

TEST(EvaluateAuthorityTest, FurthestIsInTheOrderOfTheChecks) {
  const std::vector<Reason> order = {
      Reason::no_signature,       Reason::unsupported_format, Reason::chain_untrusted,
      Reason::chain_expired,      Reason::identity_mismatch,  Reason::issuer_mismatch,
      Reason::signature_invalid,  Reason::payload_mismatch,   Reason::signed_identity_mismatch,
      Reason::annotation_mismatch};
  for (std::size_t i = 0; i + 1 < order.size(); ++i) {
    EXPECT_LT(how_far(order[i]), how_far(order[i + 1])) << name_of(order[i]);
  }
}

}  // namespace
}  // namespace signet
