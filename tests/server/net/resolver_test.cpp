#include "server/net/resolver.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "tests/support/run.hpp"

namespace signet {
namespace {

using asio::ip::make_address;
using testing::run_on;
using namespace std::chrono_literals;

// Look-ups that can be stuck until they are freed; threads may outlive the test that made them.
class Names {
 public:
  Lookup lookup() {
    return [state = state_](std::string host) { return state->find(host); };
  }
  void stick(const std::string& host) {
    const std::lock_guard lock(state_->mutex);
    state_->stuck.insert(host);
  }
  void free_all() {
    const std::lock_guard lock(state_->mutex);
    state_->stuck.clear();
    state_->freed.notify_all();
  }
  int asked(const std::string& host) {
    const std::lock_guard lock(state_->mutex);
    return state_->asked[host];
  }

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable freed;
    std::set<std::string> stuck;
    std::map<std::string, int> asked;

    Result<Addresses> find(const std::string& host) {
      std::unique_lock lock(mutex);
      ++asked[host];
      freed.wait(lock, [&] { return !stuck.contains(host); });
      if (host == "unknown.test") return Error(Reason::registry_dns, "no such name");
      return Addresses(50, make_address("1.2.3.4"));
    }
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

struct ResolverTest : ::testing::Test {
  ~ResolverTest() override { names.free_all(); }

  Result<Addresses> resolve(SystemResolver& resolver, const std::string& host,
                            Deadline deadline = deadline_in(30s)) {
    return run_on(loop, resolver.resolve(host, deadline));
  }

  static Task<void> wait_for(SystemResolver& resolver, std::string host) {
    const auto found = co_await resolver.resolve(std::move(host), deadline_in(30s));
    static_cast<void>(found);
  }
  // Somebody waits for a name that is stuck.
  void look_up_for_long(SystemResolver& resolver, const std::string& host) {
    names.stick(host);
    asio::co_spawn(loop, wait_for(resolver, host), [](const std::exception_ptr&) {});
    loop.restart();
    loop.poll();
  }
  void wait_until_asked(const std::string& host) {
    while (names.asked(host) == 0)
      std::this_thread::yield();
  }

  Names names;
  asio::io_context loop;
};

TEST_F(ResolverTest, GivesTheAddressesOfAName) {
  SystemResolver resolver(loop.get_executor(), {}, names.lookup());
  const auto found = resolve(resolver, "reg.test");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->front(), make_address("1.2.3.4"));
  EXPECT_EQ(found->size(), ResolverSettings().addresses);
}

TEST_F(ResolverTest, TakesAnAddressForItself) {
  SystemResolver resolver(loop.get_executor(), {}, names.lookup());
  EXPECT_EQ(*resolve(resolver, "10.0.0.1"), Addresses{make_address("10.0.0.1")});
  EXPECT_EQ(*resolve(resolver, "::1"), Addresses{make_address("::1")});
  EXPECT_EQ(names.asked("10.0.0.1"), 0);
}

TEST_F(ResolverTest, RemembersAnswersAndForgetsFailures) {
  SystemResolver resolver(loop.get_executor(), {}, names.lookup());
  EXPECT_TRUE(resolve(resolver, "reg.test"));
  EXPECT_TRUE(resolve(resolver, "reg.test"));
  EXPECT_EQ(names.asked("reg.test"), 1);
  EXPECT_EQ(resolve(resolver, "unknown.test").error().reason(), Reason::registry_dns);
  EXPECT_FALSE(resolve(resolver, "unknown.test"));
  EXPECT_EQ(names.asked("unknown.test"), 2);
}

TEST_F(ResolverTest, ForgetsAnAnswerAfterItsLife) {
  SystemResolver resolver(loop.get_executor(), {.life = 0ms}, names.lookup());
  EXPECT_TRUE(resolve(resolver, "reg.test"));
  EXPECT_TRUE(resolve(resolver, "reg.test"));
  EXPECT_EQ(names.asked("reg.test"), 2);
}

TEST_F(ResolverTest, LetsTheCallerWalkAwayAndAsksAStuckNameOnce) {
  SystemResolver resolver(loop.get_executor(), {}, names.lookup());
  names.stick("slow.test");
  EXPECT_EQ(resolve(resolver, "slow.test", deadline_in(1ms)).error().reason(), Reason::deadline);
  EXPECT_EQ(resolve(resolver, "slow.test", deadline_in(1ms)).error().reason(), Reason::deadline);
  names.free_all();
  EXPECT_TRUE(resolve(resolver, "slow.test"));
  EXPECT_EQ(names.asked("slow.test"), 1);
}

TEST_F(ResolverTest, AnswersOneNameWhileAnotherIsStuck) {
  SystemResolver resolver(loop.get_executor(), {}, names.lookup());
  names.stick("slow.test");
  EXPECT_FALSE(resolve(resolver, "slow.test", deadline_in(1ms)));
  EXPECT_TRUE(resolve(resolver, "reg.test"));
}

TEST_F(ResolverTest, EndsWhileALookUpIsStuck) {
  names.stick("slow.test");
  {
    SystemResolver resolver(loop.get_executor(), {}, names.lookup());
    EXPECT_FALSE(resolve(resolver, "slow.test", deadline_in(1ms)));
  }
  loop.restart();
  EXPECT_EQ(loop.run(), 0U);
}

TEST_F(ResolverTest, RefusesMoreNamesThanItsQueueHolds) {
  SystemResolver resolver(loop.get_executor(), {.threads = 1, .waiting = 1}, names.lookup());
  look_up_for_long(resolver, "a.test");
  wait_until_asked("a.test");
  look_up_for_long(resolver, "b.test");
  const auto refused = resolve(resolver, "c.test");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason(), Reason::registry_dns);
  names.free_all();
  EXPECT_TRUE(resolve(resolver, "b.test"));
}

TEST_F(ResolverTest, AnOldAnswerServesWhereANewOneIsLate) {
  ResolverSettings settings;
  settings.life = 0ms;
  SystemResolver resolver(loop.get_executor(), settings, names.lookup());
  ASSERT_TRUE(resolve(resolver, "reg.test"));
  names.stick("reg.test");

  EXPECT_TRUE(resolve(resolver, "reg.test"));
  EXPECT_EQ(names.asked("reg.test"), 2);
  EXPECT_EQ(resolve(resolver, "reg.test", deadline_in(1ms)).error().reason(), Reason::deadline);
}

TEST_F(ResolverTest, ANameThatNobodyWaitsForLeavesTheQueue) {
  SystemResolver resolver(loop.get_executor(), {.threads = 1, .waiting = 1}, names.lookup());
  look_up_for_long(resolver, "stuck.test");
  wait_until_asked("stuck.test");
  ASSERT_EQ(resolve(resolver, "given-up.test", deadline_in(1ms)).error().reason(),
            Reason::deadline);

  // The one place in the queue is free again.
  EXPECT_EQ(resolve(resolver, "next.test", deadline_in(1ms)).error().reason(), Reason::deadline);
  names.free_all();
  EXPECT_TRUE(resolve(resolver, "last.test"));
  EXPECT_EQ(names.asked("given-up.test"), 0);
}

TEST(HostsFileTest, GivesTheAddressesOfAName) {
  const std::string text =
      "127.0.0.1 localhost\n# 1.1.1.1 reg.test\n10.0.0.1\treg.test  Alias.test # reg2.test\n"
      "::1 reg.test\nrubbish reg.test\n10.0.0.2 reg.test.more\n\n10.0.0.3";
  EXPECT_EQ(addresses_in_hosts_file(text, "reg.test"),
            (Addresses{make_address("10.0.0.1"), make_address("::1")}));
  EXPECT_EQ(addresses_in_hosts_file(text, "alias.TEST"), Addresses{make_address("10.0.0.1")});
  EXPECT_TRUE(addresses_in_hosts_file(text, "reg2.test").empty());
  EXPECT_TRUE(addresses_in_hosts_file(text, "10.0.0.1").empty());
}

TEST(SystemLookupTest, FindsThisMachine) {
  const auto found = system_lookup("localhost");
  ASSERT_TRUE(found) << found.error().what();
  EXPECT_TRUE(found->front().is_loopback());
}

}  // namespace
}  // namespace signet
