#pragma once
// A registry with one signed image that can be made to fail, and what a service that remembers
// nothing then says of it.

#include <algorithm>

#include "tests/service/registry_stage.hpp"

namespace signet {

class RegistryFaults : public RegistryStage {
 protected:
  explicit RegistryFaults(Format format = Format::legacy) { image = push_signed("1", {format}); }

  std::string tag_line(const std::string& tag = "1") const {
    return cat("HEAD /v2/", path, "/manifests/", tag);
  }
  std::string signature_line() const {
    return cat("GET /v2/", path, "/manifests/sha256-", image.hex_part(), ".sig");
  }
  std::string blobs_line() const { return cat("GET /v2/", path, "/blobs/"); }

  std::size_t asked(const std::string& line) const {
    const auto requests = registry.requests();
    return static_cast<std::size_t>(
        std::count_if(requests.begin(), requests.end(),
                      [&](const std::string& request) { return request.starts_with(line); }));
  }

  static void expect_unchecked(const DemoAnswer& answer, const std::string& reason) {
    EXPECT_FALSE(answer.allowed);
    EXPECT_NE(answer.message.find(reason), std::string::npos) << answer.message;
    EXPECT_NE(answer.message.find("could not be checked"), std::string::npos) << answer.message;
    EXPECT_EQ(answer.message.find("no_signature"), std::string::npos) << answer.message;
  }
  // What a service that remembers nothing says to the same image.
  DemoAnswer ask_anew(const Config& settings) const {
    const RunningService service(settings, now);
    return ask(service, "1");
  }
  void expect_unchecked_by(const std::string& line, const testing::FakeReply& fault,
                           const std::string& reason) {
    registry.forget_requests();
    registry.fail(line, fault);
    expect_unchecked(ask_anew(config()), reason);
    EXPECT_GT(asked(line), 0U);
    expect_admitted_without_the_fault();
  }
  void expect_admitted_without_the_fault() {
    registry.heal();
    const DemoAnswer answer = ask_anew(config());
    EXPECT_TRUE(answer.allowed) << answer.message;
  }
  // The same policy for another registry.
  Config config_for(const std::string& other) {
    Config settings = config();
    std::string text = policy();
    for (std::size_t at = 0; (at = text.find(host(), at)) != std::string::npos; at += other.size())
      text.replace(at, host().size(), other);
    settings.policies = {directory.write("other-policy.yaml", text)};
    return settings;
  }
  DemoAnswer ask_at(const std::string& other) {
    const RunningService service(config_for(other), now);
    return service.post("/validate", demo_review("pod", cat(other, "/", path, ":1")));
  }

  static testing::FakeReply status(unsigned code, HttpHeaders headers = {}) {
    testing::FakeReply reply;
    reply.status = code;
    reply.headers = std::move(headers);
    return reply;
  }
  static testing::FakeReply body(std::string text,
                                 testing::FakeConduct conduct = testing::FakeConduct::honest) {
    testing::FakeReply reply;
    reply.headers = {{"Content-Type", "application/vnd.oci.image.manifest.v1+json"}};
    reply.body = std::move(text);
    reply.conduct = conduct;
    return reply;
  }
  static testing::FakeReply conduct(testing::FakeConduct what) { return body("", what); }

  Digest image = Digest::of("none yet");
};

}  // namespace signet
