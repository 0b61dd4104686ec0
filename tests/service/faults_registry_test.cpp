// What a registry may do wrong, and the answer that each fault has: its own reason, never "not
// signed", never admitted, never later than the API server waits.

#include "tests/service/registry_stage.hpp"

namespace signet {
namespace {

using testing::FakeConduct;
using testing::FakeReply;

class RegistryFaultsTest : public RegistryStage {
 protected:
  RegistryFaultsTest() { image = push_signed("1", {Format::legacy}); }

  std::string tag_line() const { return cat("HEAD /v2/", path, "/manifests/1"); }
  std::string signature_line() const {
    return cat("GET /v2/", path, "/manifests/sha256-", image.hex_part(), ".sig");
  }
  std::string referrers_line() const { return cat("GET /v2/", path, "/referrers/"); }

  void expect_unchecked(const DemoAnswer& answer, const std::string& reason) const {
    EXPECT_FALSE(answer.allowed);
    EXPECT_NE(answer.message.find(reason), std::string::npos) << answer.message;
    EXPECT_NE(answer.message.find("could not be checked"), std::string::npos) << answer.message;
    EXPECT_EQ(answer.message.find("no_signature"), std::string::npos) << answer.message;
  }

  static FakeReply status(unsigned code) {
    FakeReply reply;
    reply.status = code;
    return reply;
  }

  static FakeReply conduct(FakeConduct what) {
    FakeReply reply;
    reply.conduct = what;
    return reply;
  }

  Digest image = Digest::of("none yet");
};

TEST_F(RegistryFaultsTest, TheImageIsAdmittedWhileNothingIsWrong) {
  const RunningService service(config(), now);

  const DemoAnswer answer = ask(service, "1");

  EXPECT_TRUE(answer.allowed) << answer.message;
}

// A status of a registry and the reason it must become.
struct StatusRow {
  unsigned status;
  const char* reason;
};

class TagStatusTest : public RegistryFaultsTest, public ::testing::WithParamInterface<StatusRow> {};

TEST_P(TagStatusTest, EachStatusOfATagHasItsOwnReason) {
  registry.fail(tag_line(), status(GetParam().status));
  registry.fail(cat("GET /v2/", path, "/manifests/1"), status(GetParam().status));
  const RunningService service(config(), now);

  expect_unchecked(ask(service, "1"), GetParam().reason);
}

INSTANTIATE_TEST_SUITE_P(Statuses, TagStatusTest,
                         ::testing::Values(StatusRow{401, "registry_auth"},
                                           StatusRow{403, "registry_forbidden"},
                                           StatusRow{404, "image_not_found"},
                                           StatusRow{429, "registry_rate_limited"},
                                           StatusRow{500, "registry_unreachable"},
                                           StatusRow{503, "registry_unreachable"}),
                         [](const auto& row) { return std::to_string(row.param.status); });

class SignatureStatusTest : public RegistryFaultsTest,
                            public ::testing::WithParamInterface<StatusRow> {};

TEST_P(SignatureStatusTest, AFailingSignatureLookUpIsNotAMissingSignature) {
  registry.fail(signature_line(), status(GetParam().status));
  const RunningService service(config(), now);

  expect_unchecked(ask(service, "1"), GetParam().reason);
}

INSTANTIATE_TEST_SUITE_P(Statuses, SignatureStatusTest,
                         ::testing::Values(StatusRow{403, "registry_forbidden"},
                                           StatusRow{429, "registry_rate_limited"},
                                           StatusRow{500, "registry_unreachable"}),
                         [](const auto& row) { return std::to_string(row.param.status); });

TEST_F(RegistryFaultsTest, ASignatureManifestOfHtmlIsAProtocolError) {
  FakeReply html;
  html.headers = {{"Content-Type", "text/html"}};
  html.body = "<html>please log in</html>";
  registry.fail(signature_line(), html);
  const RunningService service(config(), now);

  const DemoAnswer answer = ask(service, "1");

  EXPECT_FALSE(answer.allowed);
  EXPECT_NE(answer.message.find("registry_protocol"), std::string::npos) << answer.message;
  EXPECT_EQ(answer.message.find("please log in"), std::string::npos) << answer.message;
}

TEST_F(RegistryFaultsTest, ABlobOfAnotherDigestIsRefused) {
  const Digest other = push("2");
  sign_with(other, test::signer().legacy(test::payload_for(other) + "\n"));
  FakeReply wrong;
  wrong.body = std::string(test::payload_for(other).size() + 1, 'x');
  registry.fail(cat("GET /v2/", path, "/blobs/"), wrong);
  const RunningService service(config(), now);

  const DemoAnswer answer = ask(service, "2");

  EXPECT_FALSE(answer.allowed);
  EXPECT_NE(answer.message.find("digest_mismatch"), std::string::npos) << answer.message;
}

TEST_F(RegistryFaultsTest, ABodyThatEndsEarlyIsUnchecked) {
  registry.fail(signature_line(), conduct(FakeConduct::cuts_the_body));
  const RunningService service(config(), now);

  const DemoAnswer answer = ask(service, "1");

  EXPECT_FALSE(answer.allowed);
  EXPECT_EQ(answer.message.find("no_signature"), std::string::npos) << answer.message;
}

TEST_F(RegistryFaultsTest, ABodyFarBeyondTheLimitIsCutThere) {
  FakeReply huge;
  huge.body = std::string(30 * kMiB, 'x');
  huge.headers = {{"Content-Type", "application/vnd.oci.image.manifest.v1+json"}};
  registry.fail(signature_line(), huge);
  const RunningService service(config(), now);

  const DemoAnswer answer = ask(service, "1");

  EXPECT_FALSE(answer.allowed);
  EXPECT_NE(answer.message.find("limit_exceeded"), std::string::npos) << answer.message;
}

TEST_F(RegistryFaultsTest, ASilentRegistryIsAnsweredBeforeTheDeadline) {
  registry.fail(tag_line(), conduct(FakeConduct::stalls));
  const RunningService service(config(), now);
  const std::string review = demo_review("pod", cat(host(), "/", path, ":1"));

  const auto reply = service.send("/validate?timeout=2s", review);

  ASSERT_TRUE(reply) << reply.error().what();
  const auto answer = read_demo_answer(reply->body);
  ASSERT_TRUE(answer) << reply->body;
  EXPECT_FALSE(answer->allowed);
  EXPECT_EQ(answer->message.find("no_signature"), std::string::npos) << answer->message;
}

TEST_F(RegistryFaultsTest, ARegistryThatHangsUpIsUnreachable) {
  registry.fail(tag_line(), conduct(FakeConduct::drops));
  const RunningService service(config(), now);

  expect_unchecked(ask(service, "1"), "registry_unreachable");
}

TEST_F(RegistryFaultsTest, AManifestRedirectToAnotherHostIsNotFollowed) {
  FakeReply elsewhere;
  elsewhere.status = 307;
  elsewhere.headers = {{"Location", "https://elsewhere.example/v2/x"}};
  registry.fail(signature_line(), elsewhere);
  const RunningService service(config(), now);

  const DemoAnswer answer = ask(service, "1");

  EXPECT_FALSE(answer.allowed);
  EXPECT_EQ(answer.message.find("no_signature"), std::string::npos) << answer.message;
}

TEST_F(RegistryFaultsTest, ARegistryOfAnUnknownCaIsATlsError) {
  Config untrusting = config();
  untrusting.registry.ca_files.clear();
  const RunningService service(untrusting, now);

  expect_unchecked(ask(service, "1"), "registry_tls");
}

TEST_F(RegistryFaultsTest, APrivateAddressIsNotDialledUnlessItIsAllowed) {
  Config strict = config();
  strict.registry.allow_private.clear();
  const RunningService service(strict, now);

  expect_unchecked(ask(service, "1"), "registry_blocked");
  EXPECT_EQ(server.connections(), 0u);
}

}  // namespace
}  // namespace signet
