#include "core/crypto/certificate.hpp"

#include <gtest/gtest.h>

#include "core/base/limits.hpp"
#include "core/crypto/der.hpp"
#include "tests/support/certificates.hpp"

namespace signet {
namespace {

using namespace testing;

Result<Certificate> parse(const CertificateSpec& spec) {
  return Certificate::from_der(issue_der(nullptr, spec, shared_key(TestKeyKind::p256)));
}

Result<Certificate> parse_names(const std::vector<Blob>& names) {
  CertificateSpec spec = leaf_spec(kTeam);
  spec.alternative_names.reset();
  spec.extensions.push_back(raw_alternative_names(names));
  return parse(spec);
}

void expect_refused(const Result<Certificate>& certificate, Reason reason, std::string_view says) {
  ASSERT_FALSE(certificate);
  EXPECT_EQ(certificate.error().reason(), reason) << certificate.error().what();
  EXPECT_NE(certificate.error().what().find(says), std::string::npos) << certificate.error().what();
}

TEST(CertificateTest, TellsWhatItHolds) {
  const TestCa top = root("Root");
  CertificateSpec spec = leaf_spec(kTeam);
  spec.more_names = {{"C", "ES"}, {"O", "Linux, Era"}};
  spec.serial = "0A1B";
  const TestCa team = issue(top, spec);
  const Certificate& leaf = team.certificate;

  EXPECT_EQ(leaf.subject(), "CN=Team,O=Linux\\, Era,C=ES");
  EXPECT_EQ(leaf.issuer(), "CN=Root");
  EXPECT_EQ(leaf.serial(), "0a1b");
  EXPECT_EQ(leaf.version(), 3);
  EXPECT_EQ(leaf.not_before(), spec.not_before);
  EXPECT_EQ(leaf.not_after(), spec.not_after);
  EXPECT_FALSE(leaf.is_ca());
  EXPECT_TRUE(top.certificate.is_ca());
  EXPECT_EQ(leaf.public_key().spki(), team.key.spki());
  EXPECT_EQ(leaf.fingerprint(), Digest::of(leaf.der()));
  EXPECT_EQ(leaf.names(), (std::vector{SubjectName{NameType::email, kTeam}}));
  EXPECT_EQ(leaf.extension("1.3.6.1.4.1.57264.1.1"), "https://linuxera.org");
  EXPECT_EQ(leaf.extension("1.3.6.1.4.1.57264.1.9"), std::nullopt);
  const auto again = Certificate::from_der(leaf.der());
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, leaf);
}

TEST(CertificateTest, RefusesAnythingButOneWholeCertificate) {
  const Blob der = root("Root").certificate.der();
  Blob flipped_length = der;
  flipped_length[3] = static_cast<char>(flipped_length[3] + 1);

  expect_refused(Certificate::from_der(der + '\0'), Reason::malformed_object, "bytes after");
  expect_refused(Certificate::from_der(Bytes(der).substr(0, der.size() - 1)),
                 Reason::malformed_object, "ends inside");
  expect_refused(Certificate::from_der(flipped_length), Reason::malformed_object, "certificate");
  expect_refused(Certificate::from_der(""), Reason::malformed_object, "certificate");
  expect_refused(Certificate::from_der("garbage"), Reason::malformed_object, "certificate");
  expect_refused(Certificate::from_der(der_element(der::kSequence, "")), Reason::malformed_object,
                 "certificate");
}

TEST(CertificateTest, RefusesBer) {
  const Blob der = root("Root").certificate.der();
  ASSERT_EQ(der[1], '\x82') << "the outer length takes two octets";
  Blob long_form = der;
  long_form[1] = '\x83';
  long_form.insert(2, 1, '\0');
  Blob indefinite = der;
  indefinite.replace(1, 3, 1, '\x80');
  indefinite.append(2, '\0');

  expect_refused(Certificate::from_der(long_form), Reason::malformed_object, "fewest octets");
  expect_refused(Certificate::from_der(indefinite), Reason::malformed_object, "indefinite");
}

TEST(CertificateTest, RefusesVersion2AndExtensionsInVersion1) {
  // OpenSSL makes no such certificate: its octets are changed.
  const auto of_version = [](char number) {
    Blob der = issue_der(nullptr, leaf_spec(kTeam), shared_key(TestKeyKind::p256));
    const std::string_view version("\xa0\x03\x02\x01\x02", 5);
    der[der.find(version) + version.size() - 1] = number;
    return Certificate::from_der(der);
  };
  CertificateSpec bare = leaf_spec(kTeam);
  bare.version = 1;

  ASSERT_TRUE(of_version('\2'));
  expect_refused(of_version('\1'), Reason::malformed_object, "version");
  expect_refused(of_version('\0'), Reason::malformed_object, "version 1");
  const auto good = parse(bare);
  ASSERT_TRUE(good) << good.error().what();
  EXPECT_EQ(good->version(), 1);
}

TEST(CertificateTest, SerialIsPositiveAndOfAtMost20Octets) {
  const auto with_serial = [](std::string serial) {
    CertificateSpec spec = leaf_spec(kTeam);
    spec.serial = std::move(serial);
    return parse(spec);
  };
  EXPECT_TRUE(with_serial("01"));
  EXPECT_TRUE(with_serial("7f" + std::string(38, 'f')));
  EXPECT_TRUE(with_serial("ff" + std::string(38, 'f')));
  expect_refused(with_serial("01" + std::string(40, '0')), Reason::cert_profile, "20 octets");
  expect_refused(with_serial("0"), Reason::cert_profile, "zero");
  expect_refused(with_serial("-1"), Reason::cert_profile, "negative");
}

TEST(CertificateTest, RefusesAnExtensionThatStandsTwice) {
  CertificateSpec spec = leaf_spec(kTeam);
  spec.extensions.push_back(fulcio_issuer_raw("https://evil.org"));

  expect_refused(parse(spec), Reason::cert_profile, "1.3.6.1.4.1.57264.1.1 stands twice");
}

TEST(CertificateTest, RefusesCriticalKeyIdentifiersAndAccessInformation) {
  for (const char* oid : {"2.5.29.14", "2.5.29.35", "1.3.6.1.5.5.7.1.1"}) {
    CertificateSpec spec = leaf_spec(kTeam);
    spec.subject_key_id = false;
    spec.extensions.push_back({oid, true, Blob("\x30\x00", 2)});
    expect_refused(parse(spec), Reason::cert_profile, oid);
  }
}

TEST(CertificateTest, RefusesAnExtensionThatCannotBeRead) {
  CertificateSpec spec = leaf_spec(kTeam);
  spec.basic_constraints.reset();
  spec.extensions.push_back({"2.5.29.19", true, Blob("\x05\x00", 2)});

  expect_refused(parse(spec), Reason::malformed_object, "extension");
}

TEST(CertificateTest, BoundsItsSize) {
  const auto of_size = [](std::size_t bytes) {
    CertificateSpec spec = leaf_spec(kTeam);
    const std::size_t bare = issue_der(nullptr, spec, shared_key(TestKeyKind::ed25519)).size();
    // 21 octets around the padding of an extension of this size; three headers grow by two.
    spec.extensions.push_back({"1.2.3.4", false, Blob(bytes - bare - 21, 'x')});
    Blob der = issue_der(nullptr, spec, shared_key(TestKeyKind::ed25519));
    for (int step = 0; step < 8 && der.size() != bytes; ++step) {
      auto& padding = spec.extensions.back().value;
      padding.resize(padding.size() + bytes - der.size());
      der = issue_der(nullptr, spec, shared_key(TestKeyKind::ed25519));
    }
    EXPECT_EQ(der.size(), bytes);
    return Certificate::from_der(der);
  };
  const auto within = of_size(kCertificateBytes);
  EXPECT_TRUE(within) << within.error().what();
  expect_refused(of_size(kCertificateBytes + 1), Reason::limit_exceeded, "16384 bytes");
}

TEST(CertificateTest, BoundsItsExtensions) {
  const auto with_extensions = [](std::size_t count) {
    CertificateSpec spec;
    spec.common_name = "x";
    spec.basic_constraints.reset();
    spec.key_usage.reset();
    spec.subject_key_id = false;
    spec.authority_key_id = false;
    for (std::size_t i = 0; i < count; ++i) {
      spec.extensions.push_back({"1.2.3." + std::to_string(i), false, Blob("\x05\x00", 2)});
    }
    return parse(spec);
  };
  EXPECT_TRUE(with_extensions(kCertificateExtensions));
  expect_refused(with_extensions(kCertificateExtensions + 1), Reason::limit_exceeded,
                 "40 extensions");
}

TEST(CertificateTest, BoundsItsNames) {
  const auto with_names = [](std::size_t count) {
    return parse_names(std::vector<Blob>(count, der_element(der::context(1), "a@b.org")));
  };
  const auto within = with_names(kCertificateNames);
  ASSERT_TRUE(within) << within.error().what();
  EXPECT_EQ(within->names().size(), kCertificateNames);
  expect_refused(with_names(kCertificateNames + 1), Reason::limit_exceeded, "32 names");
}

TEST(CertificateTest, ReadsNamesInOrderAndLeavesOtherTypesOut) {
  const auto certificate = parse_names({
      der_element(der::context(6), "https://linuxera.org/a"),
      der_element(der::context(7), "\x0a\x01\x01\x01"),
      der_element(der::context(1), kTeam),
      der_element(der::context(8), "\x2a\x03"),
      der_element(der::context(2), "build.linuxera.org"),
      fulcio_user_name("team-a"),
      der_element(der::constructed(4), Blob("\x30\x00", 2)),
  });
  ASSERT_TRUE(certificate) << certificate.error().what();
  EXPECT_EQ(certificate->names(), (std::vector{SubjectName{NameType::uri, "https://linuxera.org/a"},
                                               SubjectName{NameType::email, kTeam},
                                               SubjectName{NameType::dns, "build.linuxera.org"},
                                               SubjectName{NameType::other_name, "team-a"}}));
}

TEST(CertificateTest, KeepsEveryOctetOfAName) {
  const std::string poisoned("team-a@linuxera.org\0.evil.com", 29);

  const auto certificate = parse_names({der_element(der::context(1), poisoned)});

  ASSERT_TRUE(certificate) << certificate.error().what();
  EXPECT_EQ(certificate->names().front().value, poisoned);
}

TEST(CertificateTest, ForeignOtherNamesAreLeftOut) {
  const Blob upn = Blob("\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x14\x02\x03", 12) +
                   der_element(der::constructed(0), der_element(der::kUtf8String, "u@ad"));

  const auto certificate =
      parse_names({der_element(der::constructed(0), upn), der_element(der::constructed(0), upn),
                   der_element(der::context(1), kTeam)});

  ASSERT_TRUE(certificate) << certificate.error().what();
  EXPECT_EQ(certificate->names(), (std::vector{SubjectName{NameType::email, kTeam}}));
}

TEST(CertificateTest, RefusesMalformedNames) {
  struct Row {
    const char* what;
    Blob name;
  };
  const Blob oid("\x06\x0a\x2b\x06\x01\x04\x01\x83\xbf\x30\x01\x07", 12);
  const auto other = [&](const Blob& content) { return der_element(der::constructed(0), content); };
  const std::vector<Row> rows = {
      {"e-mail with a constructed tag", der_element(der::constructed(1), Blob("\x0c\x01x", 3))},
      {"a universal tag", der_element(0x01, Blob("\xff", 1))},
      {"e-mail outside of ASCII", der_element(der::context(1), "t\xc3\xa9@linuxera.org")},
      {"URI outside of ASCII", der_element(der::context(6), "https://\xff.org")},
      {"DNS name outside of ASCII", der_element(der::context(2), "\xff.org")},
      {"IP address of 8 octets", der_element(der::context(7), "12345678")},
      {"an x400Address", der_element(der::constructed(3), Blob("\x30\x00", 2))},
      {"an ediPartyName", der_element(der::constructed(5), Blob("\xa1\x03\x0c\x01x", 5))},
      {"an unknown tag", der_element(der::context(9), "x")},
      {"user name without a value", other(oid)},
      {"user name that is no UTF8String",
       other(oid + der_element(der::constructed(0), Blob("\x13\x01x", 3)))},
      {"bytes behind the user name",
       other(oid + der_element(der::constructed(0), Blob("\x0c\x01x\x05\x00", 5)))},
      {"bytes behind the value",
       other(oid + der_element(der::constructed(0), Blob("\x0c\x01x", 3)) + Blob("\x05\x00", 2))},
      {"a length beyond the end", Blob("\x81\x7fx", 3)},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.what);
    expect_refused(parse_names({row.name}), Reason::malformed_object, "");
  }
}

TEST(CertificateTest, RefusesTwoFulcioUserNames) {
  expect_refused(parse_names({fulcio_user_name("a"), fulcio_user_name("b")}),
                 Reason::malformed_object, "more than one");
}

TEST(CertificateTest, AnEmptySubjectAltNameHoldsNoName) {
  const auto certificate = parse_names({});

  ASSERT_TRUE(certificate) << certificate.error().what();
  EXPECT_TRUE(certificate->names().empty());
}

TEST(CertificateTest, RefusesKeysThatAreNotAllowed) {
  for (const auto kind : {TestKeyKind::p224, TestKeyKind::secp256k1, TestKeyKind::rsa1024}) {
    const auto certificate =
        Certificate::from_der(issue_der(nullptr, leaf_spec(kTeam), shared_key(kind)));
    expect_refused(certificate, Reason::cert_profile, "key");
  }
}

TEST(CertificateTest, TheTwoSignatureAlgorithmsAgree) {
  Blob der = root("Root").certificate.der();
  const Blob ecdsa_sha256("\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02", 10);
  const auto outer = der.rfind(ecdsa_sha256);
  ASSERT_NE(outer, std::string::npos);
  der[outer + 9] = '\x03';  // ecdsa-with-SHA384

  expect_refused(Certificate::from_der(der), Reason::malformed_object, "algorithms");
}

TEST(ParseCertificatesTest, ReadsTextBeforeAndBetweenBlocks) {
  const TestCa a = root("A");
  const TestCa b = root("B");

  const auto both =
      parse_certificates("Certificate:\n  Data:\n" + a.pem() + "B:\n" + b.pem() + " \r\n\n", 2);

  ASSERT_TRUE(both) << both.error().what();
  EXPECT_EQ(*both, (std::vector{a.certificate, b.certificate}));
}

TEST(ParseCertificatesTest, BoundsTheNumber) {
  const std::string pem = pem_of(std::vector(3, root("A").certificate));

  EXPECT_TRUE(parse_certificates(pem, 3));
  const auto beyond = parse_certificates(pem, 2);
  ASSERT_FALSE(beyond);
  EXPECT_EQ(beyond.error().reason(), Reason::limit_exceeded);
}

TEST(ParseCertificatesTest, NamesWhatItFoundInstead) {
  const TestCa ca = root("A");
  struct Row {
    std::string text;
    const char* says;
  };
  for (const Row& row :
       {Row{ca.pem() + "junk", "text after the last PEM block"},
        Row{ca.key.private_pem(), "a PRIVATE KEY block"},
        Row{ca.pem() + ca.key.public_pem(), "a PUBLIC KEY block"}, Row{"", "empty"},
        Row{" \n", "empty"}, Row{"no certificate", "no PEM block"},
        Row{pem_block("CERTIFICATE", ca.certificate.der() + "x"), "PEM block 1"}}) {
    SCOPED_TRACE(row.says);
    const auto parsed = parse_certificates(row.text, 10);
    ASSERT_FALSE(parsed);
    EXPECT_NE(parsed.error().what().find(row.says), std::string::npos) << parsed.error().what();
    EXPECT_EQ(parsed.error().what().find("MIG"), std::string::npos) << "no key material is shown";
  }
}

}  // namespace
}  // namespace signet
