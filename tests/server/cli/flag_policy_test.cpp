#include "server/cli/flag_policy.hpp"

#include <gtest/gtest.h>

#include "core/crypto/issuer.hpp"
#include "tests/support/temporary_directory.hpp"

namespace signet {
namespace {

class FlagPolicyTest : public ::testing::Test {
 protected:
  static Certificate make(const std::string& name, bool ca) {
    CertificateTemplate content;
    content.common_name = name;
    content.not_before = *make_time(2026, 1, 1, 0, 0, 0);
    content.not_after = *make_time(2027, 1, 1, 0, 0, 0);
    content.ca = ca;
    const PrivateKey key = *PrivateKey::generate();
    return *issue(content, key, Issuer{});
  }

  static TrustFlags with_identity() {
    TrustFlags flags;
    flags.identity = "team-a@linuxera.org";
    flags.issuer = "https://linuxera.org";
    return flags;
  }

  static const CertificateRule& rule_of(const PolicySet& set) {
    return std::get<CertificateRule>(set.policies.at(0)->authorities.at(0).rule);
  }

  TemporaryDirectory directory;
  const Certificate root = make("root", true);
  const Certificate intermediate = make("intermediate", true);
};

TEST_F(FlagPolicyTest, TheLastCertificateOfAChainIsTheRoot) {
  TrustFlags flags = with_identity();
  flags.certificate_chain =
      directory.write("chain.pem", certificate_pem(intermediate) + certificate_pem(root));

  const auto set = policy_from_flags(flags);

  ASSERT_TRUE(set) << set.error().what();
  const CertificateAuthority& authority = rule_of(**set).trust->authorities.at(0);
  EXPECT_EQ(authority.anchors, (std::vector<Certificate>{root}));
  EXPECT_EQ(authority.intermediates, (std::vector<Certificate>{intermediate}));
}

TEST_F(FlagPolicyTest, EveryCertificateOfCaRootsIsARoot) {
  TrustFlags flags = with_identity();
  flags.ca_roots =
      directory.write("roots.pem", certificate_pem(intermediate) + certificate_pem(root));

  const auto set = policy_from_flags(flags);

  ASSERT_TRUE(set);
  const CertificateAuthority& authority = rule_of(**set).trust->authorities.at(0);
  EXPECT_EQ(authority.anchors.size(), 2u);
  EXPECT_TRUE(authority.intermediates.empty());
}

TEST_F(FlagPolicyTest, IntermediatesAreNeverRoots) {
  TrustFlags flags = with_identity();
  flags.ca_roots = directory.write("roots.pem", certificate_pem(root));
  flags.ca_intermediates = directory.write("intermediates.pem", certificate_pem(intermediate));

  const auto set = policy_from_flags(flags);

  ASSERT_TRUE(set);
  const CertificateAuthority& authority = rule_of(**set).trust->authorities.at(0);
  EXPECT_EQ(authority.anchors, (std::vector<Certificate>{root}));
  EXPECT_EQ(authority.intermediates, (std::vector<Certificate>{intermediate}));
}

TEST_F(FlagPolicyTest, BadFilesAreErrorsThatNameTheFile) {
  const std::string key = *PrivateKey::generate()->pem();
  struct Row {
    const char* name;
    std::string content;
  };
  const std::vector<Row> rows = {{"empty.pem", ""},
                                 {"key.pem", key},
                                 {"junk.pem", "nothing like PEM"},
                                 {"trailing.pem", certificate_pem(root) + "junk"}};
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    TrustFlags flags = with_identity();
    flags.ca_roots = directory.write(row.name, row.content);
    const auto set = policy_from_flags(flags);
    ASSERT_FALSE(set);
    EXPECT_NE(set.error().what().find(row.name), std::string::npos) << set.error().what();
  }
  TrustFlags flags = with_identity();
  flags.certificate_chain = "/nowhere/chain.pem";
  const auto set = policy_from_flags(flags);
  ASSERT_FALSE(set);
  EXPECT_NE(set.error().what().find("/nowhere/chain.pem"), std::string::npos);
}

TEST_F(FlagPolicyTest, ABadRegexpIsAnErrorThatNamesTheFlag) {
  TrustFlags flags = with_identity();
  flags.identity.reset();
  flags.identity_regexp = "(?!x)team";
  flags.ca_roots = directory.write("roots.pem", certificate_pem(root));

  const auto set = policy_from_flags(flags);

  ASSERT_FALSE(set);
  EXPECT_NE(set.error().what().find("--certificate-identity-regexp"), std::string::npos);
}

TEST_F(FlagPolicyTest, ACertificateIsNoKey) {
  TrustFlags flags;
  flags.key = directory.write("cosign.pub", certificate_pem(root));

  const auto set = policy_from_flags(flags);

  ASSERT_FALSE(set);
  EXPECT_NE(set.error().what().find("cosign.pub"), std::string::npos);
}

}  // namespace
}  // namespace signet
