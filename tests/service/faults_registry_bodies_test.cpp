// Bodies and redirects of a registry that lies (security.md 4.4): nothing of them is ever used, and
// each scenario is admitted once the fault is gone.

#include "tests/service/registry_faults.hpp"

namespace signet {
namespace {

using testing::FakeConduct;
using testing::FakeLogin;
using testing::FakeRegistry;
using testing::FakeRegistryServer;
using testing::FakeReply;

// A bundle is a blob that has to be fetched; what a legacy signature signs can be put together.
class RegistryBlobFaults : public RegistryFaults {
 protected:
  RegistryBlobFaults() : RegistryFaults(Format::bundle) {}
};

// ---- bodies

TEST_F(RegistryFaults, FI08_AResetWithinABodyIsRepeatedOnceAndNeverUsedInPart) {
  expect_unchecked_by(signature_line(), body(std::string(1000, 'x'), FakeConduct::resets_the_body),
                      "registry_unreachable");

  registry.forget_requests();
  registry.fail(signature_line(), body(std::string(1000, 'x'), FakeConduct::resets_the_body), 1);
  const DemoAnswer answer = ask_anew(config());
  EXPECT_TRUE(answer.allowed) << answer.message;
  EXPECT_EQ(asked(signature_line()), 2U);
}

TEST_F(RegistryFaults, FI08_ABodyShorterThanItsLengthIsUnchecked) {
  expect_unchecked_by(signature_line(), body(std::string(1000, 'x'), FakeConduct::cuts_the_body),
                      "registry_unreachable");
}

TEST_F(RegistryFaults, FI08_ABodyLongerThanItsLengthIsUnchecked) {
  FakeReply longer = body(manifest({}) + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  longer.headers.emplace_back("Content-Length", "10");
  registry.fail(signature_line(), longer);

  const DemoAnswer answer = ask_anew(config());

  EXPECT_FALSE(answer.allowed);
  EXPECT_EQ(answer.message.find("no_signature"), std::string::npos) << answer.message;
  expect_admitted_without_the_fault();
}

TEST_F(RegistryBlobFaults, FI08_ABlobOfOtherBytesIsUnchecked) {
  registry.fail(blobs_line(), body(std::string(500, 'x')));

  const DemoAnswer answer = ask_anew(config());

  EXPECT_FALSE(answer.allowed);
  EXPECT_NE(answer.message.find("digest_mismatch"), std::string::npos) << answer.message;
  expect_admitted_without_the_fault();
}

TEST_F(RegistryFaults, FI09_ACompressedReplyIsAProtocolError) {
  FakeReply packed = body("\x1f\x8b\x08");
  packed.headers.emplace_back("Content-Encoding", "gzip");
  expect_unchecked_by(signature_line(), packed, "registry_protocol");
}

TEST_F(RegistryFaults, FI09_AChunkBombIsCutOff) {
  const std::string head =
      "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.oci.image.manifest.v1+json\r\n"
      "Transfer-Encoding: chunked\r\n\r\n";
  const std::string extensions = cat("1;", std::string(64 * kKiB, 'x'), "\r\nx\r\n");
  expect_unchecked_by(signature_line(), body(head + extensions, FakeConduct::raw),
                      "registry_protocol");

  // A chunk of 2^60 octets, and one longer than any manifest.
  registry.fail(
      signature_line(),
      body(cat(head, "1000000000000000\r\n", std::string(8 * kMiB, 'x')), FakeConduct::raw));
  const DemoAnswer answer = ask_anew(config());
  EXPECT_FALSE(answer.allowed);
  EXPECT_NE(answer.message.find("limit_exceeded"), std::string::npos) << answer.message;
}

TEST_F(RegistryFaults, FI09_ABodyFarBeyondTheLimitIsCutThere) {
  registry.fail(signature_line(), body(std::string(30 * kMiB, 'x')));

  const DemoAnswer answer = ask_anew(config());

  EXPECT_FALSE(answer.allowed);
  EXPECT_NE(answer.message.find("limit_exceeded"), std::string::npos) << answer.message;
  expect_admitted_without_the_fault();
}

TEST_F(RegistryFaults, FI09_APageForPeopleIsAProtocolErrorAndNotRepeated) {
  FakeReply html;
  html.headers = {{"Content-Type", "text/html"}};
  html.body = "<html>please log in</html>";
  registry.fail(signature_line(), html);

  const DemoAnswer answer = ask_anew(config());

  EXPECT_FALSE(answer.allowed);
  EXPECT_NE(answer.message.find("registry_protocol"), std::string::npos) << answer.message;
  EXPECT_EQ(answer.message.find("please log in"), std::string::npos) << answer.message;
  expect_admitted_without_the_fault();
}

// ---- redirects

TEST_F(RegistryBlobFaults, FI10_RedirectsThatMustNotBeFollowedAreUnchecked) {
  const std::string circle = cat("/v2/", path, "/blobs/circle");
  registry.fail(cat("GET ", circle), status(307, {{"Location", circle}}));
  const std::vector<std::pair<std::string, const char*>> rows = {
      {circle, "registry_protocol"},                        // in a circle
      {"https://10.0.0.1/x", "registry_blocked"},           // to an inside address
      {"https://169.254.169.254/x", "registry_blocked"},    // to a cloud's metadata
      {cat("http://", host(), "/x"), "registry_protocol"},  // out of TLS
      {"https://127.0.0.1:1/x", "registry_blocked"},        // to another port of this machine
  };
  for (const auto& [location, reason] : rows) {
    SCOPED_TRACE(location);
    registry.fail(blobs_line(), status(307, {{"Location", location}}));
    expect_unchecked(ask_anew(config()), reason);
    registry.heal();
    registry.fail(cat("GET ", circle), status(307, {{"Location", circle}}));
  }
  expect_admitted_without_the_fault();
}

TEST_F(RegistryFaults, FI10_AManifestRedirectedToAnotherHostIsUnchecked) {
  expect_unchecked_by(signature_line(),
                      status(307, {{"Location", "https://elsewhere.example/v2/x"}}),
                      "registry_protocol");
}

TEST_F(RegistryBlobFaults, FI10_AnotherHostNeverSeesTheLogin) {
  FakeRegistry elsewhere;
  const FakeRegistryServer other(elsewhere);
  registry.login = FakeLogin::basic;
  registry.user = "ann";
  registry.password = "secret";
  registry.blobs_at = cat("https://", other.host());
  Config settings = config();
  settings.registry.credentials_file = directory.write(
      "logins.json",
      cat(R"({"auths":{")", host(), R"(":{"username":"ann","password":"secret"}}})"));
  settings.registry.allowed_hosts = {other.host()};
  settings.registry.ca_files.push_back(directory.write("other-ca.pem", other.ca_pem()));

  const DemoAnswer answer = ask_anew(settings);

  EXPECT_FALSE(answer.allowed);
  EXPECT_FALSE(elsewhere.requests().empty());
  for (const std::string& authorization : elsewhere.authorizations())
    EXPECT_EQ(authorization, "");
  const auto shown = registry.authorizations();
  EXPECT_TRUE(std::any_of(shown.begin(), shown.end(),
                          [](const std::string& field) { return field.starts_with("Basic "); }));
  registry.blobs_at.clear();
  const DemoAnswer cured = ask_anew(settings);
  EXPECT_TRUE(cured.allowed) << cured.message;
}

}  // namespace
}  // namespace signet
