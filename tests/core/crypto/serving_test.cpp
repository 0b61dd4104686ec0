#include "core/crypto/serving.hpp"

#include <gtest/gtest.h>

namespace signet {
namespace {

using std::chrono::hours;

const ServiceNames kNames = {"signet.signet-system.svc"};

class ServingTest : public ::testing::Test {
 protected:
  ServingCertificate leaf(const ServingAuthority& authority, const ServiceNames& names) const {
    auto made = make_serving_certificate(&authority, names, now_, hours(24 * 7));
    EXPECT_TRUE(made);
    return std::move(*made);
  }

  TimePoint now_ = *parse_time("2026-03-01T10:00:00Z");
  ServingAuthority authority_ = *make_serving_authority(kNames, now_, hours(24 * 365));
  std::string trusted_ = certificate_pem(authority_.certificate);
};

TEST_F(ServingTest, AnAuthorityIsOfItsProfile) {
  const Certificate& ca = authority_.certificate;
  EXPECT_TRUE(ca.is_ca());
  EXPECT_TRUE(is_serving_authority(ca));
  EXPECT_EQ(ca.subject(), ca.issuer());
  EXPECT_EQ(ca.not_before(), now_ - hours(1));
  EXPECT_EQ(ca.not_after(), now_ + hours(24 * 365));
  for (const char* const oid : {"2.5.29.30", "2.5.29.19", "2.5.29.15"}) {
    bool critical = false;
    for (const Extension& one : ca.extensions())
      critical = critical || (one.oid == oid && one.critical);
    EXPECT_TRUE(critical) << oid;
  }
  EXPECT_TRUE(ca.extension("2.5.29.14"));
  EXPECT_EQ(*ca.extension("2.5.29.19"), std::string("\x30\x06\x01\x01\xff\x02\x01\x00", 8));
}

TEST_F(ServingTest, ItsCertificatesAreTrustedForTheServiceAndNoOtherName) {
  const std::string chain = leaf(authority_, kNames).chain_pem;
  EXPECT_TRUE(check_trusted(trusted_, chain, kNames.front(), now_));
  const TimePoint end = now_ + hours(24 * 7);
  EXPECT_TRUE(check_trusted(trusted_, chain, kNames.front(), end - std::chrono::seconds(1)));
  EXPECT_FALSE(check_trusted(trusted_, chain, kNames.front(), end));
  EXPECT_FALSE(check_trusted(trusted_, chain, kNames.front(), now_ - hours(2)));
  EXPECT_FALSE(check_trusted(trusted_, chain, "other.signet-system.svc", now_));
  const auto other = make_serving_authority(kNames, now_, hours(24));
  EXPECT_FALSE(check_trusted(certificate_pem(other->certificate), chain, kNames.front(), now_));
}

// K-C12: who steals the key can speak for nobody else.
TEST_F(ServingTest, AnAuthorityCannotSpeakForOtherNamesOrAddresses) {
  for (const ServiceNames& names :
       {ServiceNames{"kubernetes.default.svc"}, ServiceNames{kNames.front(), "127.0.0.1"},
        ServiceNames{kNames.front(), "::1"}}) {
    SCOPED_TRACE(names.back());
    const std::string chain = leaf(authority_, names).chain_pem;
    EXPECT_FALSE(check_trusted(trusted_, chain, names.front(), now_));
  }
}

TEST_F(ServingTest, AddressesArePermittedWhereTheyAreNamed) {
  const ServiceNames names = {kNames.front(), "127.0.0.1", "::1"};
  const auto authority = make_serving_authority(names, now_, hours(24));
  const std::string trusted = certificate_pem(authority->certificate);
  EXPECT_TRUE(check_trusted(trusted, leaf(*authority, names).chain_pem, names.front(), now_));
  const ServiceNames more = {kNames.front(), "127.0.0.2"};
  EXPECT_FALSE(check_trusted(trusted, leaf(*authority, more).chain_pem, names.front(), now_));
}

TEST_F(ServingTest, AnAuthorityIsForExactlyItsNames) {
  EXPECT_TRUE(is_authority_for(authority_.certificate, kNames));
  EXPECT_FALSE(is_authority_for(authority_.certificate, {"signet.other.svc"}));
  EXPECT_FALSE(is_authority_for(authority_.certificate, {kNames.front(), "127.0.0.1"}));
}

TEST_F(ServingTest, ACertificateEndsWithItsAuthority) {
  const auto authority = make_serving_authority(kNames, now_, hours(24));
  EXPECT_EQ(leaf(*authority, kNames).not_after, now_ + hours(24));
}

TEST_F(ServingTest, AnAuthorityIsReadBackAsItWasWritten) {
  const std::string key = *authority_.key.pem();
  const auto read = parse_serving_authority(trusted_, key);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->certificate, authority_.certificate);
  EXPECT_TRUE(check_trusted(trusted_, leaf(*read, kNames).chain_pem, kNames.front(), now_));
}

TEST_F(ServingTest, OnlyADnsNameOfACertificateNamesAHost) {
  const auto made = [this](const std::string& alternative_names) {
    CertificateTemplate content;
    content.common_name = kNames.front();
    content.not_before = now_;
    content.not_after = now_ + hours(1);
    content.alternative_names = alternative_names;
    return *issue(content, authority_.key, {});
  };
  EXPECT_TRUE(names_host(made("DNS:other.example,DNS:signet.signet-system.svc"), kNames.front()));
  EXPECT_TRUE(names_host(made("DNS:*.signet-system.svc"), kNames.front()));
  for (const char* const names :
       {"", "DNS:signet.signet-system", "DNS:sig*.signet-system.svc", "DNS:*.svc",
        "DNS:signet.signet-system.svc.cluster.local", "URI:https://signet.signet-system.svc"})
    EXPECT_FALSE(names_host(made(names), kNames.front())) << names;
}

TEST_F(ServingTest, WhatIsNoAuthorityIsRefused) {
  const std::string key = *authority_.key.pem();
  const ServingCertificate other = leaf(authority_, kNames);
  EXPECT_FALSE(parse_serving_authority("", key));
  EXPECT_FALSE(parse_serving_authority(trusted_ + trusted_, key));
  EXPECT_FALSE(parse_serving_authority(trusted_, ""));
  EXPECT_FALSE(parse_serving_authority(trusted_, "-----BEGIN PRIVATE KEY-----\nMIIB\n"));
  EXPECT_FALSE(parse_serving_authority(trusted_, other.key_pem));         // of another
  EXPECT_FALSE(parse_serving_authority(other.chain_pem, other.key_pem));  // a leaf
}

}  // namespace
}  // namespace signet
