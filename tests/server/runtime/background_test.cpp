#include "server/runtime/background.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/run.hpp"

namespace signet {
namespace {

using testing::run_on;
using namespace std::chrono_literals;

TEST(BackgroundTest, WaitsItsIntervalAndBacksOffAfterFailures) {
  const Schedule schedule{.every = 60s, .first_retry = 1s, .jitter = 0};
  EXPECT_EQ(next_wait(schedule, 0, 0.5), 60s);
  EXPECT_EQ(next_wait(schedule, 1, 0.5), 1s);
  EXPECT_EQ(next_wait(schedule, 2, 0.5), 2s);
  EXPECT_EQ(next_wait(schedule, 4, 0.5), 8s);
  EXPECT_EQ(next_wait(schedule, 7, 0.5), 60s);
  EXPECT_EQ(next_wait(schedule, 4'000'000'000U, 0.5), 60s);
}

TEST(BackgroundTest, JittersEitherWay) {
  const Schedule schedule{.every = 100s, .jitter = 0.1};
  EXPECT_EQ(next_wait(schedule, 0, 0), 90s);
  EXPECT_EQ(next_wait(schedule, 0, 0.5), 100s);
  EXPECT_LE(next_wait(schedule, 0, 0.9999), 110s);
  EXPECT_GT(next_wait(schedule, 0, 0.9999), 109s);
}

struct Told {
  std::vector<std::string> names;
  std::vector<Error> errors;

  Background::OnError listener() {
    return [this](std::string_view name, const Error& error) {
      names.emplace_back(name);
      errors.push_back(error);
    };
  }
};

TEST(BackgroundTest, RepeatsUntilItIsJoined) {
  asio::io_context loop;
  Told told;
  Background background(loop.get_executor(), told.listener());
  int runs = 0;
  const Schedule schedule{.every = 1ms};
  background.repeat("count", schedule, [&runs]() -> Task<Result<void>> {
    ++runs;
    co_return Result<void>();
  });
  while (runs < 3)
    loop.run_one();
  EXPECT_TRUE(run_on(loop, background.join(deadline_in(10s))));
  const int last = runs;
  loop.restart();
  loop.run();
  EXPECT_EQ(runs, last);
  EXPECT_EQ(background.running(), 0U);
  EXPECT_TRUE(told.errors.empty());
}

TEST(BackgroundTest, TellsOfFailuresAndGoesOn) {
  asio::io_context loop;
  Told told;
  Background background(loop.get_executor(), told.listener());
  int runs = 0;
  const Schedule schedule{.every = 1ms, .first_retry = 1ms};
  background.repeat("moody", schedule, [&runs]() -> Task<Result<void>> {
    if (++runs == 1) co_return Error(Reason::crl_stale, "too old");
    if (runs == 2) throw std::runtime_error("broken");
    co_return Result<void>();
  });
  while (runs < 3)
    loop.run_one();
  EXPECT_TRUE(run_on(loop, background.join(deadline_in(10s))));
  ASSERT_EQ(told.errors.size(), 2U);
  EXPECT_EQ(told.names[0], "moody");
  EXPECT_EQ(told.errors[0].reason(), Reason::crl_stale);
  EXPECT_EQ(told.errors[1].reason(), Reason::internal);
}

TEST(BackgroundTest, CancelsARunThatWaitsWhenJoined) {
  asio::io_context loop;
  Told told;
  Background background(loop.get_executor(), told.listener());
  bool begun = false;
  background.repeat("stuck", Schedule{.every = 1h}, [&begun]() -> Task<Result<void>> {
    begun = true;
    asio::steady_timer timer(co_await asio::this_coro::executor, Deadline::max());
    co_await timer.async_wait(kToken);
    co_return Result<void>();
  });
  while (!begun)
    loop.run_one();
  EXPECT_TRUE(run_on(loop, background.join(deadline_in(10s))));
  EXPECT_TRUE(told.errors.empty());
}

TEST(BackgroundTest, StartsNothingOnceStopped) {
  asio::io_context loop;
  Told told;
  Background background(loop.get_executor(), told.listener());
  background.stop();
  bool ran = false;
  background.repeat("late", Schedule{.every = 1ms}, [&ran]() -> Task<Result<void>> {
    ran = true;
    co_return Result<void>();
  });
  EXPECT_TRUE(run_on(loop, background.join(deadline_in(10s))));
  EXPECT_FALSE(ran);
}

}  // namespace
}  // namespace signet
