#include "server/net/measured.hpp"

#include <gtest/gtest.h>

#include "server/runtime/metrics.hpp"
#include "tests/support/run.hpp"
#include "tests/support/scripted_transport.hpp"

namespace signet {
namespace {

using testing::reply_of;

struct MeasuredTransportTest : ::testing::Test {
  MeasuredTransportTest() { transport.count_in(metrics); }

  void ask(const std::string& url, RegistryOperation operation = RegistryOperation::get_manifest,
           const std::string& login = "") {
    HttpRequest request("GET", *Url::parse(url));
    request.operation = operation;
    request.credential = login;
    if (!login.empty()) request.headers.emplace_back("Authorization", "Basic eA==");
    static_cast<void>(
        testing::run(transport.send(std::move(request), deadline_in(std::chrono::seconds(10)))));
  }

  Metrics metrics{TimePoint()};
  testing::ScriptedTransport inner;
  std::size_t waiting = 0;
  MeasuredTransport transport{inner, [this] { return waiting; }};
};

TEST_F(MeasuredTransportTest, CountsRequestsByWhatCameOfThem) {
  metrics.know_registries({"reg.io"});
  inner.on("GET https://reg.io/a", reply_of(200, "12345"));
  inner.on("GET https://reg.io/b", Error(Reason::registry_timeout, ""));

  ask("https://reg.io/a");
  ask("https://reg.io/a");
  ask("https://reg.io/b");
  ask("https://reg.io/none");

  EXPECT_EQ(metrics.registry_requests.value({"reg.io", "get_manifest", "2xx"}), 2);
  EXPECT_EQ(metrics.registry_requests.value({"reg.io", "get_manifest", "timeout"}), 1);
  EXPECT_EQ(metrics.registry_requests.value({"reg.io", "get_manifest", "404"}), 1);
  EXPECT_EQ(metrics.registry_received_bytes.value({"get_manifest"}), 10);
  EXPECT_EQ(metrics.registry_request_duration.count({"get_manifest"}), 4);
}

TEST_F(MeasuredTransportTest, AHostThatNobodyNamedIsOther) {
  metrics.know_registries({"reg.io"});
  ask("https://evil.example/x");
  EXPECT_EQ(metrics.registry_requests.value({"other", "get_manifest", "404"}), 1);
  EXPECT_EQ(metrics.text().find("evil.example"), std::string::npos);
}

TEST_F(MeasuredTransportTest, CountsWhatWasBlockedAndTheFateOfLogins) {
  inner.on("GET https://reg.io/in", Error(Reason::registry_blocked, ""));
  inner.on("GET https://reg.io/big", Error(Reason::limit_exceeded, ""));
  inner.on("GET https://reg.io/ok", reply_of(200));
  inner.on("GET https://reg.io/no", reply_of(401));

  for (const char* path : {"in", "big", "no"})
    ask(std::string("https://reg.io/") + path);
  ask("https://reg.io/ok", RegistryOperation::get_blob, "ann");
  ask("https://reg.io/no", RegistryOperation::get_blob, "ann");

  EXPECT_EQ(metrics.registry_blocked.value({"private_address"}), 1);
  EXPECT_EQ(metrics.registry_blocked.value({"too_large"}), 1);
  EXPECT_EQ(metrics.registry_credentials.value({"static", "ok"}), 1);
  EXPECT_EQ(metrics.registry_credentials.value({"static", "refused"}), 1);
  EXPECT_EQ(metrics.registry_credentials.value({"anonymous", "refused"}), 0);
}

TEST_F(MeasuredTransportTest, TellsLoginsOfTenantsFromOurs) {
  inner.on("GET https://reg.io/ok", reply_of(200));
  HttpRequest request("GET", *Url::parse("https://reg.io/ok"));
  request.headers.emplace_back("Authorization", "Basic YTpi");
  request.credential = "ann";
  request.tenants_login = true;
  testing::run(transport.send(request, Deadline::max())).has_value();

  EXPECT_EQ(metrics.registry_credentials.value({"pull_secret", "ok"}), 1);
  EXPECT_EQ(metrics.registry_credentials.value({"static", "ok"}), 0);
}

TEST_F(MeasuredTransportTest, ShowsWhichRegistriesAreLeftAlone) {
  metrics.know_registries({"reg.io"});
  const Url origin = *Url::parse("https://reg.io/");
  transport.count_circuit(origin, true);
  EXPECT_EQ(metrics.registry_circuit_open.value({"reg.io"}), 1);
  transport.count_circuit(origin, false);
  EXPECT_EQ(metrics.registry_circuit_open.value({"reg.io"}), 0);
  EXPECT_EQ(metrics.registry_circuit_opened.value({"reg.io"}), 1);
}

TEST_F(MeasuredTransportTest, ShowsHowManyWait) {
  waiting = 7;
  ask("https://reg.io/a");
  EXPECT_EQ(metrics.registry_waiting.value({}), 7);
}

}  // namespace
}  // namespace signet
