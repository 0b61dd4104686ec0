#include "server/net/turns.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "core/base/text.hpp"
#include "tests/support/run.hpp"

namespace signet {
namespace {

using testing::run_on;
using namespace std::chrono_literals;

struct TurnsTest : ::testing::Test {
  using Order = std::vector<std::string>;

  Turn take(const std::string& origin, const std::string& tenant = "") {
    auto turn = run_on(loop, turns.take(Claim{origin, tenant}, deadline_in(10s)));
    return *std::move(turn);
  }
  Reason refusal_of(const std::string& origin, const std::string& tenant = "") {
    const auto turn = run_on(loop, turns.take(Claim{origin, tenant}, deadline_in(1ms)));
    return turn ? Reason::verified : turn.error().reason();
  }

  // Waits for a turn, writes its name down, and keeps the turn until finish().
  void queue_up(const std::string& name, const std::string& origin, const std::string& tenant) {
    asio::co_spawn(loop, wait_in_line(name, Claim{origin, tenant}), [](std::exception_ptr) {});
    poll();
  }
  Task<void> wait_in_line(std::string name, Claim claim) {
    auto turn = co_await turns.take(std::move(claim), Deadline::max());
    if (!turn) {
      refused.push_back(name);
      co_return;
    }
    order.push_back(name);
    held.push_back(*std::move(turn));
  }
  void poll() {
    loop.restart();
    loop.poll();
  }
  // Gives turns back, the oldest first, until nobody waits.
  Order order_of_service() {
    while (turns.waiting() != 0) {
      held.pop_front();
      poll();
    }
    return order;
  }

  asio::io_context loop;
  Turns turns{TurnLimits{2, 3, 6, 8}};
  Order order;
  Order refused;
  std::list<Turn> held;
};

TEST_F(TurnsTest, BoundsOneOrigin) {
  const Turn one = take("a");
  const Turn two = take("a");
  EXPECT_EQ(refusal_of("a"), Reason::deadline);
  const Turn other = take("b");
  EXPECT_EQ(turns.taken(), 3U);
  EXPECT_EQ(turns.waiting(), 0U);
}

TEST_F(TurnsTest, BoundsAllOriginsTogether) {
  const Turn one = take("a");
  const Turn two = take("b");
  const Turn three = take("c");
  EXPECT_EQ(refusal_of("d"), Reason::deadline);
}

TEST_F(TurnsTest, OneTenantMayHaveAllTurnsOfAnOrigin) {
  Turns defaults{TurnLimits()};
  std::vector<Turn> all;
  for (int i = 0; i < 16; ++i) {
    auto turn = run_on(loop, defaults.take(Claim{"a", "one"}, deadline_in(10s)));
    ASSERT_TRUE(turn);
    all.push_back(*std::move(turn));
  }
  EXPECT_EQ(defaults.taken(), 16U);
}

TEST_F(TurnsTest, GivesAReturnedTurnToTheNextInLine) {
  held.push_back(take("a"));
  held.push_back(take("a"));
  for (const char* name : {"1", "2", "3"})
    queue_up(name, "a", "");
  EXPECT_EQ(turns.waiting(), 3U);

  EXPECT_EQ(order_of_service(), (Order{"1", "2", "3"}));

  held.clear();
  EXPECT_EQ(turns.taken(), 0U);
}

TEST_F(TurnsTest, AHerdDoesNotHoldBackAnotherTenant) {
  held.push_back(take("a", "herd"));
  held.push_back(take("a", "herd"));
  for (const char* name : {"h1", "h2", "h3", "h4"})
    queue_up(name, "a", "herd");
  queue_up("other", "a", "small");

  EXPECT_EQ(order_of_service(), (Order{"other", "h1", "h2", "h3", "h4"}));
}

TEST_F(TurnsTest, TenantsThatHoldAsMuchTakeTurns) {
  Turns single{TurnLimits{1, 3, 100, 100}};
  std::optional<Turn> first = *run_on(loop, single.take(Claim{"a", "x"}, Deadline::max()));
  const auto stand = [&](std::string name, std::string tenant) -> Task<void> {
    Claim claim{"a", tenant};
    auto turn = co_await single.take(std::move(claim), Deadline::max());
    order.push_back(name);
  };
  for (const char* name : {"x1", "x2", "x3"})
    asio::co_spawn(loop, stand(name, "x"), [](std::exception_ptr) {});
  for (const char* name : {"y1", "y2"})
    asio::co_spawn(loop, stand(name, "y"), [](std::exception_ptr) {});
  poll();

  first.reset();
  poll();

  EXPECT_EQ(order, (Order{"y1", "x1", "y2", "x2", "x3"}));
}

TEST_F(TurnsTest, ATenantThatFillsEveryOriginYieldsTheNextTurnOfAll) {
  held.push_back(take("a", "greedy"));
  held.push_back(take("b", "greedy"));
  held.push_back(take("c", "greedy"));
  for (const char* origin : {"d", "e", "f"})
    queue_up(origin, origin, "greedy");
  queue_up("small", "g", "small");

  EXPECT_EQ(order_of_service().front(), "small");
}

TEST_F(TurnsTest, AFullQueueRefusesTheNewestOfTheTenantWithMost) {
  held.push_back(take("a", "herd"));
  held.push_back(take("a", "herd"));
  for (const char* name : {"h1", "h2", "h3", "h4", "h5", "h6"})
    queue_up(name, "a", "herd");
  EXPECT_EQ(refused, Order{});
  EXPECT_EQ(turns.waiting(), 6U);

  queue_up("h7", "a", "herd");
  EXPECT_EQ(refused, Order{"h7"});

  queue_up("other", "a", "small");
  EXPECT_EQ(refused, (Order{"h7", "h6"}));
  EXPECT_EQ(turns.waiting(), 6U);
  EXPECT_EQ(order_of_service().front(), "other");
}

TEST_F(TurnsTest, TheQueueOfAllOriginsIsBounded) {
  for (const char* origin : {"a", "b", "c"})
    held.push_back(take(origin));
  for (const char* name : {"1", "2", "3", "4", "5", "6", "7", "8"})
    queue_up(name, cat("of ", name), "herd");
  EXPECT_EQ(refused, Order{});

  EXPECT_EQ(refusal_of("z", "herd"), Reason::overloaded);
  queue_up("small", "y", "small");

  EXPECT_EQ(refused, Order{"8"});
  order_of_service();
}

TEST_F(TurnsTest, LosesNoTurnToACallerWhoHasLeft) {
  std::optional<Turn> first(take("a"));
  std::optional<Turn> second(take("a"));
  EXPECT_EQ(refusal_of("a"), Reason::deadline);
  first.reset();
  second.reset();
  EXPECT_EQ(turns.taken(), 0U);
  const Turn again = take("a");
  EXPECT_EQ(turns.taken(), 1U);
}

}  // namespace
}  // namespace signet
