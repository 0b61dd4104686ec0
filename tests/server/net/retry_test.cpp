#include "server/net/retry.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <string>

#include "tests/support/run.hpp"

namespace signet {
namespace {

using testing::run;
using namespace std::chrono_literals;

const TimePoint kNow = *make_time(2026, 1, 31, 10, 0, 0);

Attempt status(unsigned code) {
  Attempt attempt;
  attempt.status = code;
  return attempt;
}

Attempt failure(Reason reason) {
  Attempt attempt;
  attempt.failure = reason;
  return attempt;
}

TEST(WaitAfterTest, RepeatsWhatMayPass) {
  for (const unsigned code : {408U, 429U, 499U, 500U, 502U, 503U, 504U, 522U}) {
    EXPECT_TRUE(wait_after({status(code)}, 0.5)) << code;
  }
  EXPECT_TRUE(wait_after({failure(Reason::registry_unreachable)}, 0.5));
}

TEST(WaitAfterTest, NeverRepeatsWhatIsFinal) {
  for (const unsigned code :
       {200U, 204U, 301U, 307U, 400U, 401U, 403U, 404U, 405U, 406U, 410U, 416U, 501U}) {
    EXPECT_FALSE(wait_after({status(code)}, 0.5)) << code;
  }
  for (const Reason reason :
       {Reason::registry_tls, Reason::registry_protocol, Reason::registry_blocked,
        Reason::registry_dns, Reason::registry_timeout, Reason::limit_exceeded, Reason::deadline}) {
    EXPECT_FALSE(wait_after({failure(reason)}, 0.5)) << name_of(reason);
  }
}

TEST(WaitAfterTest, EndsAfterThreeAttempts) {
  const Attempt broken = failure(Reason::registry_unreachable);
  EXPECT_TRUE(wait_after({broken, broken}, 0.5));
  EXPECT_FALSE(wait_after({broken, broken, broken}, 0.5));
}

TEST(WaitAfterTest, EndsWhenTheSameServerErrorRepeats) {
  EXPECT_FALSE(wait_after({status(503), status(503)}, 0.5));
  EXPECT_TRUE(wait_after({status(503), status(502)}, 0.5));
  EXPECT_TRUE(wait_after({status(429), status(429)}, 0.5));
}

TEST(WaitAfterTest, WaitsLongerEachTimeUpToItsDice) {
  const Attempt broken = failure(Reason::registry_unreachable);
  EXPECT_EQ(wait_after({broken}, 0), 0ms);
  EXPECT_EQ(wait_after({broken}, 0.5), 50ms);
  EXPECT_EQ(wait_after({broken, broken}, 0.5), 150ms);
}

TEST(WaitAfterTest, ObeysRetryAfter) {
  Attempt limited = status(429);
  limited.retry_after = 3600s;
  EXPECT_EQ(wait_after({limited}, 0.5), 3600s);
}

TEST(RetryAfterTest, ReadsSecondsDatesAndEpochs) {
  EXPECT_EQ(parse_retry_after("1", kNow), 1s);
  EXPECT_EQ(parse_retry_after("0", kNow), 0s);
  EXPECT_EQ(parse_retry_after("1000000000", kNow), 1'000'000'000s);
  EXPECT_EQ(parse_retry_after("Sat, 31 Jan 2026 10:00:30 GMT", kNow), 30s);
  EXPECT_EQ(parse_retry_after("Sat, 31 Jan 2026 09:00:00 GMT", kNow), 0s);
  const auto epoch = kNow.time_since_epoch() + 7s;
  EXPECT_EQ(parse_retry_after(std::to_string(epoch.count()), kNow), 7s);
  EXPECT_TRUE(parse_retry_after("18446744073709551615", kNow));
}

TEST(RetryAfterTest, IgnoresEverythingElse) {
  for (const char* text :
       {"", "-5", "abc", "1.5", "1 ", "18446744073709551616", "Sat, 31 Jan 2026 10:00:30 CET",
        "Sat, 31 Foo 2026 10:00:30 GMT", "Sat, 31 Feb 2026 10:00:30 GMT",
        "Sat, x1 Jan 2026 10:00:30 GMT", "Saturday, 31-Jan-26 10:00:30 GMT"}) {
    EXPECT_FALSE(parse_retry_after(text, kNow)) << text;
  }
}

// Answers from a list and counts.
class Scripted final : public Transport {
 public:
  Task<Result<HttpReply>> send(HttpRequest request, Deadline) override {
    ++sent;
    attempts.push_back(request.attempt);
    if (outcomes.empty()) co_return Error(Reason::internal, "the list is empty");
    auto next = std::move(outcomes.front());
    outcomes.pop_front();
    co_return next;
  }

  void answer(unsigned code, const std::string& retry_after = "") {
    HttpReply reply;
    reply.status = code;
    if (!retry_after.empty()) reply.headers.emplace_back("Retry-After", retry_after);
    outcomes.emplace_back(std::move(reply));
  }
  void fail(Reason reason) { outcomes.emplace_back(Error(reason, "as scripted")); }

  std::deque<Result<HttpReply>> outcomes;
  int sent = 0;
  std::vector<unsigned> attempts;
};

struct RetryingTransportTest : ::testing::Test {
  Result<HttpReply> send(const std::string& method = "GET", Deadline deadline = deadline_in(60s)) {
    HttpRequest request(method, *Url::parse("https://reg.io/v2/"));
    return run(transport.send(std::move(request), deadline));
  }
  Result<HttpReply> send_as(const std::string& login) {
    HttpRequest request("GET", *Url::parse("https://reg.io/v2/"));
    request.credential = login;
    return run(transport.send(std::move(request), deadline_in(60s)));
  }

  Scripted inner;
  RetryingTransport transport{inner, [] { return kNow; }, [] { return 0.0; }};
};

TEST_F(RetryingTransportTest, AsksAgainAfterAPassingFailure) {
  inner.answer(503);
  inner.answer(200);
  EXPECT_EQ(send()->status, 200U);
  EXPECT_EQ(inner.sent, 2);
}

TEST_F(RetryingTransportTest, GivesTheLastAnswerWhenItGivesUp) {
  inner.fail(Reason::registry_unreachable);
  inner.fail(Reason::registry_unreachable);
  inner.answer(429);
  EXPECT_EQ(send()->status, 429U);
  EXPECT_EQ(inner.sent, 3);
}

TEST_F(RetryingTransportTest, RepeatsGetAndHeadAlone) {
  inner.answer(503);
  inner.answer(200);
  EXPECT_EQ(send("HEAD")->status, 200U);
  inner.answer(503);
  EXPECT_EQ(send("POST")->status, 503U);
  EXPECT_EQ(inner.sent, 3);
}

TEST_F(RetryingTransportTest, AnswersAtOnceWhenRetryAfterDoesNotFit) {
  inner.answer(429, "3600");
  EXPECT_EQ(send()->status, 429U);
  EXPECT_EQ(inner.sent, 1);
}

TEST_F(RetryingTransportTest, WaitsAsRetryAfterSaysWhereItFits) {
  inner.answer(429, "0");
  inner.answer(200);
  EXPECT_EQ(send()->status, 200U);
}

TEST_F(RetryingTransportTest, WaitsTenSecondsWhereNoRetryAfterCanBeRead) {
  inner.answer(429, "soon");
  EXPECT_EQ(send()->status, 429U);
  EXPECT_EQ(inner.sent, 1);
}

TEST_F(RetryingTransportTest, EverybodyWithTheSameLoginObeysARetryAfter) {
  inner.answer(429, "3600");
  ASSERT_EQ(send_as("ann")->status, 429U);

  const auto again = send_as("ann");
  ASSERT_TRUE(again);
  EXPECT_EQ(again->status, 429U);
  EXPECT_EQ(*again->header("Retry-After"), "300");
  EXPECT_EQ(inner.sent, 1);

  inner.answer(200);
  EXPECT_EQ(send_as("bob")->status, 200U);
}

TEST_F(RetryingTransportTest, SaysWhichAttemptARequestIs) {
  inner.answer(503);
  inner.answer(200);
  EXPECT_TRUE(send());
  EXPECT_EQ(inner.attempts, (std::vector<unsigned>{1, 2}));
}

TEST_F(RetryingTransportTest, DoesNotRepeatPastTheDeadline) {
  inner.answer(503);
  EXPECT_EQ(send("GET", Deadline::min())->status, 503U);
  EXPECT_EQ(inner.sent, 1);
}

TEST_F(RetryingTransportTest, StopsRepeatingForAnOriginThatKeepsFailing) {
  for (int i = 0; i < 40; ++i) {
    inner.fail(Reason::registry_unreachable);
    inner.fail(Reason::registry_unreachable);
  }
  int requests = 0;
  while (inner.sent < 60) {
    const int before = inner.sent;
    EXPECT_FALSE(send());
    ++requests;
    if (inner.sent == before + 1) break;
  }
  EXPECT_LT(requests, 20);
  EXPECT_LT(inner.sent, 60);
}

}  // namespace
}  // namespace signet
