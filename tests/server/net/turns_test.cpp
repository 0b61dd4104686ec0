#include "server/net/turns.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "tests/support/run.hpp"

namespace signet {
namespace {

using testing::run_on;
using namespace std::chrono_literals;

struct TurnsTest : ::testing::Test {
  Turn take(const std::string& origin) {
    auto turn = run_on(loop, turns.take(origin, deadline_in(10s)));
    return *std::move(turn);
  }
  bool is_refused(const std::string& origin) {
    const auto turn = run_on(loop, turns.take(origin, deadline_in(1ms)));
    return !turn && turn.error().reason() == Reason::deadline;
  }

  asio::io_context loop;
  Turns turns{2, 3};
};

TEST_F(TurnsTest, BoundsOneOrigin) {
  const Turn one = take("a");
  const Turn two = take("a");
  EXPECT_TRUE(is_refused("a"));
  const Turn other = take("b");
  EXPECT_EQ(turns.taken(), 3U);
  EXPECT_EQ(turns.waiting(), 0U);
}

TEST_F(TurnsTest, BoundsAllOriginsTogether) {
  const Turn one = take("a");
  const Turn two = take("b");
  const Turn three = take("c");
  EXPECT_TRUE(is_refused("d"));
}

TEST_F(TurnsTest, GivesAReturnedTurnToTheNextInLine) {
  std::optional<Turn> first(take("a"));
  std::optional<Turn> second(take("a"));
  std::vector<int> order;
  const auto wait_in_line = [](Turns& line, int number, std::vector<int>& seen) -> Task<void> {
    const auto turn = co_await line.take("a", Deadline::max());
    seen.push_back(number);
  };
  for (const int number : {1, 2, 3}) {
    asio::co_spawn(loop, wait_in_line(turns, number, order), [](const std::exception_ptr&) {});
  }
  loop.restart();
  loop.poll();
  EXPECT_EQ(turns.waiting(), 3U);
  first.reset();
  loop.restart();
  loop.run();
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3}));
  second.reset();
  EXPECT_EQ(turns.taken(), 0U);
}

TEST_F(TurnsTest, LosesNoTurnToACallerWhoWasCancelled) {
  std::optional<Turn> first(take("a"));
  std::optional<Turn> second(take("a"));
  EXPECT_TRUE(is_refused("a"));
  first.reset();
  second.reset();
  EXPECT_EQ(turns.taken(), 0U);
  const Turn again = take("a");
  EXPECT_EQ(turns.taken(), 1U);
}

}  // namespace
}  // namespace signet
