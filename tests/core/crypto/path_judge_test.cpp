#include "core/crypto/path_judge.hpp"

#include <gtest/gtest.h>

#include "tests/support/certificates.hpp"

// A self-issued certificate without key identifiers, as a CA that renewed its key may have it:
// OpenSSL alone cannot pass it, and nothing that the CAs above demand may be lost by passing it.

namespace signet {
namespace {

using namespace testing;

CertificateSpec without_key_ids(CertificateSpec spec) {
  spec.subject_key_id = false;
  spec.authority_key_id = false;
  return spec;
}

// root "Root" > self-issued "Root" > "Sub" > leaf.
struct Rollover {
  CertificateSpec top = without_key_ids(root_spec("Root"));
  CertificateSpec link = without_key_ids(intermediate_spec("Root"));
  CertificateSpec sub = without_key_ids(intermediate_spec("Sub"));
  CertificateSpec leaf = without_key_ids(leaf_spec(kTeam));

  std::vector<Certificate> path() const {
    const TestCa a = self_signed(top);
    const TestCa b = issue(a, link);
    const TestCa c = issue(b, sub);
    return {issue(c, leaf).certificate, c.certificate, b.certificate, a.certificate};
  }
};

Result<void> judge_path(const std::vector<Certificate>& path) {
  JudgeOptions options;
  options.at = kTestNow;
  return judge_path(path, options);
}

void expect_path_refused(const Rollover& rollover, Reason reason, std::string_view says) {
  const auto judged = judge_path(rollover.path());
  ASSERT_FALSE(judged) << says;
  EXPECT_EQ(judged.error().reason(), reason) << judged.error().what();
  EXPECT_NE(judged.error().what().find(says), std::string::npos) << judged.error().what();
}

TEST(PathJudgeTest, PassesASelfIssuedCertificateWithoutKeyIdentifiers) {
  const auto judged = judge_path(Rollover().path());

  EXPECT_TRUE(judged) << judged.error().what();
}

TEST(PathJudgeTest, TheSelfIssuedCertificateIsSignedByTheNextOne) {
  auto path = Rollover().path();
  path.back() = self_signed(without_key_ids(root_spec("Root"))).certificate;

  const auto judged = judge_path(path);

  ASSERT_FALSE(judged);
  EXPECT_EQ(judged.error().reason(), Reason::chain_untrusted);
}

TEST(PathJudgeTest, EverySignatureOfThePathIsChecked) {
  const auto good = Rollover().path();
  const auto other = Rollover().path();
  for (std::size_t i = 0; i + 1 < good.size(); ++i) {
    auto path = good;
    path[i] = other[i];
    EXPECT_FALSE(judge_path(path)) << i;
  }
}

TEST(PathJudgeTest, PathLengthAboveHoldsBelow) {
  Rollover enough;
  enough.top.basic_constraints = "critical,CA:TRUE,pathlen:1";
  Rollover exceeded;
  exceeded.top.basic_constraints = "critical,CA:TRUE,pathlen:0";
  Rollover exceeded_at_the_link;
  exceeded_at_the_link.link.basic_constraints = "critical,CA:TRUE,pathlen:0";

  EXPECT_TRUE(judge_path(enough.path()));
  expect_path_refused(exceeded, Reason::chain_untrusted, "path length");
  expect_path_refused(exceeded_at_the_link, Reason::chain_untrusted, "path length");
}

TEST(PathJudgeTest, NameConstraintsAboveAreNotLost) {
  Rollover above;
  above.top.name_constraints = "critical,permitted;email:linuxera.org";
  Rollover at_the_link;
  at_the_link.link.name_constraints = "critical,permitted;email:other.org";
  Rollover satisfied;
  satisfied.link.name_constraints = "critical,permitted;email:linuxera.org";

  expect_path_refused(above, Reason::chain_untrusted, "name constraints");
  expect_path_refused(at_the_link, Reason::chain_untrusted, "permitted subtree");
  EXPECT_TRUE(judge_path(satisfied.path()));
}

TEST(PathJudgeTest, TimesAndCriticalExtensionsOfEveryPartCount) {
  for (const auto member : {&Rollover::top, &Rollover::link, &Rollover::sub, &Rollover::leaf}) {
    Rollover late;
    (late.*member).not_after = kTestNow;
    expect_path_refused(late, Reason::chain_expired, "expired");
    Rollover odd;
    (odd.*member).extensions.push_back({"1.2.3.4", true, Blob("\x05\x00", 2)});
    expect_path_refused(odd, Reason::cert_profile, "critical");
  }
}

TEST(PathJudgeTest, JudgesThePathGivenAndNoOther) {
  const TestCa top = root("Root");
  const TestCa sub = intermediate(top, "Sub");
  const TestCa team = leaf(sub, kTeam);

  EXPECT_TRUE(judge_path({team.certificate, sub.certificate, top.certificate}));
  EXPECT_FALSE(judge_path({team.certificate, top.certificate}));
  EXPECT_FALSE(judge_path({team.certificate, top.certificate, sub.certificate}));
  EXPECT_FALSE(judge_path({team.certificate, sub.certificate, sub.certificate}));
}

}  // namespace
}  // namespace signet
