// A CRL flips a verdict while everything is warm: another list, and the end of the same one.

#include "tests/server/verify/memory_fixture.hpp"
#include "tests/support/certificates.hpp"

namespace signet {
namespace {

using testing::CrlSpec;
using testing::issue_crl;
using testing::TestCa;
using testing::TestKey;

TestCa ca_of(const test::KeyPair& pair) {
  return TestCa{pair.certificate, TestKey::sharing(pair.key.handle())};
}

// CRLs of root and intermediate; the latter's revokes these serials.
Trust trust_with(std::vector<std::string> revoked, std::chrono::seconds life) {
  const test::Signer& signer = test::signer();
  CrlSpec spec;
  spec.this_update = signer.at() - std::chrono::days(1);
  spec.next_update = signer.at() + life;
  Trust trust = signer.trust();
  trust.revocation = Revocation::require;
  trust.authorities[0].crls.push_back(issue_crl(ca_of(signer.root()), spec));
  spec.revoked = std::move(revoked);
  trust.authorities[0].crls.push_back(issue_crl(ca_of(signer.intermediate()), spec));
  return trust;
}

constexpr std::chrono::days kWeek{7};

TEST_F(MemoryTest, AnotherCrlDecidesAnew) {
  policies = set_of({policy_with(trust_with({}, kWeek))});
  warm_up();
  policies = set_of({policy_with(trust_with({test::signer().leaf().certificate.serial()}, kWeek))});

  expect_flipped(false);
  EXPECT_EQ(verify().reason, Reason::revoked);

  policies = set_of({policy_with(trust_with({}, kWeek))});
  expect_flipped(true);
}

TEST_F(MemoryTest, AClockPastTheEndOfACrlDecidesAnew) {
  policies = set_of({policy_with(trust_with({}, kWeek))});
  warm_up();

  now = test::signer().at() + kWeek - 1s;
  expect_flipped(true);
  now = test::signer().at() + kWeek + 1s;
  expect_flipped(false);
  EXPECT_EQ(verify().reason, Reason::crl_stale);
}

}  // namespace
}  // namespace signet
