#include "server/web/watchdog.hpp"

#include <gtest/gtest.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>

#include "tests/support/run.hpp"

namespace signet {
namespace {

using Tcp = asio::ip::tcp;
using std::chrono::milliseconds;

// A socket whose peer says nothing.
struct Pair {
  explicit Pair(asio::io_context& loop) : socket(loop), peer(loop) {
    Tcp::acceptor acceptor(loop, Tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    socket.connect(acceptor.local_endpoint());
    acceptor.accept(peer);
  }
  Tcp::socket socket;
  Tcp::socket peer;
};

// Reads until the socket is closed; when that was.
Task<Deadline> closed(Tcp::socket& socket) {
  char octet = 0;
  const auto room = asio::buffer(&octet, 1);
  co_await socket.async_read_some(room, kToken);
  co_return std::chrono::steady_clock::now();
}

TEST(WatchdogTest, ClosesTheSocketAtTheEndOfTheStep) {
  asio::io_context loop(1);
  Pair pair(loop);
  Watchdog watchdog(pair.socket);
  const Deadline least = deadline_in(milliseconds(20));
  watchdog.guard(milliseconds(20));

  EXPECT_GE(testing::run_on(loop, closed(pair.socket)), least);
  EXPECT_TRUE(watchdog.barked());
}

TEST(WatchdogTest, AShorterStepEndsBeforeTheTimerOfALongerOne) {
  asio::io_context loop(1);
  Pair pair(loop);
  Watchdog watchdog(pair.socket);
  watchdog.guard(std::chrono::hours(1));
  watchdog.guard(milliseconds(20));

  testing::run_on(loop, closed(pair.socket));
  EXPECT_TRUE(watchdog.barked());
}

TEST(WatchdogTest, ALongerStepIsNotEndedByTheTimerOfAShorterOne) {
  asio::io_context loop(1);
  Pair pair(loop);
  Watchdog watchdog(pair.socket);
  const Deadline least = deadline_in(milliseconds(120));
  watchdog.guard(milliseconds(10));
  watchdog.guard(milliseconds(120));

  EXPECT_GE(testing::run_on(loop, closed(pair.socket)), least);
}

TEST(WatchdogTest, RestsWhereTheStepHasADeadlineOfItsOwn) {
  asio::io_context loop(1);
  Pair pair(loop);
  Watchdog watchdog(pair.socket);
  watchdog.guard(milliseconds(10));
  watchdog.rest();
  loop.run();  // the timer fires, and nothing else is there to do

  EXPECT_FALSE(watchdog.barked());
  EXPECT_TRUE(pair.socket.is_open());
}

TEST(WatchdogTest, WatchesAgainAfterARestThatOutlastedTheTimer) {
  asio::io_context loop(1);
  Pair pair(loop);
  Watchdog watchdog(pair.socket);
  watchdog.guard(milliseconds(10));
  watchdog.rest();
  loop.run();
  loop.restart();
  watchdog.guard(milliseconds(10));

  testing::run_on(loop, closed(pair.socket));
  EXPECT_TRUE(watchdog.barked());
}

TEST(WatchdogTest, ForgetsASessionThatHasGone) {
  asio::io_context loop(1);
  Pair pair(loop);
  { Watchdog(pair.socket).guard(milliseconds(1)); }
  loop.run();

  EXPECT_TRUE(pair.socket.is_open());
}

}  // namespace
}  // namespace signet
