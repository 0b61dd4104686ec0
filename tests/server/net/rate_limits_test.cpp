#include "server/net/rate_limits.hpp"

#include <gtest/gtest.h>

namespace signet {
namespace {

using namespace std::chrono_literals;

HttpRequest request_of(const std::string& login, const std::string& host = "reg.io") {
  HttpRequest request("GET", *Url::parse("https://" + host + "/v2/"));
  request.credential = login;
  return request;
}

struct RateLimitsTest : ::testing::Test {
  RateLimits limits;
  Deadline now = Deadline() + 1h;
  HttpRequest ann = request_of("ann");
};

TEST_F(RateLimitsTest, NobodyWaitsAtFirst) {
  EXPECT_FALSE(limits.wait_for(ann, now));
}

TEST_F(RateLimitsTest, ALoginWaitsUntilItsTimeIsOver) {
  limits.limited(ann, 30s, now);
  EXPECT_EQ(limits.wait_for(ann, now), 30s);
  EXPECT_EQ(limits.wait_for(ann, now + 28500ms), 2s);
  EXPECT_EQ(limits.wait_for(ann, now + 29999ms), 1s);
  EXPECT_FALSE(limits.wait_for(ann, now + 30s));
}

TEST_F(RateLimitsTest, OtherLoginsAndOtherOriginsDoNotWait) {
  limits.limited(ann, 30s, now);
  EXPECT_FALSE(limits.wait_for(request_of("bob"), now));
  EXPECT_FALSE(limits.wait_for(request_of(""), now));
  EXPECT_FALSE(limits.wait_for(request_of("ann", "other.io"), now));
}

TEST_F(RateLimitsTest, OneRequestASecondFindsOutWhetherItIsOver) {
  limits.limited(ann, 30s, now);
  EXPECT_FALSE(limits.wait_for(ann, now + 30s));
  EXPECT_EQ(limits.wait_for(ann, now + 30s), 1s);
  EXPECT_FALSE(limits.wait_for(ann, now + 31s));

  limits.answered(ann);

  EXPECT_FALSE(limits.wait_for(ann, now + 31s));
  EXPECT_FALSE(limits.wait_for(ann, now + 31s));
}

TEST_F(RateLimitsTest, NobodyWaitsLongerThanFiveMinutes) {
  limits.limited(ann, 3600s, now);
  EXPECT_EQ(limits.wait_for(ann, now), 300s);
}

}  // namespace
}  // namespace signet
