#include "core/crypto/revocation.hpp"

#include <gtest/gtest.h>

#include "core/crypto/der.hpp"
#include "tests/support/certificates.hpp"

namespace signet {
namespace {

using namespace testing;
using std::chrono::days;
using std::chrono::seconds;

class RevocationTest : public ::testing::Test {
 protected:
  Result<Path> judge(std::vector<Crl> crls, Revocation revocation = Revocation::require,
                     TimePoint at = kTestNow) const {
    Trust trust;
    trust.authorities.push_back({{top.certificate}, {sub.certificate}, {}, std::move(crls)});
    trust.revocation = revocation;
    return find_path(trust, team.certificate, {}, CodeSigning::optional, at);
  }

  static CrlSpec revoking(const TestCa& one) {
    CrlSpec spec;
    spec.revoked = {one.certificate.serial()};
    return spec;
  }

  const TestCa top = root("Root");
  const TestCa sub = intermediate(top, "Sub");
  const TestCa team = leaf(sub, kTeam);
  const Crl of_top = issue_crl(top, {});
  const Crl of_sub = issue_crl(sub, {});
};

TEST_F(RevocationTest, CurrentCrlsOfEveryIssuerLetThePathPass) {
  const auto path = judge({of_sub, of_top});

  ASSERT_TRUE(path) << path.error().what();
  EXPECT_TRUE(path->notes.empty());
  EXPECT_EQ(path->stable, (Validity{kTestNow - days(1), kTestNow + days(1) - seconds(1)}));
}

TEST_F(RevocationTest, ARevokedLeafOrIntermediateIsRefused) {
  for (const auto& crls : {std::vector{issue_crl(sub, revoking(team)), of_top},
                           std::vector{of_sub, issue_crl(top, revoking(sub))}}) {
    for (const Revocation revocation : {Revocation::require, Revocation::best_effort}) {
      const auto path = judge(crls, revocation);
      ASSERT_FALSE(path);
      EXPECT_EQ(path.error().reason(), Reason::revoked) << path.error().what();
    }
    EXPECT_TRUE(judge(crls, Revocation::off));
  }
}

TEST_F(RevocationTest, NamesTheCrlThatIsMissing) {
  struct Row {
    std::vector<Crl> crls;
    const char* says;
  };
  for (const Row& row : {Row{{}, "no CRL of CN=Sub"}, Row{{of_top}, "no CRL of CN=Sub"},
                         Row{{of_sub}, "no CRL of CN=Root"}}) {
    const auto path = judge(row.crls);
    ASSERT_FALSE(path);
    EXPECT_EQ(path.error().reason(), Reason::crl_stale);
    EXPECT_NE(path.error().what().find(row.says), std::string::npos) << path.error().what();
  }
}

TEST_F(RevocationTest, BestEffortPassesWithANoteForEachThatCouldNotBeChecked) {
  const auto none = judge({}, Revocation::best_effort);
  const auto one = judge({of_sub}, Revocation::best_effort);
  const auto both = judge({of_sub, of_top}, Revocation::best_effort);

  ASSERT_TRUE(none && one && both);
  EXPECT_EQ(none->notes.size(), 2U);
  ASSERT_EQ(one->notes.size(), 1U);
  EXPECT_NE(one->notes[0].find("CN=Sub"), std::string::npos) << one->notes[0];
  EXPECT_TRUE(both->notes.empty());
}

TEST_F(RevocationTest, ACrlCountsFromThisUpdateToNextUpdate) {
  struct Row {
    TimePoint at;
    bool good;
  };
  const TimePoint first = of_sub.this_update();
  const TimePoint end = of_sub.next_update();
  for (const Row& row : {Row{first - seconds(1), false}, Row{first, true},
                         Row{end - seconds(1), true}, Row{end, false}, Row{end + days(9), false}}) {
    SCOPED_TRACE(format_time(row.at));
    const auto path = judge({of_sub, of_top}, Revocation::require, row.at);
    EXPECT_EQ(path.has_value(), row.good);
    if (!path) {
      EXPECT_EQ(path.error().reason(), Reason::crl_stale) << path.error().what();
    }
  }
}

TEST_F(RevocationTest, AnExpiredCrlStillRevokesUnderBestEffort) {
  CrlSpec old = revoking(team);
  old.this_update = kTestNow - days(9);
  old.next_update = kTestNow - days(8);

  const auto path = judge({issue_crl(sub, old), of_top}, Revocation::best_effort);

  ASSERT_FALSE(path);
  EXPECT_EQ(path.error().reason(), Reason::revoked);
}

TEST_F(RevocationTest, TheNewestCrlDecides) {
  CrlSpec newer = revoking(team);
  newer.this_update = kTestNow - seconds(60);
  newer.number = 2;
  const Crl revoking_crl = issue_crl(sub, newer);

  for (const auto& crls :
       {std::vector{of_sub, revoking_crl, of_top}, std::vector{revoking_crl, of_top, of_sub}}) {
    const auto path = judge(crls);
    ASSERT_FALSE(path);
    EXPECT_EQ(path.error().reason(), Reason::revoked);
  }
}

TEST_F(RevocationTest, ACrlOfANamesakeSaysNothing) {
  const TestCa namesake = intermediate(root("Other"), "Sub");
  const Crl foreign = issue_crl(namesake, {});
  CrlSpec later = revoking(team);
  later.this_update = kTestNow - seconds(1);
  const Crl hostile = issue_crl(namesake, later);

  const auto alone = judge({foreign, of_top});
  ASSERT_FALSE(alone);
  EXPECT_EQ(alone.error().reason(), Reason::crl_stale) << alone.error().what();
  EXPECT_TRUE(judge({foreign, of_sub, of_top}));
  EXPECT_TRUE(judge({of_sub, hostile, of_top}));
}

TEST_F(RevocationTest, AnIssuerWhoseKeyMayNotSignCrlsRevokesNothing) {
  CertificateSpec spec = intermediate_spec("Sub");
  spec.key_usage = "critical,keyCertSign";
  const TestCa mute = issue(top, spec);
  const TestCa below = leaf(mute, kTeam);
  Trust trust;
  trust.authorities.push_back(
      {{top.certificate}, {mute.certificate}, {}, {issue_crl(mute, {}), of_top}});
  trust.revocation = Revocation::require;

  const auto path = find_path(trust, below.certificate, {}, CodeSigning::optional, kTestNow);

  ASSERT_FALSE(path);
  EXPECT_EQ(path.error().reason(), Reason::crl_stale) << path.error().what();
}

TEST_F(RevocationTest, TheAnchorNeedsNoCrl) {
  Trust trust;
  trust.authorities.push_back({{sub.certificate}, {}, {}, {of_sub}});
  trust.revocation = Revocation::require;
  const auto partial = find_path(trust, team.certificate, {}, CodeSigning::optional, kTestNow);
  Trust pinned;
  pinned.authorities.push_back({{team.certificate}, {}, {}, {}});
  pinned.revocation = Revocation::require;
  const auto alone = find_path(pinned, team.certificate, {}, CodeSigning::optional, kTestNow);

  EXPECT_TRUE(partial) << partial.error().what();
  EXPECT_TRUE(alone) << alone.error().what();
}

TEST_F(RevocationTest, AScopeOfUserCertificatesLeavesTheIntermediateUnchecked) {
  CrlSpec users_only;
  users_only.extensions = {{"2.5.29.28", true, Blob("\x30\x03\x81\x01\xff", 5)}};

  EXPECT_TRUE(judge({issue_crl(sub, users_only), of_top}));
  const auto path = judge({of_sub, issue_crl(top, users_only)});
  ASSERT_FALSE(path);
  EXPECT_EQ(path.error().reason(), Reason::crl_stale);
}

TEST_F(RevocationTest, AForgedPathIsUntrustedWhateverTheCrls) {
  const TestCa forged = leaf(intermediate(root("Root"), "Sub"), kTeam);
  Trust trust;
  trust.authorities.push_back({{top.certificate}, {sub.certificate}, {}, {}});
  trust.revocation = Revocation::require;

  const auto path = find_path(trust, forged.certificate, {}, CodeSigning::optional, kTestNow);

  ASSERT_FALSE(path);
  EXPECT_EQ(path.error().reason(), Reason::chain_untrusted);
}

}  // namespace
}  // namespace signet
