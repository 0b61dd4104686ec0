#include "server/web/server.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/core/admission/reviews.hpp"
#include "tests/server/web/web_fixture.hpp"

namespace signet {
namespace {

using namespace signet::testing;
using nlohmann::json;
using std::chrono::milliseconds;

TEST(ServerTest, AnswersAReviewOverTls) {
  WebFixture fixture(quick());
  const std::string reply = fixture.talk(post(kReview, "/validate?timeout=10s"));
  EXPECT_EQ(status_of(reply), 200);
  EXPECT_NE(reply.find("Content-Type: application/json\r\n"), std::string::npos);
  EXPECT_NE(reply.find("Connection: close\r\n"), std::string::npos);
  const json answer = json::parse(body_of(reply));
  EXPECT_EQ(answer["kind"], "AdmissionReview");
  EXPECT_EQ(answer["response"]["uid"], "705ab4f5-6393-11e8-b7cc-42010a800002");
  EXPECT_EQ(answer["response"]["allowed"], true);
}

TEST(ServerTest, HasItsOwnAnswerToEachBadRequest) {
  WebFixture fixture(quick());
  const std::string plain = "POST /validate HTTP/1.1\r\nHost: x\r\nContent-Type: ";
  struct Row {
    std::string what, bytes;
    int status;
  };
  const Row rows[] = {
      {"garbage", "\x01\x02garbage", 400},
      {"a line of garbage", "GARBAGE\r\n\r\n", 400},
      {"not JSON", post("hello"), 400},
      {"an empty body", post(""), 400},
      {"no uid",
       post(R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{}})"), 400},
      {"two documents", post(kReview + kReview), 400},
      {"wrong content type", plain + "text/plain\r\nContent-Length: 2\r\n\r\n{}", 415},
      {"wrong method", get("/validate"), 405},
      {"wrong path", post(kReview, "/validate/"), 404},
      {"health is elsewhere", get("/livez"), 404},
      {"metrics are elsewhere", get("/metrics"), 404},
      {"50 MB",
       plain + "application/json\r\nContent-Length: 50000000\r\n\r\n" + std::string(100000, ' '),
       413},
      {"one byte too many",
       plain + "application/json\r\nContent-Length: " + std::to_string(kReviewBytes + 1) +
           "\r\n\r\n",
       413},
      {"chunks without end",
       plain + "application/json\r\nTransfer-Encoding: chunked\r\n\r\n" + "700001\r\n" +
           std::string(kReviewBytes + 1, ' '),
       413},
      {"a header of 33 KiB",
       "POST /validate HTTP/1.1\r\nHost: x\r\nA: " + std::string(33 * 1024, 'a') + "\r\n\r\n", 431},
      {"an old version", "GET /livez HTTP/1.0\r\n\r\n", 505},
      {"HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.what);
    const std::string reply = fixture.talk(row.bytes);
    EXPECT_EQ(status_of(reply), row.status) << reply.substr(0, 300);
    EXPECT_EQ(reply.find("\"allowed\":true"), std::string::npos);
    EXPECT_NE(reply.find("Content-Type: text/plain"), std::string::npos);
  }
}

TEST(ServerTest, TakesTheLargestReviewInOnePieceAndInChunks) {
  WebFixture fixture(quick());
  std::string largest = kReview;
  largest.append(kReviewBytes - largest.size(), ' ');
  EXPECT_EQ(status_of(fixture.talk(post(largest))), 200);
  std::string chunked =
      "POST /validate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nConnection: "
      "close\r\nTransfer-Encoding: chunked\r\n\r\n700000\r\n" +
      largest + "\r\n0\r\n\r\n";
  EXPECT_EQ(status_of(fixture.talk(chunked)), 200);
}

TEST(ServerTest, AnswersPipelinedRequestsInTheirOrder) {
  WebFixture fixture(quick());
  ReviewParts second = create_pod(pod_of("quay.io/x/app:2"));
  second.uid = R"("second")";
  const std::string reply =
      fixture.talk(post(kReview, "/validate", "") + post(second.str(), "/validate"));
  const auto first_at = reply.find("705ab4f5");
  const auto second_at = reply.find("second");
  ASSERT_NE(first_at, std::string::npos);
  ASSERT_NE(second_at, std::string::npos);
  EXPECT_LT(first_at, second_at);
  EXPECT_EQ(fixture.metrics.tls_handshakes.value({"TLSv1.3", "ok"}), 1);
}

TEST(ServerTest, ReadsNothingBehindARequestItRefused) {
  WebFixture fixture(quick());
  const std::string reply =
      fixture.talk("POST /none HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nGET " +
                   post(kReview, "/validate"));
  EXPECT_EQ(status_of(reply), 404);
  EXPECT_EQ(reply.find("allowed"), std::string::npos);
}

TEST(ServerTest, SaysContinueOnlyWhereItWillRead) {
  WebFixture fixture(quick());
  const std::string good =
      fixture.talk(post(kReview, "/validate", "Expect: 100-continue\r\nConnection: close\r\n"));
  EXPECT_TRUE(good.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK"))
      << good.substr(0, 80);
  const std::string large = fixture.talk(
      "POST /validate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nExpect: "
      "100-continue\r\nContent-Length: 50000000\r\n\r\n");
  EXPECT_EQ(status_of(large), 413);
}

TEST(ServerTest, ClosesSlowConnectionsAtEachStep) {
  WebOptions options = quick();
  options.timers.handshake = options.timers.header = options.timers.body = options.timers.idle =
      milliseconds(60);
  WebFixture fixture(options);
  const std::uint16_t port = fixture.listening.admission.port;
  EXPECT_EQ(run_on(fixture.loop, fixture.talk_plain(port, "")), "") << "no handshake";
  EXPECT_EQ(fixture.metrics.tls_handshakes.value({"none", "timeout"}), 1);
  EXPECT_EQ(fixture.talk("POST /validate HT"), "") << "half a header";
  EXPECT_EQ(fixture.talk(""), "") << "nothing at all";
  const std::string whole = post(kReview);
  EXPECT_EQ(fixture.talk(whole.substr(0, whole.size() - 1)), "") << "half a body";
  EXPECT_EQ(status_of(fixture.talk(post(kReview, "/validate", ""))), 200) << "then idle";
}

TEST(ServerTest, ARefusedReviewIsAnAnswerAndNotAnError) {
  WebOptions options = quick();
  options.judge.verify = [](Reference image, Workload, std::shared_ptr<const PolicySet>,
                            Deadline) -> Task<Verdict> {
    co_return refused(image, Reason::no_signature);
  };
  WebFixture fixture(options);
  const json answer = json::parse(body_of(fixture.talk(post(kReview))));
  EXPECT_EQ(answer["response"]["allowed"], false);
  EXPECT_EQ(answer["response"]["status"]["code"], 403);
}

TEST(ServerTest, ShedsWhatItHasNoRoomFor) {
  WebOptions options = quick();
  options.body_bytes = 100;
  WebFixture fixture(options);
  const std::string reply = fixture.talk(post(kReview));
  EXPECT_EQ(status_of(reply), 503);
  EXPECT_NE(reply.find("Retry-After: 1\r\n"), std::string::npos);
  EXPECT_NE(reply.find("Connection: close\r\n"), std::string::npos);
  EXPECT_EQ(fixture.metrics.shed.value({"bytes"}), 1);
}

TEST(ServerTest, HoldsRoomForWhatHasComeAndNotForWhatWasAnnounced) {
  WebOptions options = quick();
  options.body_bytes = 100'000;
  WebFixture fixture(options);
  // Ten that announce 1 MB each and send nothing of it.
  std::vector<std::shared_ptr<std::string>> silent;
  for (int i = 0; i < 10; ++i) {
    silent.push_back(std::make_shared<std::string>());
    asio::co_spawn(fixture.loop,
                   fixture.talk_tls("POST /validate HTTP/1.1\r\nHost: x\r\nContent-Type: "
                                    "application/json\r\nContent-Length: 1000000\r\n\r\n"),
                   [said = silent.back()](std::exception_ptr, std::string text) { *said = text; });
  }
  EXPECT_EQ(status_of(fixture.talk(post(kReview))), 200);
  // What really comes is bounded.
  EXPECT_EQ(status_of(fixture.talk(post(std::string(100'001, ' ')))), 503);
  EXPECT_EQ(fixture.metrics.shed.value({"bytes"}), 1);
}

TEST(ServerTest, TakesABodyOfItsWholeBudgetAndNotOneByteMore) {
  WebOptions options = quick();
  options.body_bytes = kReview.size();
  EXPECT_EQ(status_of(WebFixture(options).talk(post(kReview))), 200);
  EXPECT_EQ(status_of(WebFixture(options).talk(post(kReview + " "))), 503);
}

TEST(ServerTest, RefusesNewReviewsWhileMemoryIsShort) {
  WebOptions options = quick();
  options.memory_limit = 1;  // less than any program has
  WebFixture fixture(options);
  EXPECT_TRUE(fixture.talk(post(kReview)).starts_with("handshake: ")) << "no new connection";
  EXPECT_EQ(fixture.metrics.connections_closed.value({"admission", "refused"}), 1);
}

TEST(ServerTest, ServesHealthAndMetricsOnTheirOwnPorts) {
  WebFixture fixture(quick());
  EXPECT_EQ(body_of(fixture.talk_health(get("/livez"))), "ok");
  EXPECT_EQ(body_of(fixture.talk_health(get("/readyz"))), "ok");
  EXPECT_EQ(body_of(fixture.talk_health(get("/livez", "HEAD"))), "");
  EXPECT_EQ(status_of(fixture.talk_health(post(kReview))), 404);
  EXPECT_EQ(status_of(fixture.talk_health(get("/metrics"))), 404);
  fixture.talk(post(kReview));
  const std::string scraped = fixture.talk_metrics(get("/metrics"));
  EXPECT_NE(scraped.find(R"(signet_admission_requests_total{decision="allow",hook="validate_pods",)"
                         R"(operation="create",resource="pods"} 1)"),
            std::string::npos);
  EXPECT_NE(scraped.find(R"(signet_http_responses_total{code="200",listener="admission",)"
                         R"(path="/validate"} 1)"),
            std::string::npos);
}

}  // namespace
}  // namespace signet
