// FI-32: the API server grants one second.

#include "tests/service/registry_stage.hpp"

namespace signet {
namespace {

class Faults : public RegistryStage {
 protected:
  struct Timed {
    DemoAnswer answer;
    Json response;
    std::chrono::steady_clock::duration took;
  };

  Timed ask_within(const RunningService& service, const std::string& target,
                   const std::string& timeout) const {
    const auto start = std::chrono::steady_clock::now();
    const auto reply = service.send(cat(target, "?timeout=", timeout),
                                    demo_review("pod", cat(host(), "/", path, ":1")));
    const auto took = std::chrono::steady_clock::now() - start;
    if (!reply) throw std::runtime_error(reply.error().what());
    return Timed{*read_demo_answer(reply->body), Json::parse(reply->body)["response"], took};
  }

  void hang() {
    testing::FakeReply stalls;
    stalls.conduct = testing::FakeConduct::stalls;
    registry.fail(cat("HEAD /v2/", path, "/manifests/1"), stalls);
    registry.fail(cat("GET /v2/", path, "/manifests/1"), stalls);
  }
};

TEST_F(Faults, FI32_AHangingRegistryIsADenialWellInsideOneSecond) {
  push_signed("1", {Format::legacy});
  {
    // Without the fault the same review in the same time is allowed.
    const RunningService service(config(), now);
    EXPECT_TRUE(ask_within(service, "/validate", "1s").answer.allowed);
  }
  hang();
  const RunningService service(config(), now);
  registry.forget_requests();
  const Timed denied = ask_within(service, "/validate", "1s");
  EXPECT_FALSE(registry.requests().empty());  // the fault was met
  EXPECT_FALSE(denied.answer.allowed);
  EXPECT_LT(denied.took, std::chrono::milliseconds(900));
  EXPECT_FALSE(denied.response["status"]["details"].contains("retryAfterSeconds"));
  EXPECT_NE(denied.answer.message.find(host()), std::string::npos) << denied.answer.message;
}

TEST_F(Faults, FI32_MutationAllowsUnpatchedWellInsideOneSecond) {
  push_signed("1", {Format::legacy});
  {
    const RunningService service(config(), now);
    EXPECT_FALSE(ask_within(service, "/mutate", "1s").answer.pinned.empty());
  }
  hang();
  const RunningService service(config(), now);
  const Timed unpatched = ask_within(service, "/mutate", "1s");
  EXPECT_TRUE(unpatched.answer.allowed);
  EXPECT_TRUE(unpatched.answer.pinned.empty());
  EXPECT_EQ(unpatched.answer.warnings.size(), 1U);
  EXPECT_LT(unpatched.took, std::chrono::milliseconds(900));
}

}  // namespace
}  // namespace signet
