#include "server/verify/crl_refresher.hpp"

#include <gtest/gtest.h>

#include "core/base/limits.hpp"
#include "core/crypto/crl_update.hpp"
#include "core/policy/loader.hpp"
#include "server/runtime/metrics.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/run.hpp"
#include "tests/support/scripted_transport.hpp"

namespace signet::testing {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

const std::string kUrl = "http://crl.example.org/x.crl";
const std::string kLine = "GET http://crl.example.org/x.crl";

CrlSpec numbered(long number, TimePoint from = kTestNow - days(1)) {
  CrlSpec spec;
  spec.number = number;
  spec.this_update = from;
  spec.next_update = from + days(2);
  return spec;
}

// ---- what is better than what is known

class AcceptCrlsTest : public ::testing::Test {
 protected:
  std::string refusal(const Blob& fetched, const std::vector<Crl>& before = {},
                      TimePoint now = kTestNow) {
    const auto accepted = accept_crls(fetched, issuers, before, now);
    return accepted ? "" : accepted.error().what();
  }
  TestCa ca = root("Linuxera");
  TestCa namesake = root("Linuxera");
  std::vector<Certificate> issuers{ca.certificate};
};

TEST_F(AcceptCrlsTest, ACrlOfTheCaIsAccepted) {
  EXPECT_EQ(refusal(issue_crl_der(ca, numbered(1))), "");
}

TEST_F(AcceptCrlsTest, OneOfANamesakeIsNot) {
  EXPECT_NE(refusal(issue_crl_der(namesake, numbered(1))).find("no CA that is configured"),
            std::string::npos);
}

TEST_F(AcceptCrlsTest, ALowerNumberIsARollback) {
  const std::vector<Crl> before{issue_crl(ca, numbered(256))};
  EXPECT_EQ(refusal(issue_crl_der(ca, numbered(257)), before), "");
  EXPECT_EQ(refusal(issue_crl_der(ca, numbered(256)), before), "");
  EXPECT_NE(refusal(issue_crl_der(ca, numbered(255)), before).find("with a lower CRL number"),
            std::string::npos);
}

TEST_F(AcceptCrlsTest, TheSameNumberOfAnEarlierDayIsARollback) {
  const std::vector<Crl> before{issue_crl(ca, numbered(7))};
  const Blob earlier = issue_crl_der(ca, numbered(7, kTestNow - days(1) - hours(1)));
  EXPECT_NE(refusal(earlier, before).find("with the same CRL number"), std::string::npos);
}

TEST_F(AcceptCrlsTest, OneThatEndedOrDidNotBeginIsRefused) {
  const Blob crl = issue_crl_der(ca, numbered(1));
  EXPECT_EQ(refusal(crl, {}, kTestNow + days(1)), "");
  EXPECT_NE(refusal(crl, {}, kTestNow + days(1) + std::chrono::seconds(1)).find("it ended"),
            std::string::npos);
  EXPECT_EQ(refusal(crl, {}, kTestNow - days(1)), "");
  EXPECT_NE(refusal(crl, {}, kTestNow - days(1) - std::chrono::seconds(1)).find("of the future"),
            std::string::npos);
}

TEST_F(AcceptCrlsTest, AnIssuerThatIsLeftOutIsARollback) {
  const TestCa other = root("Other");
  issuers.push_back(other.certificate);
  const std::vector<Crl> before{issue_crl(ca, numbered(1)), issue_crl(other, numbered(1))};
  const Blob one = issue_crl_der(ca, numbered(2));
  EXPECT_NE(refusal(one, before).find("is no longer there"), std::string::npos);
  EXPECT_NE(refusal(one, before, kTestNow + days(1)), "");
}

TEST_F(AcceptCrlsTest, WhatIsNoCrlIsRefused) {
  EXPECT_NE(refusal("<html>"), "");
  EXPECT_NE(refusal(""), "");
}

// ---- when

TEST(NextCrlFetchTest, IsWellBeforeTheEndAndNeitherHastyNorLazy) {
  const TestCa ca = root("Linuxera");
  const auto next = [&](TimePoint end, unsigned failures) {
    CrlSpec spec;
    spec.next_update = end;
    const std::vector<Crl> crls{issue_crl(ca, spec)};
    return next_crl_fetch(crls, kTestNow, failures) - kTestNow;
  };
  EXPECT_EQ(next(kTestNow + days(30), 0), hours(1));
  EXPECT_EQ(next(kTestNow + hours(4), 0), hours(1));
  EXPECT_EQ(next(kTestNow + hours(2), 0), minutes(30));
  EXPECT_EQ(next(kTestNow + minutes(1), 0), minutes(1));
  EXPECT_EQ(next(kTestNow - days(1), 0), minutes(1));
  EXPECT_EQ(next(kTestNow + days(30), 1), minutes(1));
  EXPECT_EQ(next(kTestNow + days(30), 2), minutes(2));
  EXPECT_EQ(next(kTestNow + days(30), 5), minutes(15));
  EXPECT_EQ(next(kTestNow + days(30), 4'000'000'000U), minutes(15));
}

// ---- the refresher

class CrlRefresherTest : public ::testing::Test {
 protected:
  // A set with one root whose CRLs come from the URL.
  std::shared_ptr<const PolicySet> policies() {
    Loaded loaded;
    TrustRoot made{"linuxera", {}, "f", {}};
    made.trust.authorities.emplace_back();
    made.trust.authorities[0].anchors = {ca.certificate};
    made.trust.authorities[0].crl_urls = {kUrl};
    loaded.trust_roots.push_back(std::make_shared<const TrustRoot>(std::move(made)));
    return std::make_shared<const PolicySet>(make_policy_set(std::move(loaded), NoMatch::deny));
  }
  void answer(Result<HttpReply> reply) { transport.on(kLine, std::move(reply)); }
  void run() { EXPECT_TRUE(signet::testing::run(refresher.run())); }
  double counted(std::string_view result) { return metrics.crl_fetches.value({result}); }

  TestCa ca = root("Linuxera");
  TimePoint now = kTestNow;
  ScriptedTransport transport;
  Metrics metrics{TimePoint{}};
  std::string logged;
  // Lines come on a thread of their own, and all of them are there when it ends.
  std::unique_ptr<Log> log =
      std::make_unique<Log>(LogLevel::info, [this](std::string_view line) { logged += line; });
  std::vector<Blob> accepted;
  CrlRefresher refresher{transport, [this] { return now; }, metrics, *log,
                         [this](const std::string& url, Blob crls) {
                           EXPECT_EQ(url, kUrl);
                           accepted.push_back(std::move(crls));
                         }};
};

TEST_F(CrlRefresherTest, AsksOnlyWhatIsDueAndHandsOutWhatIsNew) {
  const Blob first = issue_crl_der(ca, numbered(1));
  const Blob second = issue_crl_der(ca, numbered(2));
  answer(reply_of(200, first));
  answer(reply_of(200, first));
  answer(reply_of(200, second));
  run();
  EXPECT_TRUE(transport.lines.empty());  // nobody names a URL yet
  refresher.follow(*policies());
  run();
  run();
  EXPECT_EQ(accepted, std::vector<Blob>{first});
  EXPECT_EQ(transport.lines, std::vector<std::string>{kLine});
  EXPECT_EQ(transport.requests[0].body_limit, kCrlBytes);
  now += hours(1);
  run();
  EXPECT_EQ(counted("unchanged"), 1);
  now += hours(1);
  run();
  EXPECT_EQ(accepted, (std::vector<Blob>{first, second}));
  EXPECT_EQ(counted("ok"), 2);
}

TEST_F(CrlRefresherTest, WhatNobodyNamesAnyMoreIsNotAskedFor) {
  refresher.follow(*policies());
  refresher.follow(make_policy_set({}, NoMatch::deny));
  EXPECT_EQ(refresher.urls(), 0U);
  run();
  EXPECT_TRUE(transport.lines.empty());
}

// FI-38: whatever is wrong with it, it is refused, said once, and what was known stays.
class Faults : public CrlRefresherTest {
 protected:
  void expect_refused(Result<HttpReply> reply, const std::string& why, const char* result) {
    const Blob first = issue_crl_der(ca, numbered(5));
    answer(reply_of(200, first));
    answer(reply);
    answer(std::move(reply));
    const Blob newer = issue_crl_der(ca, numbered(6));
    answer(reply_of(200, newer));
    refresher.follow(*policies());
    run();
    ASSERT_EQ(accepted, std::vector<Blob>{first});
    for (int i = 0; i < 2; ++i) {
      now += hours(1);
      run();
    }
    EXPECT_EQ(accepted, std::vector<Blob>{first});
    EXPECT_EQ(counted(result), 2);
    now += hours(1);
    run();
    EXPECT_EQ(accepted, (std::vector<Blob>{first, newer}));  // without the fault
    log.reset();
    EXPECT_NE(logged.find(why), std::string::npos) << logged;
    EXPECT_EQ(logged.find(why), logged.rfind(why));
  }
};

TEST_F(Faults, FI38_ACrlOf50MegabytesIsRejectedAndTheOneBeforeStays) {
  expect_refused(reply_of(200, Blob(50'000'000, '0')), "longer than asked for", "rejected");
}

TEST_F(Faults, FI38_ACrlOfAnotherIssuerIsRejectedAndTheOneBeforeStays) {
  expect_refused(reply_of(200, issue_crl_der(root("Linuxera"), numbered(9))),
                 "no CA that is configured", "rejected");
}

TEST_F(Faults, FI38_AnOlderNumberIsRejectedAndTheOneBeforeStays) {
  expect_refused(reply_of(200, issue_crl_der(ca, numbered(4))), "with a lower CRL number",
                 "rejected");
}

TEST_F(Faults, FI38_APageThatIsNoCrlIsRejectedAndTheOneBeforeStays) {
  expect_refused(reply_of(200, "<html>"), "PEM", "rejected");
}

TEST_F(Faults, FI37_AHostThatIsDownOrSaysNoIsAskedAgainAndTheOneBeforeStays) {
  expect_refused(Error(Reason::registry_unreachable, "nobody listens"), "nobody listens", "failed");
}

TEST_F(Faults, FI37_ARedirectIsNotFollowed) {
  expect_refused(reply_of(302), "has the status 302", "failed");
}

}  // namespace
}  // namespace signet::testing
