// How many requests a registry sees for an image: each one is latency that every pod pays.

#include "tests/service/registry_stage.hpp"

namespace signet {
namespace {

class RequestCountTest : public RegistryStage {
 protected:
  RequestCountTest() { registry.login = testing::FakeLogin::bearer; }

  // Asks for an image that must be admitted, and counts.
  std::size_t requests_for(const RunningService& service, const std::string& tag) {
    registry.forget_requests();
    const DemoAnswer answer = ask(service, tag);
    EXPECT_TRUE(answer.allowed) << answer.message;
    for (const std::string& request : registry.requests())
      said += request + "\n";
    return registry.requests().size();
  }

  std::string said;
};

TEST_F(RequestCountTest, ALegacySignatureTakesFiveRequestsAtFirstAndThreeForTheNextImage) {
  push_signed("1", {Format::legacy});
  push_signed("2", {Format::legacy});
  const RunningService service(config(), now);

  EXPECT_EQ(requests_for(service, "1"), 5u) << said;
  EXPECT_EQ(requests_for(service, "2"), 3u) << said;
}

TEST_F(RequestCountTest, ABundleTakesSixRequestsAtFirstAndFourForTheNextImage) {
  push_signed("1", {Format::bundle});
  push_signed("2", {Format::bundle});
  const RunningService service(config(), now);

  EXPECT_EQ(requests_for(service, "1"), 6u) << said;
  EXPECT_EQ(requests_for(service, "2"), 4u) << said;
}

TEST_F(RequestCountTest, APayloadThatCannotBeSynthesisedTakesOneMore) {
  const Digest image = push("1");
  sign_with(image, test::signer().legacy(test::payload_for(image) + "\n"));
  const RunningService service(config(), now);

  EXPECT_EQ(requests_for(service, "1"), 6u) << said;
}

TEST_F(RequestCountTest, WithoutAReferrersApiTheFirstImageTakesOneMore) {
  registry.referrers = testing::FakeReferrers::none;
  push_signed("1", {Format::legacy});
  push_signed("2", {Format::legacy});
  const RunningService service(config(), now);

  EXPECT_EQ(requests_for(service, "1"), 6u) << said;
  EXPECT_EQ(requests_for(service, "2"), 3u) << said;
}

TEST_F(RequestCountTest, WhereBothFormatsLieAndTheBundleDoesNotCountThereIsOneMore) {
  const Digest image = push("1");
  sign_with(image, test::signer().bundle(test::statement_for(test::other_image())));
  sign(image, Format::legacy);
  const RunningService service(config(), now);

  EXPECT_LE(requests_for(service, "1"), 7u) << said;
}

}  // namespace
}  // namespace signet
