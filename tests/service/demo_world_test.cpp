// The whole service in process, on the images of the demonstration: real TLS, real reviews, real
// signatures.

#include <gtest/gtest.h>

#include "core/base/text.hpp"
#include "server/cli/demo_world.hpp"
#include "tests/service/running_service.hpp"

namespace signet {
namespace {

class DemoWorldTest : public ::testing::Test {
 protected:
  DemoWorldTest() {
    std::filesystem::create_directory(directory.path() / "layout");
    world = *make_demo_world((directory.path() / "layout").string(), now());
    config.policies = {directory.write("policy.yaml", world.policy)};
    config.registry.layouts.emplace_back(world.repository, (directory.path() / "layout").string());
  }

  static TimePoint now() { return *make_time(2026, 11, 1, 12, 0, 0); }

  std::string pinned(const RunningService& service, const std::string& tag) const {
    return service.post("/mutate", demo_review("pod", cat(world.repository, ":", tag))).pinned;
  }

  TemporaryDirectory directory;
  DemoWorld world;
  Config config = RunningService::loopback();
};

TEST_F(DemoWorldTest, EachImageIsDecidedForItsOwnReason) {
  const std::vector<std::pair<const char*, const char*>> rows = {
      {"signed", ""},
      {"unsigned", "no_signature"},
      {"foreign-ca", "chain_untrusted"},
      {"wrong-identity", "identity_mismatch"},
      {"expired", "chain_expired"},
      {"tampered", "signature_invalid"},
  };
  const RunningService service(config, now);
  for (const auto& [tag, reason] : rows) {
    SCOPED_TRACE(tag);
    const std::string image = pinned(service, tag);
    const DemoAnswer answer = service.post("/validate", demo_review("pod", image));
    EXPECT_EQ(answer.allowed, std::string(reason).empty());
    EXPECT_NE(answer.message.find(reason), std::string::npos) << answer.message;
    if (answer.allowed) continue;
    EXPECT_TRUE(answer.message.starts_with(cat("image ", world.repository))) << answer.message;
    EXPECT_NE(answer.message.find("ask #team-platform"), std::string::npos) << answer.message;
    EXPECT_NE(answer.message.find("fix:"), std::string::npos) << answer.message;
  }
}

TEST_F(DemoWorldTest, AMutationPinsTheTagAndKeepsTheSpelling) {
  const RunningService service(config, now);

  const std::string image = pinned(service, "unsigned");

  EXPECT_TRUE(image.starts_with(cat(world.repository, ":unsigned@sha256:"))) << image;
}

TEST_F(DemoWorldTest, AnUnpinnedTagIsDeniedByValidation) {
  const RunningService service(config, now);

  const DemoAnswer answer =
      service.post("/validate", demo_review("pod", cat(world.repository, ":signed")));

  EXPECT_FALSE(answer.allowed);
  EXPECT_NE(answer.message.find("unpinned"), std::string::npos) << answer.message;
}

TEST_F(DemoWorldTest, AnUnpinnedTagIsJudgedWhereTheSettingAllowsIt) {
  config.unpinned = Unpinned::allow;
  const RunningService service(config, now);

  EXPECT_TRUE(
      service.post("/validate", demo_review("pod", cat(world.repository, ":signed"))).allowed);
  EXPECT_FALSE(
      service.post("/validate", demo_review("pod", cat(world.repository, ":expired"))).allowed);
}

TEST_F(DemoWorldTest, AnImageThatNoPolicyCoversIsDenied) {
  const RunningService service(config, now);

  const DemoAnswer answer =
      service.post("/validate", demo_review("pod", "docker.io/library/nginx:1.27"));

  EXPECT_FALSE(answer.allowed);
  EXPECT_NE(answer.message.find("no_policy_deny"), std::string::npos) << answer.message;
}

TEST_F(DemoWorldTest, ABrokenReferenceIsDeniedWithItsReason) {
  const RunningService service(config, now);

  const DemoAnswer answer =
      service.post("/validate", demo_review("pod", "registry.example/Shop%20:1"));

  EXPECT_FALSE(answer.allowed);
  EXPECT_NE(answer.message.find("invalid_reference"), std::string::npos) << answer.message;
}

TEST_F(DemoWorldTest, APolicyThatWasNeverValidDeniesWhatItWouldMatch) {
  const std::string broken =
      cat(world.policy, "---\napiVersion: signet.dev/v1alpha1\nkind: ClusterTrustPolicy\n",
          "metadata: {name: broken}\nspec:\n  match: {images: [\"registry.example/**\"]}\n",
          "  surprise: true\n");
  config.policies = {directory.write("broken.yaml", broken)};
  const RunningService service(config, now);

  const DemoAnswer answer =
      service.post("/validate", demo_review("pod", pinned(service, "signed")));

  EXPECT_FALSE(answer.allowed);
  EXPECT_NE(answer.message.find("policy_invalid"), std::string::npos) << answer.message;
}

}  // namespace
}  // namespace signet
