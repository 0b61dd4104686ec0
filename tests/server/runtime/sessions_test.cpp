#include "server/runtime/sessions.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

#include "tests/support/run.hpp"

namespace signet {
namespace {

using testing::run_on;
using namespace std::chrono_literals;

struct Fixture : ::testing::Test {
  asio::io_context loop;
  int failures = 0;
  Waiters finish;
  int begun = 0;
  int ended = 0;

  Sessions::OnException count_failures() {
    return [this](const std::exception_ptr&) { ++failures; };
  }
  // Works until told to finish.
  Sessions::Body working() {
    return [this](Session&) { return work(); };
  }
  Sessions::Body idling() {
    return [this](Session& session) { return idle(session); };
  }
  Task<void> work() {
    ++begun;
    co_await finish.wait(Deadline::max());
    ++ended;
  }
  Task<void> idle(Session& session) {
    ++begun;
    session.set_idle(true);
    asio::steady_timer timer(co_await asio::this_coro::executor, Deadline::max());
    co_await timer.async_wait(kToken);
    ++ended;
  }
  void run_until_begun(int wanted) {
    while (begun < wanted)
      loop.run_one();
  }
};

using SessionsTest = Fixture;

TEST_F(SessionsTest, RefusesTheSessionAfterTheLast) {
  Sessions sessions(loop.get_executor(), 2, count_failures());
  EXPECT_TRUE(sessions.start(working()));
  EXPECT_TRUE(sessions.start(working()));
  EXPECT_FALSE(sessions.start(working()));
  EXPECT_EQ(sessions.count(), 2U);
  run_until_begun(2);
  finish.notify();
  loop.run();
  EXPECT_EQ(sessions.count(), 0U);
  EXPECT_EQ(ended, 2);
}

TEST_F(SessionsTest, DrainEndsIdleSessionsAtOnceAndLetsOthersFinish) {
  Sessions sessions(loop.get_executor(), 8, count_failures());
  sessions.start(working());
  sessions.start(idling());
  run_until_begun(2);

  bool drained = false;
  asio::co_spawn(loop, sessions.drain(Deadline::max()),
                 [&](const std::exception_ptr&) { drained = true; });
  while (sessions.count() == 2)
    loop.run_one();
  EXPECT_FALSE(drained);
  EXPECT_TRUE(sessions.draining());
  EXPECT_FALSE(sessions.start(working()));

  finish.notify();
  loop.run();
  EXPECT_TRUE(drained);
  EXPECT_EQ(ended, 2);
  EXPECT_EQ(failures, 0);
}

TEST_F(SessionsTest, DrainCancelsWhatIsLeftAtItsDeadline) {
  Sessions sessions(loop.get_executor(), 8, count_failures());
  sessions.start(working());
  run_until_begun(1);
  run_on(loop, sessions.drain(deadline_in(1ms)));
  EXPECT_EQ(sessions.count(), 0U);
  EXPECT_EQ(failures, 0);
}

TEST_F(SessionsTest, TellsOfABodyThatThrows) {
  Sessions sessions(loop.get_executor(), 8, count_failures());
  sessions.start([](Session&) -> Task<void> {
    throw std::runtime_error("broken");
    co_return;
  });
  loop.run();
  EXPECT_EQ(failures, 1);
  EXPECT_EQ(sessions.count(), 0U);
}

}  // namespace
}  // namespace signet
