#include <gtest/gtest.h>
#include <openssl/x509.h>

#include "core/crypto/chain.hpp"
#include "core/crypto/der.hpp"
#include "tests/support/certificates.hpp"

// One certificate for each rule that a path must obey: what is refused, with which reason and
// which words, and next to it the honest certificate that differs in that one point.

namespace signet {
namespace {

using namespace testing;

struct ProfileRow {
  std::string what;
  std::optional<Reason> refused;  // nothing: accepted
  std::string says;
  CertificateSpec root = root_spec("Root");
  CertificateSpec sub = intermediate_spec("Sub");
  CertificateSpec leaf = leaf_spec(kTeam);
  CodeSigning code_signing = CodeSigning::optional;
  TestKeyKind ca_keys = TestKeyKind::p256;
};

ProfileRow accepted(std::string what) {
  ProfileRow row;
  row.what = std::move(what);
  return row;
}

ProfileRow refused(std::string what, Reason reason, std::string says) {
  ProfileRow row = accepted(std::move(what));
  row.refused = reason;
  row.says = std::move(says);
  return row;
}

Result<Path> judge_profile(const ProfileRow& row) {
  const TestCa top = self_signed(row.root, shared_key(row.ca_keys, 0));
  const TestCa sub = issue(top, row.sub, shared_key(row.ca_keys, 1));
  const TestCa team = issue(sub, row.leaf);
  Trust trust;
  trust.authorities.push_back({{top.certificate}, {sub.certificate}, {}, {}});
  return find_path(trust, team.certificate, {}, row.code_signing, kTestNow);
}

void expect_all(const std::vector<ProfileRow>& rows) {
  for (const ProfileRow& row : rows) {
    SCOPED_TRACE(row.what);
    const auto path = judge_profile(row);
    ASSERT_EQ(path.has_value(), !row.refused.has_value()) << (path ? "" : path.error().what());
    if (path) continue;
    EXPECT_EQ(path.error().reason(), *row.refused) << path.error().what();
    EXPECT_NE(path.error().what().find(row.says), std::string::npos) << path.error().what();
  }
}

Extension opaque(std::string oid, bool critical, Blob value = Blob("\x05\x00", 2)) {
  return {std::move(oid), critical, std::move(value)};
}

TEST(ChainProfileTest, Leaf) {
  std::vector<ProfileRow> rows = {accepted("as cfssl makes it")};
  rows.push_back(accepted("without keyUsage"));
  rows.back().leaf.key_usage.reset();
  rows.push_back(accepted("without basicConstraints"));
  rows.back().leaf.basic_constraints.reset();
  rows.push_back(accepted("with an empty subject"));
  rows.back().leaf.common_name.clear();
  rows.push_back(accepted("with a critical subjectAltName"));
  rows.back().leaf.alternative_names = "critical,email:team-a@linuxera.org";
  rows.push_back(accepted("with several usages of its key"));
  rows.back().leaf.key_usage = "digitalSignature,nonRepudiation,keyEncipherment";

  rows.push_back(refused("version 1", Reason::cert_profile, "is of version 1"));
  rows.back().leaf.version = 1;
  rows.push_back(refused("a CA", Reason::cert_profile, "is a CA certificate"));
  rows.back().leaf.basic_constraints = "critical,CA:TRUE";
  rows.back().leaf.key_usage = "digitalSignature,keyCertSign";
  rows.push_back(refused("keyUsage of another kind", Reason::cert_profile,
                         "keyUsage without digitalSignature"));
  rows.back().leaf.key_usage = "critical,keyEncipherment";
  rows.push_back(refused("keyCertSign without CA", Reason::cert_profile, "with keyCertSign"));
  rows.back().leaf.key_usage = "critical,digitalSignature,keyCertSign";
  rows.push_back(refused("name constraints", Reason::cert_profile, "has nameConstraints"));
  rows.back().leaf.name_constraints = "critical,permitted;email:linuxera.org";
  for (const char* name : {"*.linuxera.org", "a_b.linuxera.org", "10.0.0.1", ".linuxera.org",
                           "linuxera..org", "-a.linuxera.org", "linuxera.org."}) {
    rows.push_back(
        refused(std::string("DNS name ") + name, Reason::cert_profile, "not the name of one host"));
    rows.back().leaf.alternative_names = std::string("DNS:") + name;
  }
  rows.push_back(accepted("with an ordinary DNS name"));
  rows.back().leaf.alternative_names = "DNS:build-1.linuxera.org";
  expect_all(rows);
}

TEST(ChainProfileTest, ExtendedKeyUsage) {
  std::vector<ProfileRow> rows;
  const auto leaf_with = [&](ProfileRow row, const char* usage) {
    row.leaf.extended_key_usage = usage;
    rows.push_back(std::move(row));
  };
  const char* const kSays = "does not allow code signing";
  leaf_with(accepted("leaf: codeSigning"), "codeSigning");
  leaf_with(accepted("leaf: critical codeSigning"), "critical,codeSigning");
  leaf_with(accepted("leaf: any"), "anyExtendedKeyUsage");
  leaf_with(accepted("leaf: codeSigning among others"), "clientAuth,codeSigning");
  leaf_with(refused("leaf: clientAuth", Reason::cert_profile, kSays), "clientAuth");
  leaf_with(refused("leaf: unknown", Reason::cert_profile, kSays), "1.2.3.4");
  rows.push_back(refused("leaf: empty", Reason::cert_profile, kSays));
  rows.back().leaf.extensions.push_back(opaque("2.5.29.37", false, Blob("\x30\x00", 2)));
  rows.push_back(refused("intermediate: serverAuth", Reason::cert_profile, kSays));
  rows.back().sub.extended_key_usage = "serverAuth";
  rows.push_back(accepted("intermediate: codeSigning"));
  rows.back().sub.extended_key_usage = "codeSigning";
  rows.push_back(refused("root: serverAuth", Reason::cert_profile, kSays));
  rows.back().root.extended_key_usage = "serverAuth";
  expect_all(rows);
}

TEST(ChainProfileTest, RequireCodeSigningDemandsItOnTheLeaf) {
  const char* const kSays = "requireCodeSigning";
  std::vector<ProfileRow> rows = {
      accepted("codeSigning"), refused("no extension", Reason::cert_profile, kSays),
      refused("any", Reason::cert_profile, kSays),
      refused("on the intermediate alone", Reason::cert_profile, kSays)};
  rows[0].leaf.extended_key_usage = "codeSigning";
  rows[2].leaf.extended_key_usage = "anyExtendedKeyUsage";
  rows[3].sub.extended_key_usage = "codeSigning";
  for (ProfileRow& row : rows)
    row.code_signing = CodeSigning::required;
  expect_all(rows);
}

TEST(ChainProfileTest, Issuers) {
  std::vector<ProfileRow> rows;
  rows.push_back(accepted("intermediate without keyUsage"));
  rows.back().sub.key_usage.reset();
  rows.push_back(accepted("intermediate with basicConstraints that are not critical"));
  rows.back().sub.basic_constraints = "CA:TRUE";
  rows.push_back(accepted("root of version 1"));
  rows.back().root.version = 1;

  rows.push_back(refused("intermediate of version 1", Reason::chain_untrusted, "no CA"));
  rows.back().sub.version = 1;
  rows.push_back(
      refused("intermediate without basicConstraints", Reason::chain_untrusted, "no CA"));
  rows.back().sub.basic_constraints.reset();
  rows.push_back(refused("intermediate that is no CA", Reason::chain_untrusted, "no CA"));
  rows.back().sub.basic_constraints = "critical,CA:FALSE";
  rows.push_back(refused("intermediate without keyCertSign", Reason::chain_untrusted, "usage"));
  rows.back().sub.key_usage = "critical,cRLSign,digitalSignature";
  rows.push_back(refused("root without basicConstraints", Reason::cert_profile, "is no CA"));
  rows.back().root.basic_constraints.reset();
  rows.push_back(refused("root without any extension", Reason::chain_untrusted, "invalid CA"));
  rows.back().root.basic_constraints.reset();
  rows.back().root.key_usage.reset();
  rows.back().root.subject_key_id = false;
  rows.push_back(refused("root without keyCertSign", Reason::chain_untrusted, "usage"));
  rows.back().root.key_usage = "critical,cRLSign";
  rows.push_back(refused("issuer without a name", Reason::cert_profile, "without a name"));
  rows.back().sub.common_name.clear();
  expect_all(rows);
}

TEST(ChainProfileTest, PathLength) {
  std::vector<ProfileRow> rows;
  rows.push_back(accepted("root: one below"));
  rows.back().root.basic_constraints = "critical,CA:TRUE,pathlen:1";
  rows.push_back(accepted("intermediate: none below"));
  rows.back().sub.basic_constraints = "critical,CA:TRUE,pathlen:0";
  rows.push_back(refused("root: none below", Reason::chain_untrusted, "path length"));
  rows.back().root.basic_constraints = "critical,CA:TRUE,pathlen:0";
  expect_all(rows);
}

TEST(ChainProfileTest, CriticalExtensions) {
  const char* const kSays = "unhandled critical extension";
  std::vector<ProfileRow> rows;
  for (const auto member : {&ProfileRow::root, &ProfileRow::sub, &ProfileRow::leaf}) {
    rows.push_back(refused("unknown and critical", Reason::cert_profile, kSays));
    (rows.back().*member).extensions.push_back(opaque("1.2.3.4.5", true));
    rows.push_back(accepted("unknown and not critical"));
    (rows.back().*member).extensions.push_back(opaque("1.2.3.4.5", false));
  }
  rows.push_back(refused("a Fulcio extension that is critical", Reason::cert_profile, kSays));
  rows.back().leaf.extensions[0].critical = true;
  rows.push_back(accepted("a critical subjectAltName with the Fulcio user name alone"));
  rows.back().leaf.alternative_names.reset();
  rows.back().leaf.extensions.push_back(raw_alternative_names({fulcio_user_name("team-a")}));
  rows.back().leaf.extensions.back().critical = true;
  expect_all(rows);
}

TEST(ChainProfileTest, WeakSignaturesCountOnTheAnchorOnly) {
  std::vector<ProfileRow> rows;
  for (const char* digest : {"SHA1", "MD5"}) {
    rows.push_back(accepted(std::string("root: ") + digest));
    rows.back().root.digest = digest;
    rows.push_back(refused(std::string("intermediate: ") + digest, Reason::cert_profile, "weak"));
    rows.back().sub.digest = digest;
    rows.push_back(refused(std::string("leaf: ") + digest, Reason::cert_profile, "weak"));
    rows.back().leaf.digest = digest;
  }
  for (ProfileRow& row : rows)
    row.ca_keys = TestKeyKind::rsa2048;  // there is no ECDSA with MD5
  for (const char* digest : {"SHA256", "SHA384", "SHA512"}) {
    rows.push_back(accepted(digest));
    rows.back().leaf.digest = digest;
  }
  expect_all(rows);
}

TEST(ChainProfileTest, NameConstraints) {
  std::vector<ProfileRow> rows;
  rows.push_back(accepted("e-mail permitted"));
  rows.back().sub.name_constraints = "critical,permitted;email:linuxera.org";
  rows.push_back(accepted("e-mail permitted by domain"));
  rows.back().sub.name_constraints = "critical,permitted;email:.org";
  rows.push_back(accepted("DNS names constrained, the leaf has an e-mail"));
  rows.back().sub.name_constraints = "critical,permitted;DNS:other.org";
  rows.push_back(accepted("DNS names constrained, the CN looks like one"));
  rows.back().sub.name_constraints = "critical,permitted;DNS:other.org";
  rows.back().leaf.common_name = "team.linuxera.org";
  rows.push_back(accepted("on the root, not critical"));
  rows.back().root.name_constraints = "permitted;email:linuxera.org";

  rows.push_back(refused("e-mail elsewhere", Reason::chain_untrusted, "permitted subtree"));
  rows.back().sub.name_constraints = "critical,permitted;email:other.org";
  rows.push_back(refused("e-mail excluded", Reason::chain_untrusted, "excluded subtree"));
  rows.back().sub.name_constraints = "critical,excluded;email:linuxera.org";
  rows.push_back(refused("on the root", Reason::chain_untrusted, "permitted subtree"));
  rows.back().root.name_constraints = "critical,permitted;email:other.org";
  rows.push_back(refused("a URI elsewhere", Reason::chain_untrusted, "permitted subtree"));
  rows.back().sub.name_constraints = "critical,permitted;URI:other.org";
  rows.back().leaf.alternative_names = "URI:https://linuxera.org/team-a";
  rows.push_back(refused("a directory name elsewhere", Reason::chain_untrusted, "subtree"));
  rows.back().sub.extensions.push_back(
      {"2.5.29.30", true,
       der_element(
           0x30,
           der_element(
               0xa0,
               der_element(
                   0x30,
                   der_element(0xa4, Blob("\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01X",
                                          14)))))});
  rows.push_back(refused("not critical", Reason::cert_profile, "not critical"));
  rows.back().sub.name_constraints = "permitted;email:linuxera.org";
  rows.push_back(refused("of nothing", Reason::cert_profile, "constrain nothing"));
  rows.back().sub.extensions.push_back({"2.5.29.30", true, Blob("\x30\x00", 2)});
  rows.push_back(refused("of empty lists", Reason::cert_profile, "constrain nothing"));
  rows.back().sub.extensions.push_back({"2.5.29.30", true, Blob("\x30\x04\xa0\x00\xa1\x00", 6)});
  expect_all(rows);
}

TEST(ChainProfileTest, PolicyConstraintsAreNotSupported) {
  const Blob require_at_once("\x30\x03\x80\x01\x00", 5);
  std::vector<ProfileRow> rows;
  for (const bool critical : {true, false}) {
    rows.push_back(refused("on the intermediate", Reason::cert_profile, "policyConstraints"));
    rows.back().sub.extensions.push_back(opaque("2.5.29.36", critical, require_at_once));
  }
  expect_all(rows);
}

TEST(ChainProfileTest, EveryAcceptedKindOfKeyMaySignAndBeSigned) {
  for (const auto kind : {TestKeyKind::p256, TestKeyKind::p384, TestKeyKind::p521,
                          TestKeyKind::ed25519, TestKeyKind::rsa2048}) {
    const TestKey& key = shared_key(kind);
    SCOPED_TRACE(key.public_key().kind_name());
    const TestCa top = self_signed(root_spec("Root"), key);
    const TestCa team = issue(top, leaf_spec(kTeam), key);
    Trust trust;
    trust.authorities.push_back({{top.certificate}, {}, {}, {}});
    const auto path = find_path(trust, team.certificate, {}, CodeSigning::optional, kTestNow);
    EXPECT_TRUE(path) << path.error().what();
  }
}

}  // namespace
}  // namespace signet
