#include "core/crypto/crl.hpp"

#include <gtest/gtest.h>

#include "core/base/limits.hpp"
#include "core/crypto/der.hpp"
#include "tests/support/certificates.hpp"

namespace signet {
namespace {

using namespace testing;

TEST(CrlTest, ReadsACompleteCrl) {
  const TestCa ca = root("Root");
  const Blob der = issue_crl_der(ca, {});

  const auto crl = Crl::from_der(der);

  ASSERT_TRUE(crl) << crl.error().what();
  EXPECT_EQ(crl->issuer(), "CN=Root");
  EXPECT_EQ(crl->der(), der);
  EXPECT_EQ(crl->this_update(), kTestNow - std::chrono::days(1));
  EXPECT_EQ(crl->next_update(), kTestNow + std::chrono::days(1));
}

TEST(CrlTest, RefusesWhatIsNotComplete) {
  struct Row {
    const char* says;
    CrlSpec spec;
  };
  const auto with = [](const char* oid, bool critical, Blob value) {
    CrlSpec spec;
    spec.extensions = {{oid, critical, std::move(value)}};
    return spec;
  };
  CrlSpec open_ended;
  open_ended.next_update.reset();
  CrlSpec unnumbered;
  unnumbered.number.reset();
  CrlSpec critical_number;
  critical_number.number.reset();
  critical_number.extensions = {{"2.5.29.20", true, Blob("\x02\x01\x01", 3)}};
  const std::vector<Row> rows = {
      {"no nextUpdate", open_ended},
      {"list of extensions", unnumbered},
      {"2.5.29.20 must not be critical", critical_number},
      {"delta", with("2.5.29.27", true, Blob("\x02\x01\x01", 3))},
      {"indirect", with("2.5.29.28", true, Blob("\x30\x03\x84\x01\xff", 5))},
      {"some reasons", with("2.5.29.28", true, Blob("\x30\x04\x83\x02\x06\x40", 6))},
      {"attribute certificates", with("2.5.29.28", true, Blob("\x30\x03\x85\x01\xff", 5))},
      {"1.2.3.4 must not be critical", with("1.2.3.4", true, Blob("\x05\x00", 2))},
  };
  const TestCa ca = root("Root");
  for (const Row& row : rows) {
    SCOPED_TRACE(row.says);
    const auto crl = Crl::from_der(issue_crl_der(ca, row.spec));
    ASSERT_FALSE(crl);
    EXPECT_EQ(crl.error().reason(), Reason::malformed_object);
    EXPECT_NE(crl.error().what().find(row.says), std::string::npos) << crl.error().what();
  }
}

TEST(CrlTest, NeedsANumberAmongOtherExtensions) {
  CrlSpec spec;
  spec.number.reset();
  spec.extensions = {{"1.2.3.4", false, Blob("\x05\x00", 2)}};

  const auto crl = Crl::from_der(issue_crl_der(root("Root"), spec));

  ASSERT_FALSE(crl);
  EXPECT_NE(crl.error().what().find("no CRL number"), std::string::npos);
}

TEST(CrlTest, RefusesTrailingAndMissingBytes) {
  const Blob der = issue_crl_der(root("Root"), {});

  EXPECT_FALSE(Crl::from_der(der + std::string(1, '\0')));
  EXPECT_FALSE(Crl::from_der(Bytes(der).substr(0, der.size() - 1)));
  EXPECT_FALSE(Crl::from_der(""));
}

TEST(CrlTest, RefusesOneThatIsTooLarge) {
  const Blob at_bound(kCrlBytes, '\0');

  const auto within = Crl::from_der(at_bound);
  const auto beyond = Crl::from_der(at_bound + 'x');

  ASSERT_FALSE(within);
  EXPECT_EQ(within.error().reason(), Reason::malformed_object);
  ASSERT_FALSE(beyond);
  EXPECT_EQ(beyond.error().reason(), Reason::limit_exceeded);
}

TEST(CrlTest, ParsesDerOrPem) {
  const TestCa ca = root("Root");
  const Blob der = issue_crl_der(ca, {});
  const std::string pem = pem_block("X509 CRL", der);

  const auto one = parse_crls(der);
  const auto two = parse_crls("a comment\n" + pem + "another\n" + pem);

  ASSERT_TRUE(one) << one.error().what();
  EXPECT_EQ(one->size(), 1U);
  ASSERT_TRUE(two) << two.error().what();
  EXPECT_EQ(two->size(), 2U);
}

TEST(CrlTest, RefusesPemOfAnotherKind) {
  const TestCa ca = root("Root");

  const auto certificate = parse_crls(ca.pem());
  const auto empty = parse_crls("");

  ASSERT_FALSE(certificate);
  EXPECT_NE(certificate.error().what().find("CERTIFICATE"), std::string::npos);
  EXPECT_FALSE(empty);
}

}  // namespace
}  // namespace signet
