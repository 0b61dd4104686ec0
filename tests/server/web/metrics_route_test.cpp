#include <gtest/gtest.h>

#include "server/web/probes.hpp"
#include "tests/support/run.hpp"

namespace signet {
namespace {

class MetricsRouteTest : public ::testing::Test {
 protected:
  MetricsRouteTest() { probes_.add_metrics_routes(router_); }

  WebReply scrape(const std::string& accept) {
    RequestHead head;
    head.method = "GET";
    head.path = "/metrics";
    const auto found = router_.find(head);
    WebRequest request;
    request.accept = accept;
    return testing::run_on(loop_, std::get<const Route*>(found)->handler(std::move(request)));
  }
  unsigned status_of(const std::string& method) {
    RequestHead head;
    head.method = method;
    head.path = "/metrics";
    const auto found = router_.find(head);
    const auto* reply = std::get_if<WebReply>(&found);
    return reply == nullptr ? 200 : static_cast<unsigned>(reply->status);
  }

  asio::io_context loop_{1};
  Metrics metrics_{TimePoint{}};
  Probes probes_{{}, metrics_};
  Router router_;
};

TEST_F(MetricsRouteTest, AnswersInTheFormatThatIsAskedFor) {
  const WebReply text = scrape("");
  const WebReply open = scrape("application/openmetrics-text;version=1.0.0");
  EXPECT_EQ(text.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(text.body.find("# EOF"), std::string::npos);
  EXPECT_EQ(open.content_type, "application/openmetrics-text; version=1.0.0; charset=utf-8");
  EXPECT_TRUE(open.body.ends_with("# EOF\n"));
}

TEST_F(MetricsRouteTest, TakesTwoScrapesAtOnceAndNoThird) {
  auto first = std::make_unique<WebReply>(scrape(""));
  const WebReply second = scrape("");
  const WebReply third = scrape("");
  EXPECT_EQ(first->status, 200);
  EXPECT_EQ(second.status, 200);
  EXPECT_EQ(third.status, 503);
  EXPECT_TRUE(third.retry_after);
  // A reply ends when it is written.
  first.reset();
  EXPECT_EQ(scrape("").status, 200);
}

TEST_F(MetricsRouteTest, IsReadAndNothingElse) {
  EXPECT_EQ(status_of("GET"), 200U);
  EXPECT_EQ(status_of("HEAD"), 200U);
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS"})
    EXPECT_EQ(status_of(method), 405U) << method;
}

}  // namespace
}  // namespace signet
