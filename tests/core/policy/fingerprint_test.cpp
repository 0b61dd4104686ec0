// A fingerprint changes with everything that decides and with nothing else.

#include "core/policy/fingerprint.hpp"

#include <gtest/gtest.h>

#include <set>

#include "tests/core/policy/load_support.hpp"

namespace signet::testing {
namespace {

std::string fingerprint_of_text(const std::string& text) {
  const Loaded loaded = load_text(text);
  EXPECT_EQ(issues_of(loaded), "") << text;
  if (!loaded.policies.empty()) return loaded.policies[0]->fingerprint;
  return loaded.trust_roots.empty() ? "" : loaded.trust_roots[0]->fingerprint;
}

// Every text has a fingerprint of its own.
void expect_all_differ(const std::vector<std::string>& texts) {
  std::set<std::string> seen;
  for (const std::string& text : texts) {
    SCOPED_TRACE(text);
    const std::string fingerprint = fingerprint_of_text(text);
    EXPECT_EQ(fingerprint.size(), 64U);
    EXPECT_TRUE(seen.insert(fingerprint).second);
  }
}

TEST(FingerprintTest, DiffersWithEachFieldOfAPolicy) {
  const std::string match = "  match: {images: [quay.io/a/**]}\n";
  const std::string deny = kDeny;
  std::vector<std::string> texts = {
      cluster_policy(match + deny),
      cluster_policy(match + deny, "y"),
      team_policy(match + deny),
      team_policy(match + deny, "x", "team-b"),
      cluster_policy("  mode: warn\n" + match + deny),
      cluster_policy("  mode: audit\n" + match + deny),
      cluster_policy("  onError: warn\n" + match + deny),
      cluster_policy("  onError: allow\n" + match + deny),
      cluster_policy("  requireDigest: true\n" + match + deny),
      cluster_policy("  message: hello\n" + match + deny),
  };
  for (const char* other : {
           "images: [quay.io/b/**]",
           "images: [quay.io/a/**, quay.io/b]",
           "images: [quay.io/a/**], exclude: [quay.io/b]",
           "images: [quay.io/a/**], namespaces: [a]",
           "images: [quay.io/a/**], namespaces: [a, b]",
           "images: [quay.io/a/**], namespaceSelector: {}",
           "images: [quay.io/a/**], namespaceSelector: {matchLabels: {a: b}}",
           "images: [quay.io/a/**], namespaceSelector: {matchLabels: {a: c}}",
           "images: [quay.io/a/**], namespaceSelector: {matchExpressions: [{key: a, operator: "
           "Exists}]}",
       }) {
    texts.push_back(cluster_policy("  match: {" + std::string(other) + "}\n" + deny));
  }
  expect_all_differ(texts);
}

TEST(FingerprintTest, DiffersWithEachFieldOfAnAuthority) {
  const std::string key = "key: {file: cosign.pub}";
  const std::string digest = "'" + Digest::of("").str() + "'";
  std::vector<std::string> texts;
  for (const std::string& authority : {
           "{" + key + "}",
           "{name: a, " + key + "}",
           "{" + key + ", annotations: {a: b}}",
           "{" + key + ", annotations: {a: c}}",
           "{" + key + ", formats: [bundle]}",
           "{" + key + ", formats: [legacy]}",
           "{" + key + ", signatureRepository: quay.io/a/b}",
           "{" + key + ", signedIdentity: {match: exact}}",
           "{" + key +
               ", signedIdentity: {match: remap, prefix: quay.io/a, signedPrefix: "
               "quay.io/b}}",
           "{" + key +
               ", signedIdentity: {match: remap, prefix: quay.io/a, signedPrefix: "
               "quay.io/c}}",
           "{" + key + "}, {name: b, " + key + "}",
           std::string("{static: {action: deny}}"),
           std::string("{static: {action: allow}}"),
           "{static: {action: allow, digests: [" + digest + "]}}",
           std::string("{static: {action: allow, message: a}}"),
           std::string("{static: {action: allow, expires: 2026-01-01T00:00:00Z}}"),
       }) {
    texts.push_back(
        cluster_policy(std::string(kAnyImage) + "  authorities: [" + authority + "]\n"));
  }
  texts.push_back(cluster_policy(std::string(kAnyImage) + "  threshold: 2\n  authorities: [{" +
                                 key + "}, {name: b, " + key + "}]\n"));
  expect_all_differ(texts);
}

TEST(FingerprintTest, DiffersWithEachFieldOfACertificateRule) {
  const std::string roots = "roots: {file: root-ca.pem}";
  const std::string who = ", identities: [{subject: a, issuer: b}]";
  std::vector<std::string> texts;
  for (const std::string& rule : {
           roots + who,
           "roots: {file: intermediate-ca.pem}" + who,
           roots + ", intermediates: {file: intermediate-ca.pem}" + who,
           roots + ", crls: {file: crl.pem}" + who,
           roots + ", crls: {file: crl.pem}, revocation: bestEffort" + who,
           roots + ", chain: {annotation: false}" + who,
           roots + ", chain: {maxIntermediates: 2}" + who,
           roots + ", validFor: {start: 2026-01-01T00:00:00Z}" + who,
           roots + ", validFor: {end: 2026-01-01T00:00:00Z}" + who,
           roots + ", requireCodeSigning: true" + who,
           roots + ", identities: [{subjectRegExp: a, issuer: b}]",
           roots + ", identities: [{subject: a, issuerRegExp: b}]",
           roots + ", identities: [{subject: a, issuerDN: b}]",
           roots + ", identities: [{subject: a, issuer: b, issuerDN: b}]",
           roots + ", identities: [{subject: a, issuer: b, subjectType: email}]",
           roots + ", identities: [{subject: a, issuer: b}, {subject: a, issuer: b}]",
       }) {
    texts.push_back(cluster_policy(std::string(kAnyImage) + "  authorities: [{certificate: {" +
                                   rule + "}}]\n"));
  }
  expect_all_differ(texts);
}

TEST(FingerprintTest, DiffersBetweenReferenceAndInlineAndDelegate) {
  const Authority none;
  Policy policy;
  policy.authorities = {none};
  std::set<std::string> seen;

  CertificateRule certificate;
  certificate.trust_root = "a";
  policy.authorities[0].rule = certificate;
  seen.insert(fingerprint_of(policy));
  certificate.trust_root = "b";
  policy.authorities[0].rule = certificate;
  seen.insert(fingerprint_of(policy));
  DelegateRule delegate;
  delegate.trust_roots = {"a"};
  policy.authorities[0].rule = delegate;
  seen.insert(fingerprint_of(policy));
  delegate.trust_roots = {"a", "b"};
  policy.authorities[0].rule = delegate;
  seen.insert(fingerprint_of(policy));
  delegate.trust_roots = {"ab"};
  policy.authorities[0].rule = delegate;
  seen.insert(fingerprint_of(policy));
  delegate.code_signing = CodeSigning::required;
  policy.authorities[0].rule = delegate;
  seen.insert(fingerprint_of(policy));

  EXPECT_EQ(seen.size(), 6U);
}

TEST(FingerprintTest, DiffersWithEachFieldOfATrustRoot) {
  std::vector<std::string> texts = {
      trust_root("  certificateAuthorities: [{roots: {file: root-ca.pem}}]\n"),
      trust_root("  certificateAuthorities: [{roots: {file: root-ca.pem}}]\n", "y"),
      trust_root("  certificateAuthorities: [{roots: {file: intermediate-ca.pem}}]\n"),
      trust_root("  certificateAuthorities: [{roots: {file: root-ca.pem}}]\n"
                 "  revocation: require\n"),
      trust_root("  certificateAuthorities: [{roots: {file: root-ca.pem}}, "
                 "{roots: {file: root-ca.pem}}]\n"),
  };
  expect_all_differ(texts);
}

TEST(FingerprintTest, DoesNotChangeWithSpelling) {
  const std::string one = fingerprint_of_text(cluster_policy(std::string(kAnyImage) + kDeny));

  EXPECT_EQ(one, fingerprint_of_text(
                     "# a comment\nkind: ClusterTrustPolicy\napiVersion: \"signet.dev/v1alpha1\"\n"
                     "metadata:\n  labels: {a: b}\n  name: 'x'\nspec:\n  mode: enforce\n"
                     "  threshold: 1\n  authorities:\n    - name: authority-0\n      static:\n"
                     "        action: deny\n  match:\n    images:\n      - \"**\"\n"));
}

TEST(FingerprintTest, OfAnInvalidPolicyFollowsItsIssues) {
  const Loaded one = load_text(cluster_policy(std::string(kAnyImage) + "  authorities: []\n"));
  const Loaded two = load_text(cluster_policy(std::string(kAnyImage) + "  authorities: {}\n"));

  EXPECT_NE(one.policies[0]->fingerprint, two.policies[0]->fingerprint);
}

}  // namespace
}  // namespace signet::testing
