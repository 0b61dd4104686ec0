#include <gtest/gtest.h>

#include "tests/core/policy/load_support.hpp"

namespace signet::testing {
namespace {

TimePoint at(const char* text) {
  return *parse_time(text);
}

const Policy* policy_named(const Loaded& loaded, const std::string& name) {
  for (const auto& policy : loaded.policies) {
    if (policy->name == name) return policy.get();
  }
  return nullptr;
}

class AllFieldsTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(issues_of(loaded_), ""); }
  const Loaded loaded_ = load_file(vectors() / "good" / "all-fields.yaml");
};

TEST_F(AllFieldsTest, ReadsATrustRoot) {
  ASSERT_EQ(loaded_.trust_roots.size(), 1U);
  const TrustRoot& root = *loaded_.trust_roots[0];
  EXPECT_EQ(root.name, "example");
  EXPECT_EQ(root.trust.revocation, Revocation::best_effort);
  EXPECT_FALSE(root.trust.carried_intermediates);
  EXPECT_EQ(root.trust.max_intermediates, 1U);

  ASSERT_EQ(root.trust.authorities.size(), 2U);
  const CertificateAuthority& first = root.trust.authorities[0];
  ASSERT_EQ(first.anchors.size(), 1U);
  EXPECT_EQ(first.anchors[0].subject(), "CN=Example Root CA,O=Example");
  ASSERT_EQ(first.intermediates.size(), 1U);
  EXPECT_EQ(first.intermediates[0].subject(), "CN=Example Teams CA,O=Example");
  EXPECT_EQ(first.valid_for.start, at("2026-01-01T00:00:00Z"));
  EXPECT_EQ(first.valid_for.end, at("2030-01-01T00:00:00Z"));
  ASSERT_EQ(first.crls.size(), 1U);
  EXPECT_EQ(first.crls[0].issuer(), "CN=Example Root CA,O=Example");

  const CertificateAuthority& second = root.trust.authorities[1];
  EXPECT_EQ(second.anchors.size(), 1U);
  EXPECT_TRUE(second.intermediates.empty());
  EXPECT_FALSE(second.valid_for.end);
  EXPECT_EQ(second.crls.size(), 1U);
}

TEST_F(AllFieldsTest, ReadsAMatch) {
  const Policy* const policy = policy_named(loaded_, "teams");
  ASSERT_TRUE(policy);
  EXPECT_EQ(policy->kind, PolicyKind::cluster);
  EXPECT_EQ(policy->display_name(), "ClusterTrustPolicy/teams");
  const Match& match = policy->match;
  ASSERT_EQ(match.images.size(), 2U);
  EXPECT_EQ(match.images[0].text(), "quay.io/example/**");
  ASSERT_EQ(match.exclude.size(), 1U);
  EXPECT_EQ(match.exclude[0].text(), "quay.io/example/scratch/**");
  EXPECT_EQ(match.namespaces, (std::vector<std::string>{"team-*", "prod", "stage-?"}));
  EXPECT_FALSE(match.object_selector);

  ASSERT_TRUE(match.namespace_selector);
  const auto& expressions = match.namespace_selector->expressions;
  ASSERT_EQ(expressions.size(), 6U);
  EXPECT_EQ(expressions[0].key, "example.org/zone");
  EXPECT_EQ(expressions[0].values, std::vector<std::string>{""});
  EXPECT_EQ(expressions[2].op, Selector::Operator::in);
  EXPECT_EQ(expressions[2].values, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(expressions[3].op, Selector::Operator::not_in);
  EXPECT_EQ(expressions[4].op, Selector::Operator::exists);
  EXPECT_EQ(expressions[5].op, Selector::Operator::does_not_exist);
}

TEST_F(AllFieldsTest, ReadsWhatHoldsForAPolicy) {
  const Policy* const policy = policy_named(loaded_, "teams");
  ASSERT_TRUE(policy);
  EXPECT_EQ(policy->mode, Mode::warn);
  EXPECT_EQ(policy->threshold, 2U);
  EXPECT_EQ(policy->on_error, ErrorAction::allow);
  EXPECT_TRUE(policy->require_digest);
  EXPECT_EQ(policy->message, "ask #team-platform");
  EXPECT_EQ(policy->fingerprint.size(), 64U);
}

TEST_F(AllFieldsTest, ReadsACertificateAuthority) {
  const Policy* const policy = policy_named(loaded_, "teams");
  ASSERT_TRUE(policy);
  ASSERT_EQ(policy->authorities.size(), 2U);
  const Authority& authority = policy->authorities[0];
  EXPECT_EQ(authority.name, "teams");
  EXPECT_EQ(authority.annotations.at("environment"), "prod");
  EXPECT_EQ(authority.annotations.at("build"), "42");
  ASSERT_TRUE(authority.signature_repository);
  EXPECT_EQ(authority.signature_repository->str(), "quay.io/example/signatures");
  EXPECT_EQ(authority.formats, std::vector{SignatureFormat::legacy});
  EXPECT_EQ(authority.signed_identity.match, SignedIdentity::remap);
  EXPECT_EQ(authority.signed_identity.prefix, "quay.io/example");
  EXPECT_EQ(authority.signed_identity.signed_prefix, "registry.example.org/example");

  const auto* const rule = std::get_if<CertificateRule>(&authority.rule);
  ASSERT_TRUE(rule);
  EXPECT_EQ(rule->trust_root, "example");
  EXPECT_FALSE(rule->trust);
  EXPECT_EQ(rule->code_signing, CodeSigning::required);
  std::vector<std::string> identities;
  for (const IdentityRule& identity : rule->identities)
    identities.push_back(identity.str());
  EXPECT_EQ(identities,
            (std::vector<std::string>{
                R"(subject ~ team-.*@example\.org, issuer ~ https://example\.org)",
                R"(subject (email) "release@example.org", issuer "https://example.org")",
                R"(subject (uri) "https://ci.example.org/x", issuer DN "CN=Example Teams CA,)"
                R"(O=Example")",
                R"(subject (dns) ~ .*\.example\.org, issuer DN ~ CN=Example .*)",
                R"(subject ~ .*, issuer ~ .*, issuer DN ~ .*)",
            }));
}

TEST_F(AllFieldsTest, ReadsAKeyAuthority) {
  const Policy* const policy = policy_named(loaded_, "teams");
  ASSERT_TRUE(policy);
  const Authority& authority = policy->authorities[1];
  EXPECT_EQ(authority.signed_identity.match, SignedIdentity::exact);
  EXPECT_EQ(authority.formats, (std::vector{SignatureFormat::bundle, SignatureFormat::legacy}));
  const auto* const rule = std::get_if<KeyRule>(&authority.rule);
  ASSERT_TRUE(rule);
  ASSERT_EQ(rule->keys.size(), 1U);
  EXPECT_EQ(rule->keys[0].kind(), KeyKind::p256);
}

TEST_F(AllFieldsTest, ReadsDelegateAndStatic) {
  const Policy* const policy = policy_named(loaded_, "delegated");
  ASSERT_TRUE(policy);
  ASSERT_EQ(policy->authorities.size(), 2U);
  EXPECT_EQ(policy->authorities[0].name, "authority-0");
  const auto* const delegate = std::get_if<DelegateRule>(&policy->authorities[0].rule);
  ASSERT_TRUE(delegate);
  EXPECT_EQ(delegate->trust_roots, std::vector<std::string>{"example"});
  EXPECT_EQ(delegate->identities.size(), 1U);
  EXPECT_EQ(delegate->code_signing, CodeSigning::required);

  const auto* const fixed = std::get_if<StaticRule>(&policy->authorities[1].rule);
  ASSERT_TRUE(fixed);
  EXPECT_EQ(fixed->action, StaticRule::Action::allow);
  ASSERT_EQ(fixed->digests.size(), 1U);
  EXPECT_EQ(fixed->digests[0], Digest::of(""));
  EXPECT_EQ(fixed->message, "incident 4711");
  EXPECT_EQ(fixed->expires, at("2026-12-01T00:00:00Z"));
}

TEST_F(AllFieldsTest, ReadsATeamsOwnPolicyWithInlineRoots) {
  const Policy* const policy = policy_named(loaded_, "own");
  ASSERT_TRUE(policy);
  EXPECT_EQ(policy->kind, PolicyKind::namespaced);
  EXPECT_EQ(policy->display_name(), "TrustPolicy/team-a/own");
  EXPECT_EQ(policy->mode, Mode::audit);
  ASSERT_TRUE(policy->match.object_selector);
  EXPECT_TRUE(policy->match.object_selector->matches({{"app", "web"}}));
  const auto* const rule = std::get_if<CertificateRule>(&policy->authorities[0].rule);
  ASSERT_TRUE(rule);
  EXPECT_EQ(rule->trust_root, "");
  ASSERT_TRUE(rule->trust);
  ASSERT_EQ(rule->trust->authorities.size(), 1U);
  EXPECT_EQ(rule->trust->authorities[0].anchors.size(), 1U);
  EXPECT_EQ(rule->trust->authorities[0].intermediates.size(), 1U);
  EXPECT_EQ(rule->trust->authorities[0].crls.size(), 1U);
  EXPECT_EQ(rule->trust->revocation, Revocation::off);
  EXPECT_TRUE(rule->trust->carried_intermediates);
}

TEST(LoaderDefaultsTest, AreThoseOfTheDocumentation) {
  const Loaded loaded = load_text(
      cluster_policy(std::string(kAnyImage) +
                     "  authorities:\n    - certificate:\n        roots: {file: root-ca.pem}\n"
                     "        identities: [{subject: a, issuer: b}]\n"));
  ASSERT_EQ(issues_of(loaded), "");
  ASSERT_EQ(loaded.policies.size(), 1U);
  const Policy& policy = *loaded.policies[0];
  EXPECT_EQ(policy.mode, Mode::enforce);
  EXPECT_EQ(policy.threshold, 1U);
  EXPECT_EQ(policy.on_error, ErrorAction::deny);
  EXPECT_FALSE(policy.require_digest);
  EXPECT_TRUE(policy.match.namespaces.empty());
  EXPECT_FALSE(policy.match.namespace_selector);
  const Authority& authority = policy.authorities[0];
  EXPECT_EQ(authority.formats, (std::vector{SignatureFormat::bundle, SignatureFormat::legacy}));
  EXPECT_EQ(authority.signed_identity.match, SignedIdentity::any);
  EXPECT_FALSE(authority.signature_repository);
  const auto& rule = std::get<CertificateRule>(authority.rule);
  EXPECT_EQ(rule.code_signing, CodeSigning::optional);
  EXPECT_EQ(rule.identities[0].subject_type, SubjectType::any);
  EXPECT_EQ(rule.trust->revocation, Revocation::off);
  EXPECT_TRUE(rule.trust->carried_intermediates);
  EXPECT_EQ(rule.trust->max_intermediates, 3U);
}

TEST(LoaderDefaultsTest, RevocationIsRequiredWhereACrlIsGiven) {
  const Loaded loaded =
      load_text(trust_root("  certificateAuthorities: [{roots: {file: root-ca.pem}}, "
                           "{roots: {file: root-ca.pem}, crls: {file: crl.pem}}]\n"));
  ASSERT_EQ(issues_of(loaded), "");
  EXPECT_EQ(loaded.trust_roots[0]->trust.revocation, Revocation::require);
}

TEST(LoaderFilesTest, AreReadRelativeToTheFileThatNamesThem) {
  std::vector<std::pair<std::string, std::string>> asked;
  const ReadFile reader = [&](const std::string& named_in, const std::string& path) {
    asked.emplace_back(named_in, path);
    return Result<Blob>(contents_of(vectors() / "cosign.pub"));
  };
  const SourceFile files[] = {
      {"a/one.yaml",
       cluster_policy(std::string(kAnyImage) + "  authorities: [{key: {file: keys/one.pub}}]\n",
                      "one")},
      {"b/two.yaml",
       cluster_policy(std::string(kAnyImage) + "  authorities: [{key: {file: ../two.pub}}]\n",
                      "two")},
  };

  const Loaded loaded = load_policies(files, reader);

  EXPECT_EQ(issues_of(loaded), "");
  EXPECT_EQ(asked, (std::vector<std::pair<std::string, std::string>>{
                       {"a/one.yaml", "keys/one.pub"}, {"b/two.yaml", "../two.pub"}}));
}

TEST(LoaderFilesTest, CanBeKeptOut) {
  const SourceFile file{
      "x.yaml", cluster_policy(std::string(kAnyImage) + "  authorities: [{key: {file: x.pub}}]\n")};

  const Loaded loaded = load_policies(std::span(&file, 1), {});

  EXPECT_EQ(issues_of(loaded),
            "x.yaml:6:30: spec.authorities[0].key.file: no file can be read here; write `pem`\n");
}

}  // namespace
}  // namespace signet::testing
