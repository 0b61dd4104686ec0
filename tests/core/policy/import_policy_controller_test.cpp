#include <gtest/gtest.h>

#include "core/base/bytes.hpp"
#include "tests/core/policy/import_support.hpp"

namespace signet::testing {
namespace {

const std::string kTrust =
    "apiVersion: policy.sigstore.dev/v1alpha1\n"
    "kind: TrustRoot\n"
    "metadata: {name: example}\n"
    "spec:\n"
    "  sigstoreKeys:\n"
    "    certificateAuthorities:\n"
    "      - {certChain: " +
    base64(kImportIntermediate + kImportRoot) +
    "}\n"
    "---\n";

const std::string kOwnCa = kTrust + R"(apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata: {name: teams}
spec:
  mode: enforce
  images:
    - glob: registry.example.com/teams/**
  authorities:
    - name: own
      keyless:
        trustRootRef: example
        insecureIgnoreSCT: true
        identities:
          - {subject: release@example.com, issuer: "https://login.example.com"}
)";

const std::string kKey = R"(apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata: {name: teams}
spec:
  images:
    - glob: registry.example.com/teams/**
  authorities:
    - key: {data: )" + yaml_text(kImportKey) +
                         "}\n";

const std::string kPass = R"(apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata: {name: teams}
spec:
  images:
    - glob: registry.example.com/teams/**
  authorities:
    - static: {action: pass}
)";

TEST(ImportPolicyController, own_ca_is_carried_over_whole) {
  const ImportOutcome outcome = import_text(kOwnCa);
  EXPECT_EQ(outcome.failure, "");
  EXPECT_EQ(outcome.losses(), std::vector<std::string>{});
  EXPECT_TRUE(outcome.loaded.issues.empty());
  ASSERT_EQ(outcome.loaded.trust_roots.size(), 1u);
  const Trust& trust = outcome.loaded.trust_roots[0]->trust;
  EXPECT_EQ(trust.authorities[0].anchors.size(), 1u);
  EXPECT_EQ(trust.authorities[0].intermediates.size(), 1u);
  EXPECT_FALSE(trust.carried_intermediates);
  const Policy* const policy = outcome.policy("teams");
  ASSERT_NE(policy, nullptr);
  EXPECT_EQ(policy->mode, Mode::enforce);
  EXPECT_EQ(policy->match.images[0].text(), "registry.example.com/teams/**");
  const auto& rule = std::get<CertificateRule>(policy->authorities[0].rule);
  EXPECT_EQ(rule.trust_root, "example");
  ASSERT_EQ(rule.identities.size(), 1u);
  EXPECT_TRUE(rule.identities[0].subject.matches("release@example.com"));
  EXPECT_TRUE(rule.identities[0].issuer->matches("https://login.example.com"));
  EXPECT_EQ(policy->authorities[0].formats, std::vector{SignatureFormat::legacy});
}

TEST(ImportPolicyController, a_key_is_carried_over_whole) {
  const ImportOutcome outcome = import_text(kKey);
  EXPECT_EQ(outcome.losses(), std::vector<std::string>{});
  const Policy* const policy = outcome.policy("teams");
  ASSERT_NE(policy, nullptr);
  EXPECT_EQ(policy->authorities[0].name, "authority-0");
  EXPECT_EQ(std::get<KeyRule>(policy->authorities[0].rule).keys.size(), 1u);
}

TEST(ImportPolicyController, each_field_is_carried_over_or_told) {
  const std::string end = "issuer: \"https://login.example.com\"}\n";
  const auto authority = [&](const std::string& more) { return end + "      " + more + "\n"; };
  const std::vector<ImportChange> changes = {
      {kOwnCa, "mode: enforce", "mode: warn", "", true},
      {kOwnCa, end, authority("ctlog: {}"), "", true},
      {kOwnCa, end, authority("ctlog: {url: \"https://rekor.example.com\"}"),
       "spec.authorities[0].ctlog", false},
      {kOwnCa, end, authority("ctlog: {trustRootRef: example}"), "spec.authorities[0].ctlog",
       false},
      {kOwnCa, end, authority("rfc3161timestamp: {trustRootRef: example}"),
       "spec.authorities[0].rfc3161timestamp", false},
      {kOwnCa, end, authority("attestations: [{name: a, predicateType: vuln}]"),
       "spec.authorities[0].attestations", false},
      {kOwnCa, end, authority("signatureFormat: bundle"), "", true},
      {kOwnCa, end, authority("source: [{oci: registry.example.com/signatures}]"), "", true},
      {kOwnCa, end, authority("source: [{oci: registry.example.com/s, tagPrefix: p}]"),
       "spec.authorities[0].source[0].tagPrefix", false},
      {kOwnCa, end,
       authority("source: [{oci: registry.example.com/s, signaturePullSecrets: [{name: p}]}]"),
       "spec.authorities[0].source[0].signaturePullSecrets", true},
      {kOwnCa, "insecureIgnoreSCT: true", "insecureIgnoreSCT: false",
       "spec.authorities[0].keyless.insecureIgnoreSCT", false},
      {kOwnCa, "        insecureIgnoreSCT: true\n", "",
       "spec.authorities[0].keyless.insecureIgnoreSCT", false},
      {kOwnCa, "trustRootRef: example", "url: https://fulcio.sigstore.dev",
       "spec.authorities[0].keyless.url", false},
      {kOwnCa, "trustRootRef: example", "ca-cert: {data: x}", "spec.authorities[0].keyless.ca-cert",
       false},
      {kOwnCa, "trustRootRef: example", "trustRootRef: other",
       "spec.authorities[0].keyless.trustRootRef", false},
      {kOwnCa, "spec:\n  mode", "spec:\n  policy: {type: cue, data: x}\n  mode", "spec.policy",
       false},
      {kOwnCa, "spec:\n  mode", "spec:\n  match: [{version: v1, resource: pods}]\n  mode",
       "spec.match", true},
      {kOwnCa, "teams/**", "teams/web:v1*", "spec.images[0].glob", true},
      {kOwnCa, "registry.example.com/teams/**", "\"**/teams\"", "spec.images[0].glob", false},
      {kOwnCa, "spec:\n  mode", "spec:\n  novelty: 1\n  mode", "spec.novelty", true},
  };
  check_changes(changes);
}

TEST(ImportPolicyController, each_field_of_a_key_and_of_a_pass_is_carried_over_or_told) {
  const std::vector<ImportChange> changes = {
      {kKey, "key: {", "key: {hashAlgorithm: sha512, ", "spec.authorities[0].key.hashAlgorithm",
       false},
      {kKey, "key: {", "key: {hashAlgorithm: sha256, ", "", true},
      {kKey, "data: " + yaml_text(kImportKey), "kms: \"awskms:///alias/x\"",
       "spec.authorities[0].key.kms", false},
      {kKey, "data: " + yaml_text(kImportKey), "secretRef: {name: k, namespace: cosign-system}",
       "spec.authorities[0].key.secretRef", false},
      {kKey, yaml_text(kImportKey), "nonsense", "spec.authorities[0].key.data", false},
      {kPass, "static", "static", "", true},
      {kPass, "teams/**", "teams/web:v1*", "spec.images[0].glob", false},
      {kPass, "teams/**", "teams/web", "spec.images[0].glob", false},
      {kPass, "registry.example.com/teams/**", "docker.io/teams/*", "spec.images[0].glob", false},
      {kPass, "spec:\n", "spec:\n  match: [{version: v1, resource: pods}]\n", "spec.match", false},
      {kPass, "action: pass", "action: fail, message: not here", "", true},
  };
  check_changes(changes);
}

TEST(ImportPolicyController, without_logs_drops_the_demand_and_tells) {
  const std::string asks = with(kOwnCa, "insecureIgnoreSCT: true", "insecureIgnoreSCT: false");
  const ImportOutcome outcome = import_text(asks, true);
  EXPECT_NE(outcome.policy("teams"), nullptr);
  EXPECT_TRUE(outcome.lost("spec.authorities[0].keyless.insecureIgnoreSCT"));
}

// Any authority suffices, so that one less is stricter.
TEST(ImportPolicyController, one_authority_that_cannot_be_leaves_the_others) {
  const std::string text = kKey + "    - key: {kms: \"gcpkms://x\"}\n";
  const ImportOutcome outcome = import_text(text);
  const Policy* const policy = outcome.policy("teams");
  ASSERT_NE(policy, nullptr);
  EXPECT_EQ(policy->authorities.size(), 1u);
  EXPECT_TRUE(outcome.lost("spec.authorities[1].key.kms"));
}

TEST(ImportPolicyController, a_search_stays_one) {
  const std::string text =
      with(kOwnCa, "subject: release@example.com", "subjectRegExp: '@example\\.com$'");
  const ImportOutcome outcome = import_text(text);
  const Policy* const policy = outcome.policy("teams");
  ASSERT_NE(policy, nullptr);
  const auto& rule = std::get<CertificateRule>(policy->authorities[0].rule);
  EXPECT_TRUE(rule.identities[0].subject.matches("anybody@example.com"));
  EXPECT_FALSE(rule.identities[0].subject.matches("anybody@example.com.evil.org"));
}

// A certificate without an issuer passes at the peer where none is asked for.
TEST(ImportPolicyController, no_issuer_is_any_issuer_or_a_configured_one) {
  const std::string text = with(kOwnCa, ", issuer: \"https://login.example.com\"", "");
  const ImportOutcome outcome = import_text(text);
  const Policy* const policy = outcome.policy("teams");
  ASSERT_NE(policy, nullptr);
  const auto& rule = std::get<CertificateRule>(policy->authorities[0].rule);
  ASSERT_EQ(rule.identities.size(), 2u);
  EXPECT_TRUE(rule.identities[0].issuer && !rule.identities[0].issuer_dn);
  EXPECT_TRUE(!rule.identities[1].issuer && rule.identities[1].issuer_dn);
}

TEST(ImportPolicyController, two_trust_roots_of_one_name_are_an_error) {
  EXPECT_NE(import_text(kTrust + kOwnCa).failure.find("two TrustRoots"), std::string::npos);
}

TEST(ImportPolicyController, a_trust_root_of_tuf_is_left_out) {
  const std::string text =
      with(kOwnCa, "sigstoreKeys:", "remote: {root: x, mirror: y}\n  sigstoreKeys:");
  const ImportOutcome outcome = import_text(text);
  EXPECT_TRUE(outcome.loaded.trust_roots.empty());
  EXPECT_EQ(outcome.policy("teams"), nullptr);
  EXPECT_TRUE(outcome.lost("spec.remote"));
}

}  // namespace
}  // namespace signet::testing
