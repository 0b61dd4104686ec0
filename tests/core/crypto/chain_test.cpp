#include "core/crypto/chain.hpp"

#include <gtest/gtest.h>

#include "tests/support/certificates.hpp"

namespace signet {
namespace {

using namespace testing;
using std::chrono::seconds;

Trust trust_in(std::vector<Certificate> anchors, std::vector<Certificate> intermediates = {}) {
  Trust trust;
  trust.authorities.push_back({std::move(anchors), std::move(intermediates), {}, {}});
  return trust;
}

Result<Path> find(const Trust& trust, const Certificate& leaf,
                  const std::vector<Certificate>& carried = {}, TimePoint at = kTestNow) {
  return find_path(trust, leaf, carried, CodeSigning::optional, at);
}

TEST(ChainTest, FollowsConfiguredAndCarriedIntermediates) {
  const TestCa top = root("Root");
  const TestCa sub = intermediate(top, "Intermediate");
  const TestCa team = leaf(sub, kTeam);

  const auto configured = find(trust_in({top.certificate}, {sub.certificate}), team.certificate);
  const auto carried =
      find(trust_in({top.certificate}), team.certificate, {sub.certificate, top.certificate});

  ASSERT_TRUE(configured) << configured.error().what();
  EXPECT_EQ(configured->certificates,
            (std::vector{team.certificate, sub.certificate, top.certificate}));
  EXPECT_TRUE(configured->issuer_configured);
  ASSERT_TRUE(carried) << carried.error().what();
  EXPECT_EQ(carried->certificates, configured->certificates);
  EXPECT_FALSE(carried->issuer_configured);
}

TEST(ChainTest, NamesTheIssuerThatNobodySupplies) {
  const TestCa top = root("Root");
  const TestCa sub = intermediate(top, "Intermediate");
  const TestCa team = leaf(sub, kTeam);

  const auto path = find(trust_in({top.certificate}), team.certificate);

  ASSERT_FALSE(path);
  EXPECT_EQ(path.error().reason(), Reason::chain_untrusted);
  EXPECT_EQ(path.error().what(),
            "no path from CN=Team to a configured CA: nobody supplies the certificate of "
            "CN=Intermediate, which issued CN=Team");
}

TEST(ChainTest, NeverTrustsWhatASignatureCarries) {
  const TestCa top = root("Root");
  const TestCa evil = root("Root");
  const TestCa evil_sub = intermediate(evil, "Intermediate");
  const TestCa team = leaf(evil_sub, kTeam);

  const auto path =
      find(trust_in({top.certificate}), team.certificate, {evil_sub.certificate, evil.certificate});

  ASSERT_FALSE(path);
  EXPECT_EQ(path.error().reason(), Reason::chain_untrusted);
}

TEST(ChainTest, NeverEndsAtAConfiguredIntermediate) {
  const TestCa top = root("Root");
  const TestCa other = root("Other");
  const TestCa sub = intermediate(top, "Intermediate");
  const TestCa team = leaf(sub, kTeam);

  const auto path = find(trust_in({other.certificate}, {sub.certificate}), team.certificate);
  const auto none = find(trust_in({}, {sub.certificate, top.certificate}), team.certificate);

  EXPECT_FALSE(path);
  EXPECT_FALSE(none);
}

TEST(ChainTest, RefusesEverythingWhereNothingIsConfigured) {
  const TestCa team = self_signed(leaf_spec(kTeam));

  const auto path = find(Trust{}, team.certificate, {team.certificate});

  ASSERT_FALSE(path);
  EXPECT_EQ(path.error().reason(), Reason::chain_untrusted);
}

TEST(ChainTest, IgnoresCarriedIntermediatesWhereTheRootSaysSo) {
  const TestCa top = root("Root");
  const TestCa sub = intermediate(top, "Intermediate");
  const TestCa team = leaf(sub, kTeam);
  Trust trust = trust_in({top.certificate});
  trust.carried_intermediates = false;

  EXPECT_FALSE(find(trust, team.certificate, {sub.certificate}));
  trust.authorities[0].intermediates = {sub.certificate};
  EXPECT_TRUE(find(trust, team.certificate, {sub.certificate}));
}

TEST(ChainTest, EndsAtAConfiguredIntermediateThatIsAnAnchor) {
  const TestCa top = root("Root");
  const TestCa sub = intermediate(top, "Intermediate");
  const TestCa team = leaf(sub, kTeam);

  const auto path = find(trust_in({sub.certificate}), team.certificate);

  ASSERT_TRUE(path) << path.error().what();
  EXPECT_EQ(path->certificates, (std::vector{team.certificate, sub.certificate}));
  EXPECT_TRUE(path->issuer_configured);
}

TEST(ChainTest, TakesALeafThatIsItselfConfigured) {
  const TestCa top = root("Root");
  const TestCa team = leaf(top, kTeam);
  const TestCa lonely = self_signed(leaf_spec(kTeam));

  for (const TestCa& one : {team, lonely}) {
    const auto path = find(trust_in({one.certificate}), one.certificate);
    ASSERT_TRUE(path) << path.error().what();
    EXPECT_EQ(path->certificates, std::vector{one.certificate});
  }
  EXPECT_FALSE(find(trust_in({top.certificate}), lonely.certificate));
  EXPECT_FALSE(find(trust_in({top.certificate}, {lonely.certificate}), lonely.certificate));
}

TEST(ChainTest, RefusesAConfiguredLeafThatExpired) {
  const TestCa top = root("Root");
  CertificateSpec spec = leaf_spec(kTeam);
  spec.not_after = kTestNow - seconds(1);
  const TestCa team = issue(top, spec);

  const auto path = find(trust_in({team.certificate}), team.certificate);

  ASSERT_FALSE(path);
  EXPECT_EQ(path.error().reason(), Reason::chain_expired);
}

TEST(ChainTest, ALeafIssuesNothing) {
  const TestCa top = root("Root");
  const TestCa team = leaf(top, kTeam);
  const TestCa forged = issue(team, leaf_spec("admin@linuxera.org"));

  const auto path = find(trust_in({top.certificate}), forged.certificate, {team.certificate});
  const auto pinned = find(trust_in({team.certificate}), forged.certificate);

  ASSERT_FALSE(path);
  EXPECT_EQ(path.error().reason(), Reason::chain_untrusted);
  ASSERT_FALSE(pinned);
}

TEST(ChainTest, ASignatureByAnotherKeyIsNoPath) {
  const TestCa top = root("Root");
  CertificateSpec spec = root_spec("Root");
  spec.subject_key_id = false;
  const TestCa namesake = self_signed(spec);
  const TestCa team = leaf(namesake, kTeam);

  const auto path = find(trust_in({top.certificate}), team.certificate);

  ASSERT_FALSE(path);
  EXPECT_EQ(path.error().reason(), Reason::chain_untrusted);
  EXPECT_NE(path.error().what().find("signature"), std::string::npos) << path.error().what();
}

TEST(ChainTest, EveryCertificateOfThePathIsValidAtTheTime) {
  const auto expiring = [](CertificateSpec spec) {
    spec.not_before = kTestNow;
    spec.not_after = kTestNow + seconds(100);
    return spec;
  };
  const TestCa top = root("Root");
  const TestCa sub = intermediate(top, "Intermediate");
  const TestCa short_top = self_signed(expiring(root_spec("Root")));
  const TestCa short_sub = issue(top, expiring(intermediate_spec("Intermediate")));
  struct Row {
    const char* what;
    Certificate anchor, intermediate, leaf;
  };
  const TestCa under_short = intermediate(short_top, "Intermediate");
  const std::vector<Row> rows = {
      {"root", short_top.certificate, under_short.certificate,
       leaf(under_short, kTeam).certificate},
      {"intermediate", top.certificate, short_sub.certificate, leaf(short_sub, kTeam).certificate},
      {"leaf", top.certificate, sub.certificate,
       issue(sub, expiring(leaf_spec(kTeam))).certificate},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.what);
    const Trust trust = trust_in({row.anchor}, {row.intermediate});
    const auto at = [&](int after) { return find(trust, row.leaf, {}, kTestNow + seconds(after)); };
    ASSERT_FALSE(at(-1));
    EXPECT_EQ(at(-1).error().reason(), Reason::chain_expired);
    EXPECT_TRUE(at(0));
    EXPECT_TRUE(at(99));
    ASSERT_FALSE(at(100)) << "the second of notAfter is outside, the safe side";
    EXPECT_EQ(at(100).error().reason(), Reason::chain_expired);
    const auto path = at(50);
    ASSERT_TRUE(path);
    EXPECT_EQ(path->stable, (Validity{kTestNow, kTestNow + seconds(99)}));
  }
}

TEST(ChainTest, AnExpiredStrangerIsAStranger) {
  const TestCa top = root("Root");
  const TestCa namesake = root("Root");
  CertificateSpec spec = leaf_spec(kTeam);
  spec.not_after = kTestNow - seconds(1);
  spec.authority_key_id = false;
  const TestCa team = issue(namesake, spec);

  const auto path = find(trust_in({top.certificate}), team.certificate);

  ASSERT_FALSE(path);
  EXPECT_EQ(path.error().reason(), Reason::chain_untrusted);
}

TEST(ChainTest, AnAuthorityCountsWithinItsWindow) {
  const TestCa top = root("Root");
  const TestCa team = leaf(top, kTeam);
  Trust trust = trust_in({top.certificate});
  trust.authorities[0].valid_for = {kTestNow - seconds(10), kTestNow + seconds(10)};

  for (const int inside : {-10, 0, 10}) {
    const auto path = find(trust, team.certificate, {}, kTestNow + seconds(inside));
    ASSERT_TRUE(path) << inside;
    EXPECT_EQ(path->stable, trust.authorities[0].valid_for);
  }
  for (const int outside : {-11, 11}) {
    const auto path = find(trust, team.certificate, {}, kTestNow + seconds(outside));
    ASSERT_FALSE(path) << outside;
    EXPECT_EQ(path.error().reason(), Reason::chain_expired);
    EXPECT_NE(path.error().what().find("validFor"), std::string::npos) << path.error().what();
  }
}

TEST(ChainTest, OneAuthoritysWindowDoesNotEndAnothers) {
  const TestCa top = root("Root");
  const TestCa sub = intermediate(top, "Intermediate");
  const TestCa team = leaf(sub, kTeam);
  const CertificateAuthority over{{sub.certificate}, {}, {{}, kTestNow - seconds(1)}, {}};
  const CertificateAuthority open{{top.certificate}, {sub.certificate}, {}, {}};

  for (const auto& authorities : {std::vector{over, open}, std::vector{open, over}}) {
    Trust trust;
    trust.authorities = authorities;
    const auto path = find(trust, team.certificate);
    ASSERT_TRUE(path) << path.error().what();
    EXPECT_EQ(path->certificates.back(), top.certificate);
    EXPECT_EQ(trust.authorities[path->authority].anchors.front(), top.certificate);
  }
}

TEST(ChainTest, BoundsWhatASignatureCarries) {
  const TestCa top = root("Root");
  const TestCa team = leaf(top, kTeam);
  const Trust trust = trust_in({top.certificate});
  std::vector<Certificate> carried(kCertificates, top.certificate);

  EXPECT_TRUE(find(trust, team.certificate, carried));
  carried.push_back(top.certificate);
  const auto path = find(trust, team.certificate, carried);
  ASSERT_FALSE(path);
  EXPECT_EQ(path.error().reason(), Reason::limit_exceeded);
}

// A chain of `count` intermediates below the root: the leaf's issuer last.
std::vector<TestCa> tower(const TestCa& top, int count) {
  std::vector<TestCa> levels;
  for (int i = 0; i < count; ++i) {
    const TestCa& above = levels.empty() ? top : levels.back();
    levels.push_back(intermediate(above, "Level " + std::to_string(i)));
  }
  return levels;
}

TEST(ChainTest, BoundsTheIntermediatesOfAPath) {
  struct Row {
    std::size_t most;
    int count;
    bool good;
  };
  const TestCa top = root("Root");
  for (const Row& row : {Row{3, 3, true}, Row{3, 4, false}, Row{1, 1, true}, Row{1, 2, false},
                         Row{0, 0, true}, Row{0, 1, false}, Row{9, 3, true}, Row{9, 4, false}}) {
    SCOPED_TRACE(row.count);
    const auto levels = tower(top, row.count);
    const TestCa team = leaf(levels.empty() ? top : levels.back(), kTeam);
    Trust trust = trust_in({top.certificate});
    trust.max_intermediates = row.most;
    for (const TestCa& level : levels) {
      trust.authorities[0].intermediates.push_back(level.certificate);
    }
    const auto path = find(trust, team.certificate);
    EXPECT_EQ(path.has_value(), row.good);
    if (!path) {
      EXPECT_EQ(path.error().reason(), Reason::limit_exceeded);
      EXPECT_NE(path.error().what().find("maxIntermediates"), std::string::npos);
    }
  }
}

TEST(ChainTest, ReturnsTheReasonOfTheCandidateThatGotFurthestAndTellsAll) {
  const TestCa top = root("Root");
  CertificateSpec twin = root_spec("Root");
  twin.not_after = kTestNow - seconds(1);
  const TestCa expired = self_signed(twin, top.key);
  CertificateSpec spec = leaf_spec(kTeam);
  spec.extended_key_usage = "serverAuth";
  const TestCa team = issue(top, spec);

  const auto path = find(trust_in({expired.certificate, top.certificate}), team.certificate);

  ASSERT_FALSE(path);
  EXPECT_EQ(path.error().reason(), Reason::cert_profile);
  EXPECT_NE(path.error().what().find("code signing"), std::string::npos);
  EXPECT_NE(path.error().what().find("expired at"), std::string::npos);
}

TEST(ChainTest, SaysNothingUnprintable) {
  const TestCa top = root("Root");
  CertificateSpec spec = leaf_spec(kTeam);
  spec.common_name = "evil\n\x1b[2J\xc3\xa9";
  spec.authority_key_id = false;
  const TestCa team = issue(root("Other"), spec);

  const auto path = find(trust_in({top.certificate}), team.certificate);

  ASSERT_FALSE(path);
  for (const char c : path.error().what())
    EXPECT_TRUE(c >= 0x20 && c < 0x7f);
}

TEST(ChainTest, BoundsWhatItSays) {
  CertificateSpec spec = root_spec(std::string(64, 'R'));
  spec.more_names = {{"O", std::string(64, 'O')}, {"OU", std::string(64, 'U')}};
  const TestCa ca = self_signed(spec);
  spec.not_after = kTestNow;
  std::vector<Certificate> anchors;
  while (anchors.size() < 20)
    anchors.push_back(self_signed(spec, ca.key).certificate);
  const TestCa team = leaf(ca, kTeam);

  const auto path = find(trust_in(anchors), team.certificate);

  ASSERT_FALSE(path);
  EXPECT_LE(path.error().what().size(), 1024U + 256U);
}

TEST(ChainTest, AQuietPeriodEndsBeforeAnythingBeginsOrEnds) {
  const TestCa top = root("Root");
  CertificateSpec spec = leaf_spec(kTeam);
  spec.not_before = kTestNow + seconds(60);
  spec.not_after = kTestNow + seconds(120);
  const TestCa team = issue(top, spec);
  const Trust trust = trust_in({top.certificate});
  const auto quiet_at = [&](int after) {
    return quiet_period(trust, team.certificate, {}, kTestNow + seconds(after));
  };

  EXPECT_EQ(quiet_at(0).end, kTestNow + seconds(59));
  EXPECT_EQ(quiet_at(60), (Validity{kTestNow + seconds(60), kTestNow + seconds(119)}));
  EXPECT_EQ(quiet_at(120).start, kTestNow + seconds(120));
}

}  // namespace
}  // namespace signet
