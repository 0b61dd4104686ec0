// FI-37: the host of the CRLs is down past nextUpdate. What is decided by a root whose CRLs come
// from URLs, from the fetch to the verdict, with a clock that the test moves.

#include <gtest/gtest.h>

#include "server/runtime/metrics.hpp"
#include "server/verify/crl_refresher.hpp"
#include "tests/core/policy/world.hpp"
#include "tests/server/verify/object_fixture.hpp"
#include "tests/support/run.hpp"
#include "tests/support/scripted_transport.hpp"

namespace signet {
namespace {

using namespace signet::world;
using std::chrono::days;
using std::chrono::hours;
using testing::reply_of;

const std::string kRootUrl = "https://crl.example.org/root.crl";
const std::string kTeamsUrl = "https://crl.example.org/teams.crl";

class Faults : public ::testing::Test {
 protected:
  void follow_root(const std::string& revocation) {
    Json spec = testing::root_with({{"pem", pki().root.pem()}});
    auto& ca = spec["certificateAuthorities"][0];
    ca["intermediates"] = {{"pem", pki().intermediate.pem()}};
    ca["crls"] = {{"urls", {kRootUrl, kTeamsUrl}}};
    spec["revocation"] = revocation;
    objects.put(testing::root_object("linuxera", spec));
    build();
  }
  void build() {
    reading = objects.build();
    refresher.follow(*reading.policies.set);
    metrics.show_policies(*reading.policies.set);
  }
  void host_gives(long number, TimePoint from) {
    testing::CrlSpec spec;
    spec.number = number;
    spec.this_update = from;
    spec.next_update = from + days(2);
    host.insert_or_assign(kRootUrl, reply_of(200, issue_crl_der(pki().root, spec)));
    host.insert_or_assign(kTeamsUrl, reply_of(200, issue_crl_der(pki().intermediate, spec)));
  }
  void refresh() {
    EXPECT_TRUE(testing::run(refresher.run()));
    build();
  }
  std::string verdict() {
    World world({cluster("teams", {by_certificate()})});
    world.roots["linuxera"] = *reading.policies.set->trust_roots.at("linuxera");
    world.now = now;
    world.sign(legacy(pki().team_a));
    return brief(world);
  }
  double crl_end() { return metrics.trust_root_not_after.value({"linuxera", "crl"}); }

  // Answers what the host has at this moment.
  class Host : public Transport {
   public:
    explicit Host(std::map<std::string, Result<HttpReply>>& pages) : pages_(pages) {}
    Task<Result<HttpReply>> send(HttpRequest request, Deadline) override {
      const auto page = pages_.find("https://" + request.url.host + request.url.target);
      if (page != pages_.end()) co_return page->second;
      co_return Error(Reason::registry_unreachable, "nobody listens");
    }

   private:
    std::map<std::string, Result<HttpReply>>& pages_;
  };

  TimePoint now = kTestNow;
  std::map<std::string, Result<HttpReply>> host;
  Host transport{host};
  Metrics metrics{TimePoint{}};
  std::string logged;
  // Lines come on a thread of their own, and all of them are there when it ends.
  std::unique_ptr<Log> log =
      std::make_unique<Log>(LogLevel::info, [this](std::string_view line) { logged += line; });
  PolicyObjects objects{SetRules{}};
  PolicyObjects::Reading reading;
  CrlRefresher refresher{
      transport, [this] { return now; }, metrics, *log,
      [this](const std::string& url, Blob crls) { objects.put_crls(url, std::move(crls)); }};
};

TEST_F(Faults, FI37_AHostDownPastNextUpdateDeniesWhereRevocationIsRequired) {
  follow_root("require");
  EXPECT_EQ(verdict(), "unknown crl_stale");  // nothing was fetched yet
  host_gives(1, kTestNow - days(1));
  refresh();
  EXPECT_EQ(verdict(), "pass verified");

  host.clear();
  now += hours(23);
  refresh();
  EXPECT_EQ(verdict(), "pass verified");  // down, but before the end
  now += hours(2);
  refresh();
  EXPECT_EQ(verdict(), "unknown crl_stale");

  host_gives(2, now - hours(1));
  now += hours(1);
  refresh();
  EXPECT_EQ(verdict(), "pass verified");
}

TEST_F(Faults, FI37_AHostDownPastNextUpdateIsAnAlarmWhereRevocationIsBestEffort) {
  follow_root("bestEffort");
  host_gives(1, kTestNow - days(1));
  refresh();
  EXPECT_EQ(verdict(), "pass verified");
  const auto seconds = [](TimePoint at) {
    return static_cast<double>(at.time_since_epoch() / std::chrono::seconds(1));
  };
  EXPECT_EQ(crl_end(), seconds(kTestNow + days(1)));
  EXPECT_EQ(metrics.crl_fetches.value({"failed"}), 0);

  host.clear();
  now += hours(25);
  refresh();
  EXPECT_EQ(verdict(), "pass verified");
  EXPECT_LT(crl_end(), seconds(now));  // what an alert looks at
  EXPECT_EQ(metrics.crl_fetches.value({"failed"}), 2);

  host_gives(2, now - hours(1));
  now += hours(1);
  refresh();
  EXPECT_GT(crl_end(), seconds(now));
  log.reset();
  EXPECT_NE(logged.find("crl_not_fetched"), std::string::npos);
}

TEST_F(Faults, FI37_ARevocationThatCameIsNotForgottenWhileTheHostIsDown) {
  follow_root("require");
  host_gives(1, kTestNow - days(1));
  testing::CrlSpec spec;
  spec.revoked = {pki().team_a.certificate.serial()};
  host.insert_or_assign(kTeamsUrl, reply_of(200, issue_crl_der(pki().intermediate, spec)));
  refresh();
  EXPECT_EQ(verdict(), "fail revoked");
  host.clear();
  now += hours(23);
  refresh();
  EXPECT_EQ(verdict(), "fail revoked");
}

}  // namespace
}  // namespace signet
