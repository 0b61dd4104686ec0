// security.md SR-05: every policy field is enforced on every format. Each row takes a policy that
// passes, sets one field to a value that does not fit, and expects the verdict to flip.

#include <gtest/gtest.h>

#include <functional>

#include "tests/core/policy/world.hpp"

namespace signet {
namespace {

using namespace signet::world;

// A format cannot be added without this table growing.
constexpr std::array kFormats = {SignatureFormat::bundle, SignatureFormat::legacy};
static_assert(static_cast<int>(SignatureFormat::legacy) + 1 == kFormats.size());

CertificateRule& certificate(World& world) {
  return std::get<CertificateRule>(world.policies[0].authorities[0].rule);
}

Authority& authority(World& world) {
  return world.policies[0].authorities[0];
}

Trust& trust(World& world) {
  return world.roots["linuxera"].trust;
}

Result<TextPattern> pattern(const std::string& text) {
  return TextPattern::regexp(text);
}

struct Flip {
  const char* field;
  std::function<void(World&)> change;
  const char* verdict;
};

// Fields of a certificate authority and of its policy, whatever the format.
std::vector<Flip> certificate_flips() {
  return {
      {"identities.subject",
       [](World& w) { certificate(w).identities[0].subject = TextPattern::exact(kTeamB); },
       "fail identity_mismatch"},
      {"identities.subjectRegExp",
       [](World& w) { certificate(w).identities[0].subject = *pattern("team-a"); },
       "fail identity_mismatch"},
      {"identities.subjectType",
       [](World& w) { certificate(w).identities[0].subject_type = SubjectType::uri; },
       "fail identity_mismatch"},
      {"identities.issuer",
       [](World& w) { certificate(w).identities[0].issuer = TextPattern::exact("https://x"); },
       "fail issuer_mismatch"},
      {"identities.issuerRegExp",
       [](World& w) { certificate(w).identities[0].issuer = *pattern("https://x.*"); },
       "fail issuer_mismatch"},
      {"identities.issuerDN",
       [](World& w) { certificate(w).identities[0].issuer_dn = TextPattern::exact("CN=x"); },
       "fail issuer_mismatch"},
      {"identities.issuerDN of an intermediate that only the signature carries",
       [](World& w) { certificate(w).identities[0].issuer_dn = *pattern(".*"); },
       "fail issuer_mismatch"},
      {"requireCodeSigning", [](World& w) { certificate(w).code_signing = CodeSigning::required; },
       "fail cert_profile"},
      {"trustRootRef", [](World& w) { certificate(w).trust_root = "gone"; },
       "fail trust_root_missing"},
      {"annotations",
       [](World& w) {
         authority(w).annotations = {{"environment", "test"}};
       },
       "fail annotation_mismatch"},
      {"annotations that are not there",
       [](World& w) {
         authority(w).annotations = {{"approved", "yes"}};
       },
       "fail annotation_mismatch"},
      {"signatureRepository",
       [](World& w) {
         authority(w).signature_repository = *Repository::parse("quay.io/example/signatures");
       },
       "fail no_signature"},
      {"threshold",
       [](World& w) {
         w.policies[0].threshold = 2;
         w.policies[0].authorities.push_back(by_certificate(kTeamB));
       },
       "fail threshold_not_met"},
      {"requireDigest",
       [](World& w) {
         w.policies[0].require_digest = true;
         w.reference = std::string(kRepository) + ":1.0";
       },
       "fail unpinned"},
      {"an issue", [](World& w) { w.policies[0] = broken(w.policies[0]); }, "fail policy_invalid"},
      {"match.images", [](World& w) { w.policies[0].match.images = {glob("quay.io/other/**")}; },
       "fail no_policy_deny"},
      {"match.exclude", [](World& w) { w.policies[0].match.exclude = {glob("quay.io/**")}; },
       "fail no_policy_deny"},
      {"match.namespaces", [](World& w) { w.policies[0].match.namespaces = {"other"}; },
       "fail no_policy_deny"},
      {"match.namespaceSelector",
       [](World& w) {
         w.policies[0].match.namespace_selector =
             Selector{{{"tier", Selector::Operator::exists, {}}}};
       },
       "fail no_policy_deny"},
  };
}

std::vector<Flip> trust_root_flips() {
  return {
      {"roots",
       [](World& w) { trust(w).authorities[0].anchors = {pki().foreign_root.certificate}; },
       "fail chain_untrusted"},
      {"validFor.end",
       [](World& w) { trust(w).authorities[0].valid_for.end = kTestNow - std::chrono::seconds(1); },
       "fail chain_expired"},
      {"validFor.start",
       [](World& w) {
         trust(w).authorities[0].valid_for.start = kTestNow + std::chrono::seconds(1);
       },
       "fail chain_expired"},
      {"crls",
       [](World& w) {
         trust(w).revocation = Revocation::require;
         testing::CrlSpec revoking;
         revoking.revoked = {pki().team_a.certificate.serial()};
         trust(w).authorities[0].crls = {testing::issue_crl(pki().root, {}),
                                         testing::issue_crl(pki().intermediate, revoking)};
       },
       "fail revoked"},
      {"revocation: require without CRLs",
       [](World& w) { trust(w).revocation = Revocation::require; }, "unknown crl_stale"},
      {"chain.annotation", [](World& w) { trust(w).carried_intermediates = false; },
       "fail chain_untrusted"},
      {"chain.maxIntermediates", [](World& w) { trust(w).max_intermediates = 0; },
       "fail limit_exceeded"},
      {"issues", [](World& w) { w.roots["linuxera"].issues.push_back({}); },
       "fail trust_root_missing"},
  };
}

World good(SignatureFormat format) {
  Authority authority = by_certificate();
  authority.annotations = {{"environment", "prod"}};
  World world({cluster("teams", {authority})});
  Signing what;
  what.annotations = {{"environment", "prod"}};
  return world.sign(signature(format, pki().team_a, what));
}

void expect_flips(const std::vector<Flip>& flips) {
  for (const SignatureFormat format : kFormats) {
    ASSERT_EQ(brief(good(format)), "pass verified");
    for (const Flip& flip : flips) {
      SCOPED_TRACE(std::string(flip.field) + ", " + std::string(name_of(format)));
      World world = good(format);
      flip.change(world);
      EXPECT_EQ(brief(world), flip.verdict);
    }
  }
}

TEST(EvaluateMatrixTest, EveryFieldOfAPolicyFlipsTheVerdict) {
  expect_flips(certificate_flips());
}

TEST(EvaluateMatrixTest, EveryFieldOfATrustRootFlipsTheVerdict) {
  expect_flips(trust_root_flips());
}

TEST(EvaluateMatrixTest, AFormatCountsOnlyWhereItIsListed) {
  for (const SignatureFormat format : kFormats) {
    for (const SignatureFormat listed : kFormats) {
      World world = good(format);
      authority(world).formats = {listed};
      EXPECT_EQ(world.judge().allowed(), format == listed);
    }
  }
}

TEST(EvaluateMatrixTest, OnlyAnyIdentityFitsABundle) {
  for (const SignedIdentity match : {SignedIdentity::any, SignedIdentity::repository,
                                     SignedIdentity::exact, SignedIdentity::remap}) {
    World world = good(SignatureFormat::bundle);
    authority(world).signed_identity = {match, "quay.io", "quay.io"};
    EXPECT_EQ(brief(world),
              match == SignedIdentity::any ? "pass verified" : "fail signed_identity_mismatch");
  }
}

// ---- signedIdentity of legacy signatures (policy.md 16)

struct Named {
  SignedIdentityRule rule;
  const char* image;  // with @DIGEST appended
  const char* signed_as;
  bool fits;
};

const SignedIdentityRule kAny{SignedIdentity::any, "", ""};
const SignedIdentityRule kSameRepository{SignedIdentity::repository, "", ""};
const SignedIdentityRule kExact{SignedIdentity::exact, "", ""};
const SignedIdentityRule kRemap{SignedIdentity::remap, "mirror.example/quay", "quay.io"};

std::vector<Named> names() {
  return {
      {kAny, "quay.io/example/app", "ghcr.io/other/app", true},
      {kAny, "quay.io/example/app", "", true},
      {kSameRepository, "quay.io/example/app", "quay.io/example/app", true},
      {kSameRepository, "quay.io/example/app", "quay.io/example/app:1.0", true},
      {kSameRepository, "quay.io/example/app", "QUAY.IO/example/app", false},
      {kSameRepository, "quay.io/example/app", "quay.io:443/example/app", true},
      {kSameRepository, "nginx", "index.docker.io/library/nginx", true},
      {kSameRepository, "quay.io/example/app", "quay.io/example/other", false},
      {kSameRepository, "quay.io/example/app", "quay.io/example/app/x", false},
      {kSameRepository, "quay.io/example/app", "not a reference", false},
      {kSameRepository, "quay.io/example/app", "", false},
      {kExact, "quay.io/example/app:1.0", "quay.io/example/app:1.0", true},
      {kExact, "quay.io/example/app:1.0", "quay.io/example/app:2.0", false},
      {kExact, "quay.io/example/app:1.0", "quay.io/example/app", false},
      {kExact, "quay.io/example/app", "quay.io/example/app:1.0", false},
      {kExact, "quay.io/example/app:1.0", "quay.io/example/other:1.0", false},
      {kRemap, "mirror.example/quay/example/app", "quay.io/example/app", true},
      {kRemap, "mirror.example/quay/example/app", "mirror.example/quay/example/app", false},
      {kRemap, "mirror.example/quayside/app", "quay.ioside/app", false},
      {kRemap, "quay.io/example/app", "quay.io/example/app", true},
      {kRemap, "quay.io/example/app", "ghcr.io/example/app", false},
  };
}

TEST(EvaluateMatrixTest, SignedIdentityComparesNamesInOneSpelling) {
  for (const Named& row : names()) {
    SCOPED_TRACE(std::string(row.image) + " signed as " + row.signed_as);
    Authority named = by_certificate();
    named.signed_identity = row.rule;
    Policy policy = cluster("teams", {named});
    policy.match.images = {glob("**")};
    World world({policy});
    world.reference = pinned(row.image);
    Signing what;
    what.reference = row.signed_as;
    const std::string repository = Reference::parse(row.image)->repository().str();
    world.sign(legacy(pki().team_a, what), repository);
    EXPECT_EQ(brief(world), row.fits ? "pass verified" : "fail signed_identity_mismatch");
  }
}

TEST(EvaluateMatrixTest, ExactTakesADigestInThePayloadToo) {
  Authority named = by_certificate();
  named.signed_identity = kExact;
  World world({cluster("teams", {named})});
  Signing what;
  what.reference = pinned();
  EXPECT_EQ(brief(world.sign(legacy(pki().team_a, what))), "pass verified");
  World other({cluster("teams", {named})});
  what.reference = std::string(kRepository) + "@" + other_image().str();
  EXPECT_EQ(brief(other.sign(legacy(pki().team_a, what))), "fail signed_identity_mismatch");
}

TEST(EvaluateMatrixTest, AnnotationsComeFromTheSignedPayloadOnly) {
  Authority annotated = by_certificate();
  annotated.annotations = {{"environment", "prod"}};
  Candidate candidate = legacy(pki().team_a);
  candidate.annotations["environment"] = "prod";
  World world({cluster("teams", {annotated})});
  EXPECT_EQ(brief(world.sign(candidate)), "fail annotation_mismatch");
}

}  // namespace
}  // namespace signet
