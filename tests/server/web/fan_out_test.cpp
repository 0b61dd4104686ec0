#include "server/web/fan_out.hpp"

#include <gtest/gtest.h>

#include "tests/support/run.hpp"

namespace signet {
namespace {

using namespace signet::testing;
using std::chrono::milliseconds;

TEST(FanOutTest, LeavesWhatIsLateEmptyAndBeginsNothingMore) {
  std::size_t begun = 0;
  const auto work = [&begun](std::size_t index) -> Task<int> {
    ++begun;
    const milliseconds wait(index == 0 ? 0 : 30);
    asio::steady_timer timer(co_await asio::this_coro::executor, wait);
    co_await timer.async_wait(kToken);
    co_return static_cast<int>(index);
  };
  asio::io_context loop;
  Sessions errands(loop.get_executor(), 100, [](const std::exception_ptr&) {});
  FanOut<int> fan_out(5, 2, work);
  const auto results = run_on(loop, fan_out.run(deadline_in(milliseconds(10)), &errands));
  loop.restart();
  loop.run();
  EXPECT_EQ(results.values[0], 0);
  EXPECT_FALSE(results.values[1]);
  EXPECT_EQ(begun, 3U);
}

TEST(FanOutTest, JoinsWhatIsLateBeforeItsOwnerEnds) {
  bool ended = false;
  const auto work = [&ended](std::size_t) -> Task<int> {
    asio::steady_timer timer(co_await asio::this_coro::executor, milliseconds(30));
    co_await timer.async_wait(kToken);
    ended = true;
    co_return 1;
  };
  asio::io_context loop;
  Sessions errands(loop.get_executor(), 100, [](const std::exception_ptr&) {});
  FanOut<int> fan_out(1, 1, work);
  run_on(loop, fan_out.run(deadline_in(milliseconds(1)), &errands));
  EXPECT_FALSE(ended);
  run_on(loop, errands.drain(deadline_in(std::chrono::seconds(5))));
  EXPECT_TRUE(ended);
  EXPECT_EQ(errands.count(), 0U);
}

TEST(FanOutTest, LeavesEverythingEmptyWhereNoErrandMayBegin) {
  asio::io_context loop;
  Sessions errands(loop.get_executor(), 0, [](const std::exception_ptr&) {});
  FanOut<int> fan_out(2, 2, [](std::size_t) -> Task<int> { co_return 1; });
  const auto results = run_on(loop, fan_out.run(deadline_in(std::chrono::seconds(5)), &errands));
  EXPECT_FALSE(results.values[0] || results.values[1]);
}

}  // namespace
}  // namespace signet
