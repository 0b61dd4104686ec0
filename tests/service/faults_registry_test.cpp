// What a registry may answer wrongly, and the verdict that each fault has (security.md 4.4): its
// own reason, never "not signed", never admitted, never later than the API server waits. Each
// scenario is admitted once the fault is gone.

#include "tests/service/registry_faults.hpp"

namespace signet {
namespace {

using testing::FakeConduct;
using testing::FakeLogin;
using testing::FakeRegistry;
using testing::FakeRegistryServer;

// ---- no connection, no answer

TEST_F(RegistryFaults, FI01_ARefusedConnectionIsUnreachable) {
  asio::io_context loop;
  asio::ip::tcp::acceptor closed(loop, {asio::ip::make_address("127.0.0.1"), 0});
  const std::string nobody = cat("127.0.0.1:", std::to_string(closed.local_endpoint().port()));
  closed.close();

  expect_unchecked(ask_at(nobody), "registry_unreachable");
  EXPECT_TRUE(ask_at(host()).allowed);
}

TEST_F(RegistryFaults, FI01_ARegistryThatHangsUpIsUnreachableAfterTwoRepetitions) {
  expect_unchecked_by(tag_line(), conduct(FakeConduct::drops), "registry_unreachable");

  registry.forget_requests();
  registry.fail(tag_line(), conduct(FakeConduct::drops));
  ask_anew(config());
  EXPECT_LE(asked(tag_line()), 3U);
}

TEST_F(RegistryFaults, FI02_ARegistryThatAcceptsAndHangsIsATimeoutThatNamesIt) {
  registry.fail(tag_line(), conduct(FakeConduct::stalls));

  const DemoAnswer answer = ask_anew(config());

  expect_unchecked(answer, "registry_timeout");
  EXPECT_NE(answer.message.find(host()), std::string::npos) << answer.message;
  expect_admitted_without_the_fault();
}

TEST_F(RegistryFaults, FI02_SoIsOneThatHangsOnAKeptConnection) {
  push_signed("2", {Format::legacy});
  const RunningService service(config(), now);
  ASSERT_TRUE(ask(service, "1").allowed);
  const std::size_t connections = server.connections();
  registry.fail(tag_line("2"), conduct(FakeConduct::stalls));

  const DemoAnswer answer = ask(service, "2");

  expect_unchecked(answer, "registry_timeout");
  EXPECT_NE(answer.message.find(host()), std::string::npos) << answer.message;
  EXPECT_EQ(server.connections(), connections);
  registry.heal();
  EXPECT_TRUE(ask(RunningService(config(), now), "2").allowed);
}

TEST_F(RegistryFaults, FI02_OneThatNeverShakesHandsIsATimeout) {
  asio::io_context loop;
  const asio::ip::tcp::acceptor deaf(loop, {asio::ip::make_address("127.0.0.1"), 0});

  expect_unchecked(ask_at(cat("127.0.0.1:", std::to_string(deaf.local_endpoint().port()))),
                   "registry_timeout");
  EXPECT_TRUE(ask_at(host()).allowed);
}

TEST_F(RegistryFaults, FI02_TheAnswerComesBeforeTheCallersTimeout) {
  registry.fail(tag_line(), conduct(FakeConduct::stalls));
  const RunningService service(config(), now);
  const std::string review = demo_review("pod", cat(host(), "/", path, ":1"));

  const auto reply = service.send("/validate?timeout=2s", review);

  ASSERT_TRUE(reply) << reply.error().what();
  const auto answer = read_demo_answer(reply->body);
  ASSERT_TRUE(answer) << reply->body;
  EXPECT_FALSE(answer->allowed);
  EXPECT_EQ(answer->message.find("no_signature"), std::string::npos) << answer->message;
  expect_admitted_without_the_fault();
}

TEST_F(RegistryFaults, FI03_ABodyOfOneOctetASecondIsATimeout) {
  expect_unchecked_by(signature_line(), body(std::string(1000, 'x'), FakeConduct::drips),
                      "registry_timeout");
}

// ---- statuses

TEST_F(RegistryFaults, FI04_AServerErrorThatPassesIsRepeatedAndAdmitted) {
  for (const unsigned code : {500U, 502U, 503U, 504U}) {
    SCOPED_TRACE(code);
    registry.forget_requests();
    registry.fail(tag_line(), status(code), 1);
    const DemoAnswer answer = ask_anew(config());
    EXPECT_TRUE(answer.allowed) << answer.message;
    EXPECT_EQ(asked(tag_line()), 2U);
  }
  registry.forget_requests();
  expect_admitted_without_the_fault();
  EXPECT_EQ(asked(tag_line()), 1U);
}

TEST_F(RegistryFaults, FI04_OneThatStaysIsUnreachable) {
  expect_unchecked_by(tag_line(), status(503), "registry_unreachable");
  expect_unchecked_by(signature_line(), status(500), "registry_unreachable");
}

TEST_F(RegistryFaults, FI05_AShortRetryAfterIsWaitedFor) {
  registry.fail(tag_line(), status(429, {{"Retry-After", "1"}}), 1);

  const DemoAnswer answer = ask_anew(config());

  EXPECT_TRUE(answer.allowed) << answer.message;
  EXPECT_EQ(asked(tag_line()), 2U);
  registry.forget_requests();
  expect_admitted_without_the_fault();
  EXPECT_EQ(asked(tag_line()), 1U);
}

TEST_F(RegistryFaults, FI05_AnyOtherRetryAfterIsDeniedAtOnce) {
  for (const char* after : {"3600", "Fri, 31 Dec 2100 23:59:59 GMT", "soon", ""}) {
    SCOPED_TRACE(after);
    registry.forget_requests();
    registry.fail(tag_line(), status(429, {{"Retry-After", after}}));
    expect_unchecked(ask_anew(config()), "registry_rate_limited");
    EXPECT_EQ(asked(tag_line()), 1U);
    expect_admitted_without_the_fault();
  }
}

TEST_F(RegistryFaults, FI05_AllImagesOfTheRegistryObeyTheSameRetryAfter) {
  push_signed("2", {Format::legacy});
  registry.fail(tag_line(), status(429, {{"Retry-After", "3600"}}));
  const RunningService service(config(), now);

  expect_unchecked(ask(service, "1"), "registry_rate_limited");
  expect_unchecked(ask(service, "2"), "registry_rate_limited");

  EXPECT_EQ(asked(tag_line("2")), 0U);
  EXPECT_TRUE(ask(RunningService(config(), now), "2").allowed);
}

TEST_F(RegistryFaults, FI06_ATokenThatIsNeverTakenEndsAfterOneNewToken) {
  registry.login = FakeLogin::bearer;
  const std::string challenge = cat("Bearer realm=\"https://", host(), "/token\",service=\"fake\"");
  registry.fail(tag_line(), status(401, {{"WWW-Authenticate", challenge}}));

  expect_unchecked(ask_anew(config()), "registry_auth");

  EXPECT_LE(asked("GET /token"), 2U);
  EXPECT_LE(asked(tag_line()), 3U);
  expect_admitted_without_the_fault();
}

TEST_F(RegistryFaults, FI07_AForbiddenSignatureIsNoMissingSignature) {
  expect_unchecked_by(signature_line(), status(403), "registry_forbidden");
}

TEST_F(RegistryFaults, FI07_AMissingSignatureIsNoFaultOfTheRegistry) {
  registry.fail(signature_line(), status(404));

  const DemoAnswer answer = ask_anew(config());

  EXPECT_FALSE(answer.allowed);
  EXPECT_NE(answer.message.find("no_signature"), std::string::npos) << answer.message;
  expect_admitted_without_the_fault();
}

TEST_F(RegistryFaults, FI07_EachRefusalOfATagHasItsOwnReason) {
  const std::vector<std::pair<unsigned, const char*>> rows = {
      {401, "registry_auth"}, {403, "registry_forbidden"}, {404, "image_not_found"}};
  for (const auto& [code, reason] : rows) {
    SCOPED_TRACE(code);
    expect_unchecked_by(tag_line(), status(code), reason);
  }
}

// ---- whom we talk to

TEST_F(RegistryFaults, FI11_ARegistryOfAnUnknownCaIsATlsError) {
  Config untrusting = config();
  untrusting.registry.ca_files.clear();

  expect_unchecked(ask_anew(untrusting), "registry_tls");
  EXPECT_EQ(registry.requests().size(), 0U);
  expect_admitted_without_the_fault();
}

TEST_F(RegistryFaults, FI11_OneThatClosesAfterTheHelloIsNeverAskedOverPlainHttp) {
  FakeRegistry plain;
  const FakeRegistryServer without_tls(plain, testing::FakeScheme::http);

  const DemoAnswer answer = ask_at(without_tls.host());

  EXPECT_FALSE(answer.allowed);
  EXPECT_NE(answer.message.find("could not be checked"), std::string::npos) << answer.message;
  EXPECT_GT(without_tls.connections(), 0U);
  // Whatever it saw was a hello, no request.
  EXPECT_EQ(plain.requests().size(), 0U);
  EXPECT_TRUE(ask_at(host()).allowed);
}

TEST_F(RegistryFaults, APrivateAddressIsNotDialledUnlessItIsAllowed) {
  Config strict = config();
  strict.registry.allow_private.clear();

  expect_unchecked(ask_anew(strict), "registry_blocked");
  EXPECT_EQ(server.connections(), 0U);
  expect_admitted_without_the_fault();
}

}  // namespace
}  // namespace signet
