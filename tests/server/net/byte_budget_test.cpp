#include "server/net/byte_budget.hpp"

#include <gtest/gtest.h>

#include <optional>

#include "server/net/reply_reader.hpp"

namespace signet {
namespace {

TEST(ByteBudgetTest, AllSharesTogetherAreBounded) {
  ByteBudget budget(100);
  ByteBudget::Share one(&budget, "a");
  ByteBudget::Share two(&budget, "b");
  ByteBudget::Share three(&budget, "c");

  EXPECT_TRUE(one.hold(50));
  EXPECT_TRUE(two.hold(50));
  EXPECT_FALSE(three.hold(1));
  EXPECT_EQ(budget.held(), 100U);
  EXPECT_TRUE(two.hold(49));
  EXPECT_TRUE(three.hold(1));
}

TEST(ByteBudgetTest, OneTenantHasAtMostHalf) {
  ByteBudget budget(100);
  ByteBudget::Share one(&budget, "a");
  ByteBudget::Share two(&budget, "a");
  ByteBudget::Share other(&budget, "b");

  EXPECT_TRUE(one.hold(50));
  EXPECT_FALSE(two.hold(1));
  EXPECT_TRUE(other.hold(50));
  EXPECT_FALSE(other.hold(51));
}

TEST(ByteBudgetTest, AShareGivesBackWhatItHoldsWhenItEnds) {
  ByteBudget budget(100);
  {
    ByteBudget::Share one(&budget, "a");
    ASSERT_TRUE(one.hold(30));
    ASSERT_FALSE(one.hold(60));
    EXPECT_EQ(budget.held(), 30U);
  }
  EXPECT_EQ(budget.held(), 0U);
}

TEST(ByteBudgetTest, WithoutABudgetThereIsNoBound) {
  ByteBudget::Share share(nullptr, "a");
  EXPECT_TRUE(share.hold(1'000'000'000));
}

TEST(ByteBudgetTest, AReplyBeingReadHoldsWhatCame) {
  ByteBudget budget(1'000'000);
  const HttpRequest request("GET", *Url::parse("https://reg.io/v2/"));
  std::optional<ReplyReader> reader(std::in_place, request, &budget);

  // What is announced is not held, what came is.
  ASSERT_TRUE(reader->feed("HTTP/1.1 200 OK\r\nContent-Length: 400000\r\n\r\n"));
  EXPECT_LT(budget.held(), 10'000U);
  ASSERT_TRUE(reader->feed(std::string(100'000, 'x')));
  EXPECT_GE(budget.held(), 100'000U);

  reader.reset();
  EXPECT_EQ(budget.held(), 0U);
}

TEST(ByteBudgetTest, AReplyBeyondTheBudgetIsRefusedWhileItComes) {
  ByteBudget budget(100'000);
  const HttpRequest request("GET", *Url::parse("https://reg.io/v2/"));
  ReplyReader reader(request, &budget);
  ASSERT_TRUE(reader.feed("HTTP/1.1 200 OK\r\nContent-Length: 400000\r\n\r\n"));

  const auto fed = reader.feed(std::string(60'000, 'x'));

  ASSERT_FALSE(fed);
  EXPECT_EQ(fed.error().reason(), Reason::overloaded);
}

}  // namespace
}  // namespace signet
