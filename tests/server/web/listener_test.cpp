#include "server/web/listener.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/core/admission/reviews.hpp"
#include "tests/server/web/web_fixture.hpp"

namespace signet {
namespace {

using namespace signet::testing;
using std::chrono::milliseconds;

// One more listener with routes of its own, on the loop of a fixture.
class OwnListener {
 public:
  explicit OwnListener(WebFixture& fixture, SessionTimers timers = {}, SessionLimits limits = {},
                       ListenAddress address = {"127.0.0.1", 0})
      : fixture_(fixture),
        bodies_(1000),
        listener_(fixture.loop.get_executor(), settings_for(address),
                  SessionHost{router,
                              bodies_,
                              fixture.memory,
                              fixture.metrics,
                              fixture.log,
                              "health",
                              timers,
                              limits,
                              {},
                              false}),
        address_(listener_.open()) {}
  ~OwnListener() { run_on(fixture_.loop, listener_.stop(deadline_in(milliseconds(100)))); }

  const Result<ListenAddress>& address() const { return address_; }
  std::string talk(std::string bytes) {
    return run_on(fixture_.loop, fixture_.talk_plain(address_->port, std::move(bytes)));
  }

  Router router;

 private:
  static ListenerSettings settings_for(ListenAddress address) {
    ListenerSettings settings;
    settings.address = std::move(address);
    return settings;
  }

  WebFixture& fixture_;
  Budget bodies_;
  Listener listener_;
  Result<ListenAddress> address_;
};

const std::string kOpenGet = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n";

TEST(ListenerTest, AThrowingHandlerIsFiveHundredAndTheServerLives) {
  WebFixture fixture(quick());
  OwnListener listener(fixture);
  listener.router.add(Route{"GET", "/throw", [](WebRequest) -> Task<WebReply> {
                              throw std::runtime_error("secret detail");
                              co_return WebReply();
                            }});
  for (int i = 0; i < 2; ++i) {
    const std::string reply = listener.talk(get("/throw"));
    EXPECT_EQ(status_of(reply), 500);
    EXPECT_EQ(reply.find("secret detail"), std::string::npos);
    EXPECT_NE(body_of(reply).find("request id "), std::string::npos);
  }
}

TEST(ListenerTest, EndsAConnectionAfterItsLastRequest) {
  WebFixture fixture(quick());
  SessionLimits limits;
  limits.requests = 2;
  OwnListener listener(fixture, {}, limits);
  fixture.probes.add_health_routes(listener.router);
  const std::string said = listener.talk(kOpenGet + kOpenGet + kOpenGet);
  const auto close = said.find("Connection: close");
  EXPECT_NE(close, std::string::npos);
  EXPECT_GT(close, said.find("HTTP/1.1 200", 1)) << "the second answer says so";
  EXPECT_EQ(close, said.rfind("Connection: close"));
  EXPECT_EQ(said.find("HTTP/1.1 200", close), std::string::npos);
}

TEST(ListenerTest, EndsAConnectionThatIsOld) {
  WebFixture fixture(quick());
  SessionTimers timers;
  timers.age = milliseconds(0);
  OwnListener listener(fixture, timers);
  fixture.probes.add_health_routes(listener.router);
  EXPECT_NE(listener.talk(kOpenGet).find("Connection: close"), std::string::npos);
}

TEST(ListenerTest, CannotListenWhereSomebodyElseDoes) {
  WebFixture fixture(quick());
  const OwnListener listener(fixture, {}, {}, fixture.listening.health);
  ASSERT_FALSE(listener.address());
  EXPECT_EQ(listener.address().error().reason(), Reason::config_not_ready);
}

// Holds every file descriptor that is left.
class NoDescriptors {
 public:
  NoDescriptors() {
    getrlimit(RLIMIT_NOFILE, &before_);
    rlimit few = before_;
    few.rlim_cur = 256;
    setrlimit(RLIMIT_NOFILE, &few);
    for (int held = open("/dev/null", O_RDONLY); held >= 0; held = open("/dev/null", O_RDONLY))
      held_.push_back(held);
  }
  ~NoDescriptors() {
    for (const int held : held_)
      close(held);
    setrlimit(RLIMIT_NOFILE, &before_);
  }
  NoDescriptors(const NoDescriptors&) = delete;
  NoDescriptors& operator=(const NoDescriptors&) = delete;

 private:
  rlimit before_{};
  std::vector<int> held_;
};

TEST(ListenerTest, SendsAwayWhoComesWithoutDescriptorsAndGoesOn) {
  WebFixture fixture(quick());
  OwnListener listener(fixture);
  fixture.probes.add_health_routes(listener.router);
  asio::ip::tcp::socket waiting(fixture.loop, asio::ip::tcp::v4());
  {
    const NoDescriptors none;
    boost::system::error_code failure;
    waiting.connect({asio::ip::address_v4::loopback(), listener.address()->port}, failure);
    ASSERT_FALSE(failure);
    fixture.loop.restart();
    fixture.loop.run_for(milliseconds(20));
    EXPECT_EQ(fixture.metrics.connections.value({"health"}), 0);
  }
  EXPECT_EQ(fixture.metrics.connections_closed.value({"health", "refused"}), 1);
  char byte = 0;
  boost::system::error_code closed;
  waiting.read_some(asio::buffer(&byte, 1), closed);
  EXPECT_TRUE(closed) << "told at once, not left in the queue";
  EXPECT_EQ(body_of(listener.talk(get("/livez"))), "ok");
}

TEST(ListenerTest, RefusesConnectionsBeyondItsCapAndHealthStillAnswers) {
  WebOptions options = quick();
  options.seats = {1, 1, 0, 0};
  WebFixture fixture(options);
  const auto held = run_on(fixture.loop, fixture.connect(fixture.listening.admission.port));
  EXPECT_TRUE(fixture.talk(post(kReview)).starts_with("handshake: "));
  EXPECT_EQ(body_of(fixture.talk_health(get("/livez"))), "ok");
}

// A client that goes on while the test does something else.
std::shared_ptr<std::string> start_talk(WebFixture& fixture, std::string bytes) {
  auto said = std::make_shared<std::string>();
  asio::co_spawn(fixture.loop, fixture.talk_tls(std::move(bytes)),
                 [said](std::exception_ptr, std::string text) { *said = std::move(text); });
  return said;
}

Task<bool> wait_until(std::function<bool()> happened) {
  asio::steady_timer timer(co_await asio::this_coro::executor);
  for (int i = 0; i < 5000 && !happened(); ++i) {
    timer.expires_after(milliseconds(1));
    co_await timer.async_wait(kToken);
  }
  co_return happened();
}

TEST(DrainTest, FinishesWhatIsInProgressAndThenEnds) {
  std::size_t asked = 0;
  WebOptions options = quick();
  options.judge.verify = [&asked](Reference image, Workload, std::shared_ptr<const PolicySet>,
                                  Deadline) -> Task<Verdict> {
    ++asked;
    asio::steady_timer timer(co_await asio::this_coro::executor, milliseconds(50));
    co_await timer.async_wait(kToken);
    co_return trusted(image);
  };
  WebFixture fixture(options);
  const auto said = start_talk(fixture, post(kReview, "/validate", ""));
  ASSERT_TRUE(run_on(fixture.loop, wait_until([&asked] { return asked == 1; })));

  run_on(fixture.loop, fixture.server.stop(deadline_in(std::chrono::seconds(5))));

  fixture.loop.restart();
  fixture.loop.run_for(milliseconds(200));
  EXPECT_NE(said->find("\"allowed\":true"), std::string::npos) << *said;
  EXPECT_NE(said->find("Connection: close"), std::string::npos);
}

TEST(DrainTest, EndsIdleConnectionsAtOnce) {
  WebFixture fixture(quick());
  const auto said = start_talk(fixture, post(kReview, "/validate", ""));
  ASSERT_TRUE(
      run_on(fixture.loop, wait_until([&fixture] {
               return fixture.metrics.http_responses.value({"admission", "/validate", "200"}) == 1;
             })));
  const auto before = std::chrono::steady_clock::now();
  run_on(fixture.loop, fixture.server.stop(deadline_in(std::chrono::seconds(30))));
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(5));
}

TEST(DrainTest, CancelsWhatIsNotDoneAtTheDeadline) {
  std::size_t asked = 0;
  WebOptions options = quick();
  options.judge.verify = [&asked](Reference image, Workload, std::shared_ptr<const PolicySet>,
                                  Deadline deadline) -> Task<Verdict> {
    ++asked;
    asio::steady_timer timer(co_await asio::this_coro::executor, deadline);
    co_await timer.async_wait(kToken);
    co_return trusted(image);
  };
  WebFixture fixture(options);
  const auto said = start_talk(fixture, post(kReview));
  ASSERT_TRUE(run_on(fixture.loop, wait_until([&asked] { return asked == 1; })));
  const auto before = std::chrono::steady_clock::now();

  run_on(fixture.loop, fixture.server.stop(deadline_in(milliseconds(50))));

  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(3));
  EXPECT_EQ(said->find("\"allowed\":true"), std::string::npos);
}

TEST(DrainTest, KeepsServingButIsNotReadyUntilItStops) {
  WebFixture fixture(quick());
  fixture.server.begin_drain();
  EXPECT_EQ(status_of(fixture.talk_health(get("/readyz"))), 503);
  EXPECT_EQ(status_of(fixture.talk_health(get("/livez"))), 200);
  const std::string reply = fixture.talk(post(kReview, "/validate", ""));
  EXPECT_EQ(status_of(reply), 200);
  EXPECT_NE(reply.find("Connection: close"), std::string::npos);
}

}  // namespace
}  // namespace signet
