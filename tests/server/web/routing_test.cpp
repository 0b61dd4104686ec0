#include <gtest/gtest.h>

#include "server/web/probes.hpp"
#include "server/web/router.hpp"
#include "server/web/time_budget.hpp"
#include "tests/support/run.hpp"

namespace signet {
namespace {

using std::chrono::milliseconds;

RequestHead routed_head(std::string method, std::string path,
                        std::string type = "application/json") {
  RequestHead head;
  head.method = std::move(method);
  head.path = std::move(path);
  head.content_type = std::move(type);
  return head;
}

Router some_router() {
  Router router;
  router.add(Route{"POST", "/validate", {}});
  router.add(Route{"GET", "/livez", {}});
  router.add(Route{"GET", "/readyz/", {}});
  return router;
}

int routed_status(const Router& router, const RequestHead& head) {
  const auto found = router.find(head);
  const auto* reply = std::get_if<WebReply>(&found);
  return reply == nullptr ? 200 : reply->status;
}

TEST(RouterTest, KnowsPathMethodAndType) {
  const Router router = some_router();
  EXPECT_EQ(routed_status(router, routed_head("POST", "/validate")), 200);
  EXPECT_EQ(routed_status(router, routed_head("POST", "/validate/")), 404);
  EXPECT_EQ(routed_status(router, routed_head("POST", "/")), 404);
  EXPECT_EQ(routed_status(router, routed_head("GET", "/validate")), 405);
  EXPECT_EQ(routed_status(router, routed_head("POST", "/validate", "text/plain")), 415);
  EXPECT_EQ(routed_status(router, routed_head("POST", "/validate", "")), 415);
  EXPECT_EQ(routed_status(router, routed_head("HEAD", "/livez", "")), 200);
  EXPECT_EQ(routed_status(router, routed_head("PUT", "/livez")), 405);
  EXPECT_EQ(routed_status(router, routed_head("GET", "/readyz/policies", "")), 200);
  EXPECT_EQ(routed_status(router, routed_head("GET", "/readyz/", "")), 404);
}

TEST(RouterTest, SaysWhichMethodsAPathTakes) {
  const Router router = some_router();
  const auto posted = router.find(routed_head("POST", "/livez"));
  EXPECT_EQ(std::get<WebReply>(posted).allow, "GET, HEAD");
  const auto got = router.find(routed_head("GET", "/validate"));
  EXPECT_EQ(std::get<WebReply>(got).allow, "POST");
}

TEST(RouterTest, LabelsKnownPathsOnly) {
  const Router router = some_router();
  EXPECT_EQ(router.label_of(routed_head("GET", "/validate")), "/validate");
  EXPECT_EQ(router.label_of(routed_head("GET", "/readyz/x")), "/readyz");
  EXPECT_EQ(router.label_of(routed_head("GET", "/evil")), "other");
}

TEST(MessageTest, NeverRedirects) {
  for (int status = 300; status < 400; ++status) {
    EXPECT_ANY_THROW(reply_head(WebReply::text(status, ""), 0, false));
  }
}

TEST(MessageTest, WritesTheHeadersThatAreAlwaysThere) {
  WebReply reply = WebReply::text(503, "busy\n");
  reply.retry_after = true;
  EXPECT_EQ(reply_head(reply, 5, true),
            "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; "
            "charset=utf-8\r\nContent-Length: 5\r\nCache-Control: no-store\r\n"
            "X-Content-Type-Options: nosniff\r\nRetry-After: 1\r\nConnection: close\r\n\r\n");
}

TEST(MessageTest, FindsAParameterOfAQuery) {
  EXPECT_EQ(query_value("a=1&timeout=10s", "timeout"), "10s");
  EXPECT_EQ(query_value("timeoutx=1&timeout", "timeout"), "");
  EXPECT_FALSE(query_value("", "timeout"));
}

TEST(BudgetTest, GivesBackWhatAHoldHeld) {
  Budget budget(10);
  {
    BudgetHold hold(budget);
    EXPECT_TRUE(hold.grow(4));
    EXPECT_TRUE(hold.grow(6));
    EXPECT_FALSE(hold.grow(1));
    BudgetHold moved = std::move(hold);
    EXPECT_EQ(budget.left(), 0U);
  }
  EXPECT_EQ(budget.left(), 10U);
  BudgetHold large(budget);
  EXPECT_FALSE(large.grow(11));
  EXPECT_EQ(budget.left(), 10U);
}

TEST(TimeBudgetTest, ReadsWhatTheApiServerGrants) {
  const TimeSettings settings;
  EXPECT_EQ(granted_time("timeout=30s", settings), milliseconds(30000));
  EXPECT_EQ(granted_time("timeout=1m0s", settings), milliseconds(60000));
  for (const std::string query : {"", "timeout=", "timeout=-1s", "timeout=abc", "timeout=1e9s"}) {
    EXPECT_EQ(granted_time(query, settings), settings.default_timeout) << query;
  }
}

TEST(TimeBudgetTest, KeepsTimeBackForTheWayHome) {
  const TimeSettings settings;
  const std::pair<int, int> rows[] = {{10000, 8000}, {9000, 7650}, {5000, 4250}, {2000, 1500},
                                      {1000, 500},   {600, 300},   {100, 200},   {0, 200},
                                      {30000, 8000}, {9411, 8000}};
  for (const auto& [granted, work] : rows) {
    EXPECT_EQ(work_time(milliseconds(granted), settings), milliseconds(work)) << granted;
  }
  const TimeSettings generous{milliseconds(10000), milliseconds(28000)};
  EXPECT_EQ(work_time(milliseconds(30000), generous), milliseconds(28000));
  EXPECT_EQ(work_time(milliseconds(20000), generous), milliseconds(18500));
}

WebReply probe(Probes& probes, const std::string& path, const std::string& query = "") {
  Router router;
  probes.add_health_routes(router);
  probes.add_metrics_routes(router);
  const auto found = router.find(routed_head("GET", path, ""));
  const Route* route = std::get<const Route*>(found);
  WebRequest request;
  request.path = path;
  request.query = query;
  return testing::run(route->handler(std::move(request)));
}

TEST(ProbesTest, AreReadyWhenEveryCheckIs) {
  Metrics metrics(TimePoint{});
  bool loaded = false;
  Probes probes({Check{"policies",
                       [&loaded]() -> Result<void> {
                         if (loaded) return {};
                         return Error(Reason::config_not_ready, "none loaded");
                       }}},
                metrics);
  EXPECT_EQ(probe(probes, "/livez").body, "ok");
  EXPECT_EQ(probe(probes, "/healthz").status, 200);
  const WebReply early = probe(probes, "/readyz");
  EXPECT_EQ(early.status, 503);
  EXPECT_EQ(early.body, "[-]policies failed: none loaded\n[+]shutdown ok\nreadyz check failed\n");
  EXPECT_EQ(probe(probes, "/readyz/policies").status, 503);
  EXPECT_EQ(probe(probes, "/readyz/shutdown").status, 200);
  EXPECT_EQ(probe(probes, "/readyz/nothing").status, 404);

  loaded = true;
  EXPECT_EQ(probe(probes, "/readyz").body, "ok");
  EXPECT_EQ(probe(probes, "/readyz", "verbose").body,
            "[+]policies ok\n[+]shutdown ok\nreadyz check passed\n");

  probes.set_draining();
  EXPECT_EQ(probe(probes, "/readyz").status, 503);
  EXPECT_EQ(probe(probes, "/livez").status, 200);
}

TEST(ProbesTest, ServeTheMetrics) {
  Metrics metrics(TimePoint{});
  Probes probes({}, metrics);
  const WebReply reply = probe(probes, "/metrics");
  EXPECT_EQ(reply.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_NE(reply.body.find("# TYPE signet_build_info gauge"), std::string::npos);
}

}  // namespace
}  // namespace signet
