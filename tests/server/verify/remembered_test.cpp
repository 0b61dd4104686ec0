#include "server/verify/remembered.hpp"

#include <gtest/gtest.h>

#include "tests/support/run.hpp"

namespace signet {
namespace {

using namespace std::chrono_literals;

struct Thing {
  Result<int> number;
  bool old = false;
};

Worth worth_of(const Thing& thing) {
  if (thing.number) return Worth::whole;
  return thing.number.error().reason() == Reason::image_not_found ? Worth::negative : Worth::failed;
}

Remembered<Thing>::Meaning meaning() {
  return {worth_of, [](const Thing& thing) -> const Error& { return thing.number.error(); },
          [](const Thing& thing, const Error&) {
            return Thing{thing.number, true};
          },
          [](const std::string&, const Thing&) { return std::size_t{1}; }};
}

class RememberedTest : public ::testing::Test {
 protected:
  using Memory = Remembered<Thing>;

  static constexpr Lives kLives{30s, 5s, 300s, 5s};

  RememberedTest() : memory(make(kLives)) {}

  std::unique_ptr<Memory> make(Lives lives, std::size_t capacity = 8, std::size_t flights = 8) {
    return std::make_unique<Memory>(
        "resolve", lives, capacity, flights, meaning(), [this] { return now; }, nullptr);
  }

  Task<Thing> fetch() {
    ++fetches;
    co_return next;
  }

  Thing ask(Age age = Age::fresh, const std::string& key = "key") {
    const Memory::Work work = [this] { return fetch(); };
    auto answer = testing::run_on(loop, memory->get(key, age, work, Deadline::max()));
    EXPECT_TRUE(answer);
    return *answer->value;
  }

  void fail_with(Reason reason) { next = Thing{Error(reason, "because")}; }

  Deadline now = Deadline(std::chrono::hours(1000));
  Thing next{1};
  int fetches = 0;
  asio::io_context loop;
  std::unique_ptr<Memory> memory;
};

TEST_F(RememberedTest, AWholeAnswerServesForItsLifeAndNoLonger) {
  ask();
  next = Thing{2};

  now += 30s - 1ms;
  EXPECT_EQ(*ask().number, 1);
  now += 1ms;
  EXPECT_EQ(*ask().number, 2);
  EXPECT_EQ(fetches, 2);
}

TEST_F(RememberedTest, ANegativeAnswerServesForItsOwnLifeAndNoLonger) {
  fail_with(Reason::image_not_found);
  ask();
  next = Thing{2};

  now += 5s - 1ms;
  EXPECT_FALSE(ask().number);
  now += 1ms;
  EXPECT_EQ(*ask().number, 2);
}

TEST_F(RememberedTest, ANegativeAnswerServesAPassAsLongAsAWholeOne) {
  fail_with(Reason::image_not_found);
  ask();
  next = Thing{2};

  now += 5s - 1ms;
  EXPECT_FALSE(memory->find("key", Age::for_pass)->aged);
  now += 1ms;
  EXPECT_TRUE(memory->find("key", Age::for_pass)->aged);
  now += 25s - 1ms;
  EXPECT_TRUE(memory->find("key", Age::for_pass)->aged);
  now += 1ms;
  EXPECT_FALSE(memory->find("key", Age::for_pass));
}

TEST_F(RememberedTest, AFailureIsNeverRemembered) {
  for (const Reason reason : {Reason::registry_unreachable, Reason::registry_auth,
                              Reason::registry_rate_limited, Reason::internal}) {
    fail_with(reason);
    EXPECT_FALSE(ask().number);
  }
  next = Thing{2};

  EXPECT_EQ(*ask().number, 2);
  EXPECT_EQ(fetches, 5);
}

TEST_F(RememberedTest, WhoeverAsksForThePresentGetsIt) {
  ask();
  next = Thing{2};

  EXPECT_EQ(*ask(Age::now).number, 2);
  EXPECT_EQ(*ask().number, 2);
  EXPECT_EQ(fetches, 2);
}

// Which failures let an old answer serve (rulings.md 16).
struct StaleRow {
  Reason reason;
  bool serves;
};

class StaleTest : public RememberedTest, public ::testing::WithParamInterface<StaleRow> {};

TEST_P(StaleTest, OnlyAnOutageLetsAnOldAnswerServe) {
  ask();
  now += 30s;
  fail_with(GetParam().reason);

  const Thing thing = ask();

  EXPECT_EQ(thing.old, GetParam().serves);
  EXPECT_EQ(thing.number.has_value(), GetParam().serves);
}

TEST_P(StaleTest, WhatIsNoOutageDoesNotEndTheNextOneUnlessItSaysThatThereIsNothing) {
  ask();
  now += 30s;
  fail_with(GetParam().reason);
  ask();
  now += 6s;
  fail_with(Reason::registry_unreachable);

  EXPECT_EQ(ask().old, GetParam().reason != Reason::image_not_found);
}

INSTANTIATE_TEST_SUITE_P(
    Reasons, StaleTest,
    ::testing::Values(
        StaleRow{Reason::registry_unreachable, true}, StaleRow{Reason::registry_dns, true},
        StaleRow{Reason::registry_timeout, true}, StaleRow{Reason::deadline, true},
        StaleRow{Reason::image_not_found, false}, StaleRow{Reason::registry_auth, false},
        StaleRow{Reason::registry_forbidden, false}, StaleRow{Reason::registry_rate_limited, false},
        StaleRow{Reason::registry_tls, false}, StaleRow{Reason::registry_protocol, false},
        StaleRow{Reason::registry_blocked, false}, StaleRow{Reason::overloaded, false},
        StaleRow{Reason::internal, false}),
    [](const auto& row) { return std::string(name_of(row.param.reason)); });

TEST_F(RememberedTest, AnOldAnswerServesUntilTheEndOfItsSecondLife) {
  ask();
  fail_with(Reason::registry_unreachable);

  now += 30s + 300s - 1ms;
  EXPECT_TRUE(ask().old);
  now += 1ms;
  EXPECT_FALSE(ask().number);
}

TEST_F(RememberedTest, ANegativeAnswerIsNeverOld) {
  fail_with(Reason::image_not_found);
  ask();
  now += 6s;
  fail_with(Reason::registry_unreachable);

  EXPECT_EQ(ask().number.error().reason(), Reason::registry_unreachable);
}

TEST_F(RememberedTest, WithoutASecondLifeNothingOldServes) {
  memory = make(Lives{30s, 5s, 0s});
  ask();
  now += 30s;
  fail_with(Reason::registry_unreachable);

  EXPECT_FALSE(ask().number);
}

TEST_F(RememberedTest, AnOutageIsNotAskedAboutAgainForAMoment) {
  ask();
  now += 30s;
  fail_with(Reason::registry_unreachable);
  ask();
  next = Thing{2};

  now += 5s - 1ms;
  EXPECT_TRUE(ask().old);
  EXPECT_EQ(fetches, 2);
  now += 1ms;
  EXPECT_EQ(*ask().number, 2);
  EXPECT_FALSE(ask().old);
}

TEST_F(RememberedTest, AnOldAnswerIsAnotherOneThanTheFreshAndTheSameAllTheTime) {
  ask();
  const auto fresh = memory->find("key", Age::fresh);
  now += 30s;
  fail_with(Reason::registry_unreachable);
  ask();
  const auto old = memory->find("key", Age::fresh);
  now += 6s;
  ask();

  EXPECT_NE(old->id, fresh->id);
  EXPECT_EQ(memory->find("key", Age::fresh)->id, old->id);
}

// Work that ends when the test says so.
struct Gate {
  Waiters opened;
  int runs = 0;

  Task<Thing> pass() {
    ++runs;
    co_await opened.wait(Deadline::max());
    co_return Thing{7};
  }
};

TEST_F(RememberedTest, ACallerPastItsDeadlineGetsTheOldAnswerAndTheFlightFillsTheMemory) {
  ask();
  now += 30s;
  Gate gate;
  const Memory::Work slow = [&gate] { return gate.pass(); };

  const auto hasty = testing::run_on(loop, memory->get("key", Age::fresh, slow, deadline_in(10ms)));

  ASSERT_TRUE(hasty);
  EXPECT_TRUE(hasty->value->old);
  gate.opened.notify();
  loop.restart();
  loop.run();
  EXPECT_EQ(*memory->find("key", Age::fresh)->value->number, 7);
}

TEST_F(RememberedTest, ACallerPastItsDeadlineWithoutAnythingOldIsToldSo) {
  Gate gate;
  const Memory::Work slow = [&gate] { return gate.pass(); };

  const auto hasty = testing::run_on(loop, memory->get("key", Age::fresh, slow, deadline_in(10ms)));

  ASSERT_FALSE(hasty);
  EXPECT_EQ(hasty.error().reason(), Reason::deadline);
  gate.opened.notify();
  loop.restart();
  loop.run();
}

TEST_F(RememberedTest, OnlySoManyFlightsAreInTheAir) {
  memory = make(kLives, 8, 2);
  Gate gate;
  const Memory::Work slow = [&gate] { return gate.pass(); };
  const auto begin = [&](const std::string& key) {
    return testing::run_on(loop, memory->get(key, Age::fresh, slow, deadline_in(1ms)));
  };

  EXPECT_EQ(begin("1").error().reason(), Reason::deadline);
  EXPECT_EQ(begin("2").error().reason(), Reason::deadline);
  EXPECT_EQ(begin("3").error().reason(), Reason::overloaded);
  EXPECT_EQ(begin("2").error().reason(), Reason::deadline);
  EXPECT_EQ(gate.runs, 2);
  gate.opened.notify();
  loop.restart();
  loop.run();
}

TEST_F(RememberedTest, AStopEndsWhatIsInTheAir) {
  Gate gate;
  const Memory::Work slow = [&gate] { return gate.pass(); };
  std::optional<Result<Memory::Answer>> answer;
  asio::co_spawn(
      loop, testing::keep_result(memory->get("key", Age::fresh, slow, Deadline::max()), answer),
      [](const std::exception_ptr&) {});
  loop.poll();
  ASSERT_EQ(memory->in_flight(), 1U);

  memory->stop();
  loop.run();

  EXPECT_TRUE(answer);
  EXPECT_EQ(memory->in_flight(), 0U);
}

TEST_F(RememberedTest, OnlySoManyAnswersAreKept) {
  memory = make(kLives, 2);
  ask(Age::fresh, "1");
  ask(Age::fresh, "2");
  EXPECT_TRUE(memory->find("1", Age::fresh));
  ask(Age::fresh, "3");

  EXPECT_TRUE(memory->find("1", Age::fresh));
  EXPECT_FALSE(memory->find("2", Age::fresh));
  EXPECT_TRUE(memory->find("3", Age::fresh));
}

}  // namespace
}  // namespace signet
