// What is remembered, while registries fail, change their mind, or are asked by everybody at once.

#include <atomic>

#include "tests/service/registry_stage.hpp"

namespace signet {
namespace {

using testing::FakeConduct;
using testing::FakeReply;
using namespace std::chrono_literals;

class MemoryFaults : public RegistryStage {
 protected:
  // What ages does so only when the test says so.
  Config config() {
    Config config = RegistryStage::config();
    config.ticks = [this] { return start + std::chrono::milliseconds(passed_ms); };
    return config;
  }
  void pass(std::chrono::milliseconds span) { passed_ms += span.count(); }

  std::string review_of(const Digest& image) const {
    return demo_review("pod", cat(host(), "/", path, "@", image.str()));
  }

  void take_down() {
    FakeReply dropped;
    dropped.conduct = FakeConduct::drops;
    registry.fail("", dropped);
  }

  std::size_t asked_for(const std::string& line) const {
    const auto requests = registry.requests();
    return static_cast<std::size_t>(
        std::count_if(requests.begin(), requests.end(),
                      [&](const std::string& request) { return request.starts_with(line); }));
  }

  const Deadline start = std::chrono::steady_clock::now();
  std::atomic<long> passed_ms = 0;
};

TEST_F(MemoryFaults, FI01_WhatIsRememberedIsAdmittedWhileTheRegistryIsDownAndNothingElse) {
  const Digest known = push_signed("1", {Format::legacy});
  const Digest unknown = push_signed("2", {Format::legacy});
  const RunningService service(config(), now);
  ASSERT_TRUE(service.post("/validate", review_of(known)).allowed);
  take_down();

  EXPECT_TRUE(service.post("/validate", review_of(known)).allowed);
  const DemoAnswer refused = service.post("/validate", review_of(unknown));
  EXPECT_FALSE(refused.allowed);
  EXPECT_NE(refused.message.find("registry_unreachable"), std::string::npos) << refused.message;
  pass(10min);
  EXPECT_TRUE(service.post("/validate", review_of(known)).allowed);
  pass(1h);
  EXPECT_FALSE(service.post("/validate", review_of(known)).allowed);
}

TEST_F(MemoryFaults, FI13_ATagThatMovesIsPinnedToWhatWasVerified) {
  const Digest verified = push_signed("1", {Format::legacy});
  const RunningService service(config(), now);

  const std::string pinned =
      service.post("/mutate", demo_review("pod", cat(host(), "/", path, ":1"))).pinned;
  registry.put_manifest(path, manifest({registry.put_blob("another layer")}), "1");

  EXPECT_TRUE(pinned.ends_with(verified.str())) << pinned;
  EXPECT_TRUE(service.post("/validate", demo_review("pod", pinned)).allowed);
  EXPECT_EQ(asked_for(cat("HEAD /v2/", path, "/manifests/1")), 1u);
  // What the tag means now is not signed, and asking by tag finds out.
  EXPECT_FALSE(ask(service, "1").allowed);
}

TEST_F(MemoryFaults, FI13_ATagThatStaysIsAdmitted) {
  push_signed("1", {Format::legacy});
  const RunningService service(config(), now);

  EXPECT_TRUE(ask(service, "1").allowed);
  EXPECT_TRUE(ask(service, "1").allowed);
}

TEST_F(MemoryFaults, FI14_ASignatureThatAppearsLaterIsFound) {
  const Digest image = push("1");
  const RunningService service(config(), now);
  const DemoAnswer before = service.post("/validate", review_of(image));
  EXPECT_NE(before.message.find("no_signature"), std::string::npos) << before.message;
  sign(image, Format::legacy);

  pass(15s - 1ms);
  EXPECT_FALSE(service.post("/validate", review_of(image)).allowed);
  pass(1ms);
  EXPECT_TRUE(service.post("/validate", review_of(image)).allowed);
}

class HerdFaults : public MemoryFaults {
 protected:
  struct Client {
    asio::io_context loop{1};
    SystemResolver resolver{loop.get_executor()};
    std::unique_ptr<HttpsTransport> transport;
  };

  // How many of `count` reviews at once are admitted.
  static std::size_t admitted_of(const RunningService& service, const std::string& review,
                                 std::size_t count) {
    Client client;
    NetSettings net;
    net.ca_pem = service.certificate_pem();
    net.addresses.enabled = false;
    net.turns.per_origin = count;
    net.turns.in_all = count;
    for (auto* const timer :
         {&net.timers.connect, &net.timers.connect_one, &net.timers.handshake, &net.timers.write,
          &net.timers.first_byte, &net.timers.attempt, &net.timers.operation})
      *timer = 60s;
    client.transport =
        std::move(*HttpsTransport::make(client.loop.get_executor(), client.resolver, net));
    HttpRequest request("POST", *Url::parse(cat("https://", service.listening().admission.str(),
                                                "/validate?timeout=30s")));
    request.headers.emplace_back("Content-Type", "application/json");
    request.body = review;
    std::size_t admitted = 0;
    for (std::size_t i = 0; i < count; ++i) {
      asio::co_spawn(client.loop, post(*client.transport, request, admitted),
                     [](const std::exception_ptr&) {});
    }
    const auto last = std::chrono::steady_clock::now() + 90s;
    while (client.loop.run_one_until(last) != 0) {
    }
    return admitted;
  }

 private:
  static Task<void> post(HttpsTransport& transport, HttpRequest request, std::size_t& admitted) {
    const auto reply = co_await transport.send(std::move(request), deadline_in(90s));
    if (!reply) co_return;
    const auto answer = read_demo_answer(reply->body);
    if (answer && answer->allowed) ++admitted;
  }
};

TEST_F(HerdFaults, FI27_AThousandReviewsOfOneUnknownImageAreOneColdReview) {
  const Digest image = push_signed("1", {Format::legacy});
  const RunningService alone(config(), now);
  ASSERT_TRUE(alone.post("/validate", review_of(image)).allowed);
  const std::size_t cold = registry.requests().size();
  registry.forget_requests();
  const RunningService service(config(), now);

  EXPECT_EQ(admitted_of(service, review_of(image), 1000), 1000u);
  EXPECT_EQ(registry.requests().size(), cold);
}

}  // namespace
}  // namespace signet
