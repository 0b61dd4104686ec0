#include "core/sigstore/identity.hpp"

#include <gtest/gtest.h>

#include "core/base/text.hpp"
#include "core/crypto/der.hpp"
#include "tests/core/sigstore/signer.hpp"

namespace signet {
namespace {

using Extensions = std::vector<std::pair<std::string, std::string>>;

const std::string kIssuerV1 = "1.3.6.1.4.1.57264.1.1";
const std::string kIssuerV2 = "1.3.6.1.4.1.57264.1.8";
const std::string kSan = "2.5.29.17";
const std::string kOrg = "https://linuxera.org";

constexpr unsigned char kEmail = der::context(1);
constexpr unsigned char kDns = der::context(2);
constexpr unsigned char kUri = der::context(6);
constexpr unsigned char kIp = der::context(7);
constexpr unsigned char kPrintableString = 0x13;
constexpr unsigned char kIa5String = 0x16;

Extensions san(const std::string& names) {
  return {{kSan, der_element(der::kSequence, names)}};
}

// Fulcio's user name: otherName 1.3.6.1.4.1.57264.1.7.
std::string user_name(std::string_view name) {
  const std::string oid = "\x06\x0a\x2b\x06\x01\x04\x01\x83\xbf\x30\x01\x07";
  const std::string value = der_element(der::constructed(0), der_element(der::kUtf8String, name));
  return der_element(der::constructed(0), oid + value);
}

Result<Identity> identity_with(Extensions extensions, std::string names = "") {
  return identity_of(
      test::signer().issue_leaf(std::move(names), std::move(extensions)).certificate);
}

std::vector<std::string> subjects_with(const Extensions& extensions) {
  const auto identity = identity_with(extensions);
  std::vector<std::string> values;
  if (!identity) return {"error: " + identity.error().what()};
  for (const SubjectName& subject : identity->subjects)
    values.push_back(subject.value);
  return values;
}

using Names = std::vector<std::string>;

TEST(IdentityTest, TakesEverySubjectOfATypeThatCounts) {
  const auto identity = identity_with(
      san(der_element(kEmail, "a@b.org") + der_element(kUri, "https://b.org/x#y") +
          der_element(kDns, "b.org") + user_name("a") + der_element(kIp, "\x7f\x01\x01\x01")));

  ASSERT_TRUE(identity) << identity.error().what();
  const std::vector<SubjectName> wanted = {{NameType::email, "a@b.org"},
                                           {NameType::uri, "https://b.org/x#y"},
                                           {NameType::dns, "b.org"},
                                           {NameType::other_name, "a"}};
  EXPECT_EQ(identity->subjects, wanted);
}

TEST(IdentityTest, NeverTakesTheCommonName) {
  const auto identity = identity_with({});

  ASSERT_TRUE(identity);
  EXPECT_TRUE(identity->subjects.empty());
}

TEST(IdentityTest, KeepsOnlySubjectsWithTheSyntaxOfTheirType) {
  const struct {
    unsigned char type;
    std::string value;
    bool kept;
  } cases[] = {
      {kEmail, "team-a@linuxera.org", true},
      {kEmail, "o'neil+x=1@host", true},
      {kEmail, "hello", false},
      {kEmail, "@linuxera.org", false},
      {kEmail, "a@", false},
      {kEmail, "a@b@c.org", false},
      {kEmail, "a@b..org", false},
      {kEmail, "a@-b.org", false},
      {kEmail, "a b@c.org", false},
      {kEmail, "mailto:a@c.org", false},
      {kEmail, std::string("a@c.org\0.evil", 13), false},
      {kEmail, "a@c.org\n", false},
      {kEmail, "\"a\"@c.org", false},
      {kUri, "https://github.com/o/r/.github/workflows/w.yml@refs/heads/main", true},
      {kUri, "spiffe://trust/ns/a", true},
      {kUri, "urn:a:b", true},
      {kUri, "https://b.org/?q=1#f", true},
      {kUri, "/relative", false},
      {kUri, "a@b.org", false},
      {kUri, "https:", false},
      {kUri, ":x", false},
      {kUri, "1http://x", false},
      {kUri, "https://linux era.org/a", false},
      {kUri, std::string("https://b.org/\0x", 16), false},
      {kDns, "build.linuxera.org", true},
      {kDns, "localhost", true},
      {kDns, "*.linuxera.org", false},
      {kDns, "a@linuxera.org", false},
      {kDns, "linuxera.org.", false},
      {kDns, "a..b", false},
      {kDns, "a b", false},
      {kDns, std::string(64, 'a'), false},
      {kDns, std::string(63, 'a'), true},
  };
  for (const auto& row : cases) {
    SCOPED_TRACE(printable(row.value));
    const Names wanted = row.kept ? Names{row.value} : Names{};
    EXPECT_EQ(subjects_with(san(der_element(row.type, row.value))), wanted);
  }
}

TEST(IdentityTest, KeepsAUserNameOnlyWhereItCannotPose) {
  EXPECT_EQ(subjects_with(san(user_name("octo"))), Names{"octo"});
  EXPECT_EQ(subjects_with(san(user_name("team-a@linuxera.org"))), Names{});
  EXPECT_EQ(subjects_with(san(user_name("a\nb"))), Names{});
  EXPECT_EQ(subjects_with(san(user_name(""))), Names{});
  EXPECT_EQ(subjects_with(san(der_element(kEmail, "a@b.org") + user_name("octo"))),
            (Names{"a@b.org", "octo"}));
}

TEST(IdentityTest, ReadsTheIssuerFromEitherExtension) {
  const auto string = [](unsigned char tag, std::string_view text) {
    return der_element(tag, text);
  };
  const std::string longer(200, 'x');
  const struct {
    const char* what;
    Extensions extensions;
    std::optional<std::string> issuer;
  } cases[] = {
      {"raw", {{kIssuerV1, kOrg}}, kOrg},
      {"UTF8String", {{kIssuerV2, string(der::kUtf8String, kOrg)}}, kOrg},
      {"PrintableString", {{kIssuerV2, string(kPrintableString, kOrg)}}, kOrg},
      {"IA5String", {{kIssuerV2, string(kIa5String, kOrg)}}, kOrg},
      {"both", {{kIssuerV1, kOrg}, {kIssuerV2, string(der::kUtf8String, kOrg)}}, kOrg},
      {"both, other order", {{kIssuerV2, string(kPrintableString, kOrg)}, {kIssuerV1, kOrg}}, kOrg},
      {"long form of the length", {{kIssuerV2, string(der::kUtf8String, longer)}}, longer},
      {"neither", {}, std::nullopt},
      {"empty", {{kIssuerV1, ""}}, std::nullopt},
      {"empty DER string", {{kIssuerV2, string(der::kUtf8String, "")}}, std::nullopt},
      {"DER in the raw one",
       {{kIssuerV1, string(der::kUtf8String, kOrg)}},
       string(der::kUtf8String, kOrg)},
      {"raw bytes for a DER string", {{kIssuerV2, kOrg}}, std::nullopt},
      {"bytes behind the DER string",
       {{kIssuerV2, string(der::kUtf8String, kOrg) + "x"}},
       std::nullopt},
      {"another type", {{kIssuerV2, string(der::kOctetString, kOrg)}}, std::nullopt},
      {"invalid UTF-8", {{kIssuerV2, string(der::kUtf8String, "\xc0\x80")}}, std::nullopt},
      {"surrogate", {{kIssuerV2, string(der::kUtf8String, "\xed\xa0\x80")}}, std::nullopt},
      {"UTF-8",
       {{kIssuerV2, string(der::kUtf8String, "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80")}},
       "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"},
      {"@ in a PrintableString", {{kIssuerV2, string(kPrintableString, "a@b")}}, std::nullopt},
      {"8 bits in an IA5String", {{kIssuerV2, string(kIa5String, "\xe9")}}, std::nullopt},
  };
  for (const auto& row : cases) {
    SCOPED_TRACE(row.what);
    const auto identity = identity_with(row.extensions);
    ASSERT_TRUE(identity) << identity.error().what();
    EXPECT_EQ(identity->issuer, row.issuer);
  }
}

TEST(IdentityTest, RefusesTwoIssuersThatDiffer) {
  const struct {
    const char* what;
    std::string raw;
    std::string der;
  } cases[] = {
      {"others", kOrg, der_element(der::kUtf8String, "https://evil.org")},
      {"line end", kOrg + "\n", der_element(der::kUtf8String, kOrg)},
      {"DER in the raw one", der_element(der::kUtf8String, kOrg),
       der_element(der::kUtf8String, kOrg)},
      {"malformed .1.8", kOrg, kOrg},
      {"empty raw one", "", der_element(der::kUtf8String, kOrg)},
  };
  for (const auto& row : cases) {
    SCOPED_TRACE(row.what);
    const auto identity = identity_with({{kIssuerV1, row.raw}, {kIssuerV2, row.der}});
    ASSERT_FALSE(identity);
    EXPECT_EQ(identity.error().reason(), Reason::cert_profile);
  }
}

TEST(IdentityTest, NamesTheIssuingCertificate) {
  const auto identity = identity_with({});

  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->issuer_dn, test::signer().intermediate().certificate.subject());
}

TEST(IdentityTest, ShowsItselfPrintable) {
  const auto full = identity_with({{kIssuerV1, kOrg}}, "email:team-a@linuxera.org,DNS:b.org");
  const auto bare = identity_with({});
  const auto odd = identity_with({{kIssuerV1, "a\nb"}}, "email:a@b.org");

  ASSERT_TRUE(full && bare && odd);
  EXPECT_EQ(full->str(), "team-a@linuxera.org, b.org (issuer https://linuxera.org)");
  EXPECT_EQ(bare->str(), "no subject (no issuer extension; issued by " + bare->issuer_dn + ")");
  EXPECT_EQ(odd->str().find('\n'), std::string::npos);
}

}  // namespace
}  // namespace signet
