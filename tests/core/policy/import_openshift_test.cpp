#include <gtest/gtest.h>

#include "core/base/bytes.hpp"
#include "tests/core/policy/import_support.hpp"

namespace signet::testing {
namespace {

const std::string kPki = R"(apiVersion: config.openshift.io/v1
kind: ClusterImagePolicy
metadata: {name: teams}
spec:
  scopes: [registry.example.com/teams]
  policy:
    rootOfTrust:
      policyType: PKI
      pki:
        caRootsData: )" + base64(kImportRoot) +
                         "\n        caIntermediatesData: " + base64(kImportIntermediate) + R"(
        pkiCertificateSubject: {email: release@example.com}
    signedIdentity: {matchPolicy: MatchRepository}
)";

const std::string kPublicKey = R"(apiVersion: config.openshift.io/v1
kind: ImagePolicy
metadata: {name: key, namespace: shop}
spec:
  scopes: [registry.example.com/shop/web]
  policy:
    rootOfTrust:
      policyType: PublicKey
      publicKey: {keyData: )" + base64(kImportKey) +
                               "}\n";

TEST(ImportOpenShift, own_pki_is_carried_over_whole) {
  const ImportOutcome outcome = import_text(kPki);
  EXPECT_EQ(outcome.failure, "");
  EXPECT_EQ(outcome.losses(), std::vector<std::string>{});
  const Policy* const policy = outcome.policy("teams");
  ASSERT_NE(policy, nullptr);
  EXPECT_FALSE(policy->require_digest);
  const Authority& authority = policy->authorities[0];
  EXPECT_EQ(authority.signed_identity.match, SignedIdentity::repository);
  const auto& rule = std::get<CertificateRule>(authority.rule);
  EXPECT_EQ(rule.code_signing, CodeSigning::required);
  EXPECT_EQ(rule.trust->authorities[0].intermediates.size(), 1u);
  for (const IdentityRule& identity : rule.identities) {
    EXPECT_EQ(identity.subject_type, SubjectType::email);
    EXPECT_FALSE(identity.subject.is_regexp());
  }
}

TEST(ImportOpenShift, an_image_policy_is_a_cluster_policy_for_its_namespace) {
  const ImportOutcome outcome = import_text(kPublicKey);
  EXPECT_EQ(outcome.failure, "");
  const Policy* const policy = outcome.policy("shop-key");
  ASSERT_NE(policy, nullptr);
  EXPECT_EQ(policy->match.namespaces, std::vector<std::string>{"shop"});
  // MatchRepoDigestOrExact, the default: by digest the repository must fit.
  EXPECT_TRUE(policy->require_digest);
  EXPECT_EQ(policy->authorities[0].signed_identity.match, SignedIdentity::repository);
}

TEST(ImportOpenShift, each_field_is_carried_over_or_told) {
  const std::string key = base64(kImportKey);
  const std::string identity = "    signedIdentity: {matchPolicy: ";
  const std::string exact =
      identity + "ExactRepository, exactRepository: {repository: r.example.com/x}}\n";
  const std::string fulcio =
      "policyType: FulcioCAWithRekor\n      fulcioCAWithRekor: {fulcioCAData: " +
      base64(kImportRoot) + ", rekorKeyData: " + key +
      ", fulcioSubject: {oidcIssuer: \"https://login.example.com\", signedEmail: a@example.com}}";
  const std::string with_key = "policyType: PublicKey\n      publicKey: {keyData: " + key + "}";
  const std::vector<ImportChange> changes = {
      {kPki, "email: release@example.com", "hostname: build.example.com", "", true},
      {kPki, "{email: release@example.com}", "{email: a@example.com, hostname: b.example.com}",
       "spec.policy.rootOfTrust.pki.pkiCertificateSubject", false},
      {kPki, "[registry.example.com/teams]", "[\"*.example.com\"]", "spec.scopes[0]", true},
      {kPki, "teams]", "teams:v1]", "spec.scopes[0]", true},
      {kPki, "spec:", "spec:\n  novelty: 1", "spec.novelty", true},
      {kPublicKey, "keyData", "rekorKeyData: " + key + ", keyData",
       "spec.policy.rootOfTrust.publicKey.rekorKeyData", false},
      {kPublicKey, with_key, fulcio, "spec.policy.rootOfTrust.fulcioCAWithRekor.rekorKeyData",
       false},
      {kPublicKey, "{keyData: " + key + "}\n",
       "{keyData: " + key + "}\n" + identity + "MatchRepoDigestOrExact}\n", "", true},
      {kPublicKey, "{keyData: " + key + "}\n",
       "{keyData: " + key + "}\n" + identity +
           "RemapIdentity, remapIdentity: {prefix: registry.example.com/shop, signedPrefix: "
           "vendor.example.com/shop}}\n",
       "", true},
      {kPublicKey, "{keyData: " + key + "}\n", "{keyData: " + key + "}\n" + exact,
       "spec.policy.signedIdentity.exactRepository", false},
      {with(kPublicKey, "shop/web]", "shop/web:1]"), "{keyData: " + key + "}\n",
       "{keyData: " + key + "}\n" + exact, "spec.scopes[0]", true},
  };
  check_changes(changes);
}

TEST(ImportOpenShift, what_openshift_would_not_take_is_an_error) {
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"policyType: PKI", "policyType: Other"},
           {"scopes: [registry.example.com/teams]", "scopes: []"},
           {"MatchRepository", "MatchNothing"},
           {"caRootsData: ", "caRootsData: \"?\" #"},
           {"{email: release@example.com}", "{}"},
           {"metadata: {name: teams}", "metadata: {}"}}) {
    const ImportOutcome outcome = import_text(with(kPki, from, to));
    EXPECT_NE(outcome.failure.find("peer.yaml:"), std::string::npos) << to << outcome.text;
  }
}

}  // namespace
}  // namespace signet::testing
