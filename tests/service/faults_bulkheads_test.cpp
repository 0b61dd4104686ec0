// Bulkheads: what a slow or broken registry, or a herd of one namespace, may cost others
// (security.md 4.4).

#include <future>
#include <thread>

#include "server/net/breaker.hpp"
#include "server/net/retry.hpp"
#include "tests/service/registry_stage.hpp"

namespace signet {
namespace {

using namespace std::chrono_literals;
using testing::FakeConduct;
using testing::FakeRegistry;
using testing::FakeRegistryServer;
using testing::FakeReply;

// ---- the client alone, with many requests at once

class BulkheadFaults : public ::testing::Test {
 protected:
  BulkheadFaults() {
    digest = registry.put_manifest("shop/app", body);
    settings.net.ca_pem = server.ca_pem();
    settings.net.system_anchors = false;
    settings.net.addresses.enabled = false;
    settings.net.turns.per_origin = 4;
    settings.net.turns.waiting_per_origin = 200;
    settings.net.timers.attempt = 30s;
    settings.net.timers.operation = 60s;
  }
  // Builds the whole path of a request as the program does.
  void start() {
    https = *HttpsTransport::make(loop.get_executor(), resolver, settings.net);
    retrying = std::make_unique<RetryingTransport>(
        *https, [] { return TimePoint(); }, [] { return 0.0; }, settings.net.timers);
    breaking = std::make_unique<BreakingTransport>(*retrying, BreakingTransport::Told());
    client = std::make_unique<RegistryClient>(
        loop.get_executor(), *breaking, [] { return TimePoint(); }, settings);
  }
  Task<void> fetch(std::string tenant, std::string name) {
    Access access;
    access.tenant = tenant;
    Repository app = *Repository::parse(cat(server.host(), "/shop/app"));
    const auto found =
        co_await client->manifest(std::move(app), std::move(name), access, deadline_in(60s));
    const Reason reason = found ? Reason::verified : found.error().reason();
    ended.emplace_back(std::move(tenant), reason);
  }
  void send(const std::string& tenant, const std::string& name) {
    asio::co_spawn(loop, fetch(tenant, name), [](const std::exception_ptr&) {});
  }
  void run_until_ended(std::size_t requests) {
    loop.restart();
    const auto last = std::chrono::steady_clock::now() + 60s;
    while (ended.size() < requests && std::chrono::steady_clock::now() < last)
      loop.run_one_until(last);
    ASSERT_EQ(ended.size(), requests);
  }
  std::size_t count(const std::string& tenant, Reason reason) const {
    return static_cast<std::size_t>(
        std::count(ended.begin(), ended.end(), std::make_pair(tenant, reason)));
  }

  const std::string body = R"({"schemaVersion":2})";
  FakeRegistry registry;
  FakeRegistryServer server{registry};
  Digest digest = Digest::of(body);
  RegistrySettings settings;
  asio::io_context loop;
  SystemResolver resolver{loop.get_executor()};
  std::unique_ptr<HttpsTransport> https;
  std::unique_ptr<RetryingTransport> retrying;
  std::unique_ptr<BreakingTransport> breaking;
  std::unique_ptr<RegistryClient> client;
  std::vector<std::pair<std::string, Reason>> ended;  // in this order
};

// A thousand different images of one namespace on a slow registry.
TEST_F(BulkheadFaults, FI28_AHerdIsShedEarlyAndHoldsBackNobody) {
  registry.delay = 5ms;
  start();
  for (int i = 0; i < 1000; ++i)
    send("herd", cat("image-", std::to_string(i)));
  send("other", digest.str());
  run_until_ended(1001);

  EXPECT_EQ(count("herd", Reason::overloaded), 797U);  // all but those at work and in the queue
  EXPECT_EQ(count("herd", Reason::image_not_found), 203U);
  EXPECT_EQ(count("other", Reason::verified), 1U);
  EXPECT_LE(server.connections(), 4U);
  // It waited for one turn, not for the herd.
  const auto served = std::count_if(ended.begin(), ended.end(), [](const auto& outcome) {
    return outcome.second == Reason::image_not_found;
  });
  const auto position =
      std::find(ended.begin(), ended.end(), std::make_pair(std::string("other"), Reason::verified));
  const auto before = std::count_if(ended.begin(), position, [](const auto& outcome) {
    return outcome.second == Reason::image_not_found;
  });
  EXPECT_LT(before, served / 4);
}

TEST_F(BulkheadFaults, FI28_WithoutAHerdNothingIsShed) {
  registry.delay = 5ms;
  start();
  for (int i = 0; i < 200; ++i)
    send("herd", cat("image-", std::to_string(i)));
  send("other", digest.str());
  run_until_ended(201);

  EXPECT_EQ(count("herd", Reason::overloaded), 0U);
  EXPECT_EQ(count("other", Reason::verified), 1U);
}

// Replies that are all being read at once.
TEST_F(BulkheadFaults, FI26_LargeRepliesTogetherStayWithinTheirBudget) {
  const std::string large(2 * kMiB, 'x');
  const Digest big = registry.put_manifest("shop/app", large);
  settings.net.turns.per_origin = 50;
  settings.net.reply_bytes = 16 * kMiB;
  registry.fail(cat("GET /v2/shop/app/manifests/", big.str()),
                FakeReply{200,
                          {{"Content-Length", std::to_string(large.size() + 1)}},
                          large,
                          FakeConduct::stalls_after_the_body});
  settings.net.timers.between_reads = 1s;
  start();
  for (int i = 0; i < 50; ++i)
    send("a", big.str());
  run_until_ended(50);

  EXPECT_GE(count("a", Reason::overloaded), 40U);
  // Their room is free again: a small reply finds some, and so does one of them that is sound.
  registry.heal();
  ended.clear();
  send("a", big.str());
  run_until_ended(1);
  EXPECT_EQ(count("a", Reason::verified), 1U);
}

TEST_F(BulkheadFaults, AClosedRegistryIsNotAskedAndOthersAre) {
  registry.fail("GET /v2/shop/app/manifests/broken", FakeReply{503, {}, ""});
  start();
  for (int i = 0; i < 5; ++i) {
    ended.clear();
    send(i % 2 == 0 ? "a" : "b", "broken");
    run_until_ended(1);
  }
  const std::size_t asked = registry.requests().size();

  ended.clear();
  send("c", digest.str());
  run_until_ended(1);

  EXPECT_EQ(count("c", Reason::registry_unreachable), 1U);
  EXPECT_EQ(registry.requests().size(), asked);
}

TEST_F(BulkheadFaults, OneNamespaceWithABrokenImageClosesNothingForOthers) {
  registry.fail("GET /v2/shop/app/manifests/broken", FakeReply{503, {}, ""});
  start();
  for (int i = 0; i < 20; ++i) {
    ended.clear();
    send("a", "broken");
    run_until_ended(1);
  }

  ended.clear();
  send("c", digest.str());
  run_until_ended(1);

  EXPECT_EQ(count("c", Reason::verified), 1U);
}

// ---- the whole service, with two registries

class TwoRegistriesFaults : public RegistryStage {
 protected:
  TwoRegistriesFaults() {
    push_signed("1", {Format::legacy});
    for (int i = 0; i < kSlow; ++i)
      slow.put_manifest("shop/app", manifest({}) + std::string(static_cast<std::size_t>(i), ' '),
                        tag(i));
  }
  static std::string tag(int number) { return cat("slow-", std::to_string(number)); }

  Config both() {
    Config settings = config();
    std::string other = policy();
    const std::string there = slow_server.host();
    for (std::size_t at = 0; (at = other.find(host(), at)) != std::string::npos; at += there.size())
      other.replace(at, host().size(), there);
    const std::size_t name = other.find("{name: shop}");
    other.replace(name, 12, "{name: slow}");
    settings.policies.push_back(directory.write("slow.yaml", other));
    settings.registry.ca_files.push_back(directory.write("slow-ca.pem", slow_server.ca_pem()));
    return settings;
  }
  DemoAnswer ask_slow(const RunningService& service, int number) const {
    const std::string review =
        demo_review("pod", cat(slow_server.host(), "/shop/app:", tag(number)));
    const auto reply = service.send("/validate?timeout=3s", review);
    const auto answer = reply ? read_demo_answer(reply->body) : Result<DemoAnswer>(reply.error());
    return answer ? *answer : DemoAnswer();
  }

  static constexpr int kSlow = 20;
  FakeRegistry slow;
  FakeRegistryServer slow_server{slow};
};

TEST_F(TwoRegistriesFaults, FI41_ASlowRegistryDoesNotSlowAnother) {
  FakeReply hang;
  hang.conduct = FakeConduct::stalls;
  slow.fail("HEAD", hang);
  const RunningService service(both(), now);
  std::vector<std::future<DemoAnswer>> waiting;
  for (int i = 0; i < kSlow; ++i)
    waiting.push_back(std::async(std::launch::async, [&, i] { return ask_slow(service, i); }));
  const auto last = std::chrono::steady_clock::now() + 30s;
  while (slow.requests().size() < 16 && std::chrono::steady_clock::now() < last)
    std::this_thread::yield();

  // All turns of the slow registry are taken; this answer needs four requests of the other.
  const DemoAnswer healthy = ask(service, "1");

  EXPECT_TRUE(healthy.allowed) << healthy.message;
  std::size_t still_waiting = 0;
  for (const auto& answer : waiting)
    if (answer.wait_for(0s) != std::future_status::ready) ++still_waiting;
  EXPECT_GT(still_waiting, 0U);
  for (auto& answer : waiting) {
    const DemoAnswer denied = answer.get();
    EXPECT_FALSE(denied.allowed);
    EXPECT_EQ(denied.message.find("no_signature"), std::string::npos) << denied.message;
  }
  // Without the fault the same images are looked at: they are not signed.
  slow.heal();
  const RunningService anew(both(), now);
  const DemoAnswer answered = ask_slow(anew, 0);
  EXPECT_NE(answered.message.find("no_signature"), std::string::npos) << answered.message;
}

}  // namespace
}  // namespace signet
