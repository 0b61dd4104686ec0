#include "server/runtime/single_flight.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/run.hpp"

namespace signet {
namespace {

using Flights = SingleFlight<std::string, int>;
using testing::run_on;
using namespace std::chrono_literals;

// Work that ends when the test says so.
struct Gate {
  Waiters opened;
  int runs = 0;

  Task<Result<int>> pass() {
    ++runs;
    co_await opened.wait(Deadline::max());
    co_return 7;
  }
};

struct Caller {
  std::optional<Result<int>> answer;
};

Task<void> call(Flights& flights, Flights::Work work, Deadline deadline, Caller& caller) {
  caller.answer = co_await flights.run("key", std::move(work), deadline);
}

void ignore(const std::exception_ptr&) {}

TEST(SingleFlightTest, AnswersTheOthersWhenOneCallerGivesUp) {
  asio::io_context loop;
  Flights flights(loop.get_executor());
  Gate gate;
  const Flights::Work work = [&gate] { return gate.pass(); };
  std::vector<Caller> patient(3);
  Caller hasty;

  asio::co_spawn(loop, call(flights, work, deadline_in(10ms), hasty), ignore);
  for (Caller& caller : patient) {
    asio::co_spawn(loop, call(flights, work, Deadline::max(), caller), ignore);
  }
  while (!hasty.answer)
    loop.run_one();
  gate.opened.notify();
  loop.run();

  EXPECT_EQ(gate.runs, 1);
  ASSERT_FALSE(*hasty.answer);
  EXPECT_EQ(hasty.answer->error().reason(), Reason::deadline);
  for (const Caller& caller : patient) {
    ASSERT_TRUE(caller.answer);
    ASSERT_TRUE(*caller.answer);
    EXPECT_EQ(**caller.answer, 7);
  }
  EXPECT_EQ(flights.in_flight(), 0U);
}

TEST(SingleFlightTest, TurnsAnExceptionIntoAnError) {
  asio::io_context loop;
  Flights flights(loop.get_executor());
  const Flights::Work work = []() -> Task<Result<int>> {
    throw std::runtime_error("broken");
    co_return 1;
  };
  const auto answer = run_on(loop, flights.run("key", work, Deadline::max()));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().reason(), Reason::internal);
  EXPECT_EQ(flights.in_flight(), 0U);
}

TEST(SingleFlightTest, FliesAgainOnceTheFirstHasLanded) {
  asio::io_context loop;
  Flights flights(loop.get_executor());
  int runs = 0;
  const Flights::Work work = [&runs]() -> Task<Result<int>> { co_return ++runs; };
  EXPECT_EQ(*run_on(loop, flights.run("key", work, Deadline::max())), 1);
  EXPECT_EQ(*run_on(loop, flights.run("key", work, Deadline::max())), 2);
}

TEST(SingleFlightTest, KeepsKeysApart) {
  asio::io_context loop;
  Flights flights(loop.get_executor());
  Gate gate;
  const Flights::Work slow = [&gate] { return gate.pass(); };
  const Flights::Work quick = []() -> Task<Result<int>> { co_return 2; };
  Caller waiting;
  asio::co_spawn(loop, call(flights, slow, Deadline::max(), waiting), ignore);
  EXPECT_EQ(*run_on(loop, flights.run("other", quick, Deadline::max())), 2);
  EXPECT_FALSE(waiting.answer);

  gate.opened.notify();
  loop.restart();
  loop.run();
  ASSERT_TRUE(waiting.answer);
  EXPECT_EQ(**waiting.answer, 7);
}

TEST(SingleFlightTest, MayBeDestroyedWhileAFlightIsInTheAir) {
  asio::io_context loop;
  Gate gate;
  {
    Flights flights(loop.get_executor());
    const Flights::Work work = [&gate] { return gate.pass(); };
    const auto answer = run_on(loop, flights.run("key", work, deadline_in(1ms)));
    EXPECT_EQ(answer.error().reason(), Reason::deadline);
  }
  gate.opened.notify();
  loop.restart();
  loop.run();
  EXPECT_EQ(gate.runs, 1);
}

}  // namespace
}  // namespace signet
