#include "server/net/breaker.hpp"

#include <gtest/gtest.h>

#include "core/base/text.hpp"
#include "tests/support/run.hpp"
#include "tests/support/scripted_transport.hpp"

namespace signet {
namespace {

using namespace std::chrono_literals;
using Pass = Breaker::Pass;

struct BreakerTest : ::testing::Test {
  bool fail(const std::string& tenant) { return breaker.failed(Pass::free, tenant, now); }
  void open() {
    for (const char* tenant : {"a", "b", "a", "b", "a"})
      fail(tenant);
  }

  Breaker breaker{BreakerSettings{}};
  Deadline now = Deadline() + 1h;
};

TEST_F(BreakerTest, OpensAtTheFifthFailureInARow) {
  for (const char* tenant : {"a", "b", "a", "b"})
    EXPECT_FALSE(fail(tenant));
  EXPECT_EQ(breaker.admit("c", now), Pass::free);
  EXPECT_TRUE(fail("a"));
  EXPECT_EQ(breaker.admit("c", now), Pass::refused);
}

TEST_F(BreakerTest, OneTenantAloneNeverOpensIt) {
  for (int i = 0; i < 100; ++i)
    EXPECT_FALSE(fail("a"));
  EXPECT_EQ(breaker.admit("b", now), Pass::free);
  EXPECT_TRUE(fail("b"));
}

TEST_F(BreakerTest, AnAnswerToAnybodyBeginsTheCountAgain) {
  for (int round = 0; round < 20; ++round) {
    for (const char* tenant : {"a", "b", "a", "b"})
      EXPECT_FALSE(fail(tenant));
    breaker.succeeded();
  }
  EXPECT_EQ(breaker.admit("c", now), Pass::free);
}

TEST_F(BreakerTest, StaysOpenForTenSecondsThenOneAsks) {
  open();
  EXPECT_EQ(breaker.admit("c", now + 9999ms), Pass::refused);
  EXPECT_EQ(breaker.admit("c", now + 10s), Pass::probe);
  EXPECT_EQ(breaker.admit("d", now + 10s), Pass::refused);
  EXPECT_EQ(breaker.admit("d", now + 11999ms), Pass::refused);
  EXPECT_EQ(breaker.admit("d", now + 12s), Pass::probe);
}

TEST_F(BreakerTest, AnAnsweredProbeCloses) {
  open();
  ASSERT_EQ(breaker.admit("c", now + 10s), Pass::probe);
  breaker.succeeded();
  EXPECT_EQ(breaker.admit("a", now + 10s), Pass::free);
  EXPECT_TRUE(breaker.closed());
}

TEST_F(BreakerTest, FailedProbesOfTwoTenantsOpenItAgain) {
  open();
  now += 10s;
  ASSERT_EQ(breaker.admit("a", now), Pass::probe);
  EXPECT_FALSE(breaker.failed(Pass::probe, "a", now));
  ASSERT_EQ(breaker.admit("b", now), Pass::probe);
  EXPECT_TRUE(breaker.failed(Pass::probe, "b", now));
  EXPECT_EQ(breaker.admit("c", now + 9999ms), Pass::refused);
}

// Who asks again and again for something broken must not take every probe.
TEST_F(BreakerTest, TheTenantOfAFailedProbeLetsOthersAsk) {
  open();
  now += 10s;
  ASSERT_EQ(breaker.admit("a", now), Pass::probe);
  breaker.failed(Pass::probe, "a", now);
  EXPECT_EQ(breaker.admit("a", now), Pass::refused);
  EXPECT_EQ(breaker.admit("a", now + 9999ms), Pass::refused);
  EXPECT_EQ(breaker.admit("a", now + 10s), Pass::probe);
}

TEST_F(BreakerTest, LateFailuresOfEarlierRequestsChangeNothing) {
  open();
  now += 10s;
  EXPECT_FALSE(fail("a"));
  EXPECT_FALSE(fail("b"));
  EXPECT_EQ(breaker.admit("c", now), Pass::probe);
}

TEST(HealthTest, OnlyARegistryThatFailsAsAWholeIsIll) {
  const auto of = [](Reason reason) { return health_in(Error(reason, "")); };
  for (const unsigned status : {500U, 502U, 503U, 504U, 522U})
    EXPECT_EQ(health_in(testing::reply_of(status)), Health::ill) << status;
  for (const unsigned status : {200U, 307U, 401U, 403U, 404U, 429U, 501U})
    EXPECT_EQ(health_in(testing::reply_of(status)), Health::well) << status;
  EXPECT_EQ(of(Reason::registry_unreachable), Health::ill);
  EXPECT_EQ(of(Reason::registry_timeout), Health::ill);
  for (const Reason reason : {Reason::deadline, Reason::overloaded, Reason::registry_blocked,
                              Reason::registry_tls, Reason::limit_exceeded, Reason::registry_dns})
    EXPECT_EQ(of(reason), Health::unknown) << name_of(reason);
}

struct BreakingTransportTest : ::testing::Test {
  Result<HttpReply> ask(const std::string& host, const std::string& tenant) {
    HttpRequest request("GET", *Url::parse(cat("https://", host, "/v2/")));
    request.tenant = tenant;
    return testing::run(transport.send(std::move(request), deadline_in(10s)));
  }

  testing::ScriptedTransport inner;
  std::vector<std::string> told;
  BreakingTransport transport{inner, [this](const Url& origin, bool open) {
                                told.push_back(cat(origin.host, open ? " open" : " closed"));
                              }};
};

TEST_F(BreakingTransportTest, AnOpenBreakerAnswersWithoutAskingAndTouchesNoOtherRegistry) {
  inner.on("GET https://ill.io/v2/", Error(Reason::registry_unreachable, "refused"));
  for (const char* tenant : {"a", "b", "a", "b", "a"})
    EXPECT_FALSE(ask("ill.io", tenant));
  inner.lines.clear();

  const auto refused = ask("ill.io", "c");
  const auto healthy = ask("well.io", "c");

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason(), Reason::registry_unreachable);
  EXPECT_NE(refused.error().what().find("ill.io"), std::string::npos);
  EXPECT_TRUE(healthy);
  EXPECT_EQ(inner.lines, std::vector<std::string>{"GET https://well.io/v2/"});
  EXPECT_EQ(told, std::vector<std::string>{"ill.io open"});
}

TEST_F(BreakingTransportTest, ItTellsWhenARegistryAnswersAgain) {
  BreakingTransport quick{
      inner, [this](const Url&, bool open) { told.push_back(open ? "open" : "closed"); },
      BreakerSettings{1, 1, 0ms, 0ms}};
  inner.on("GET https://ill.io/v2/", testing::reply_of(503));
  inner.on("GET https://ill.io/v2/", testing::reply_of(404));
  HttpRequest request("GET", *Url::parse("https://ill.io/v2/"));

  EXPECT_EQ(testing::run(quick.send(request, deadline_in(10s)))->status, 503U);
  EXPECT_EQ(testing::run(quick.send(request, deadline_in(10s)))->status, 404U);

  EXPECT_EQ(told, (std::vector<std::string>{"open", "closed"}));
}

}  // namespace
}  // namespace signet
