#pragma once
// A RegistryClient in front of fake registries: "reg.io" is one, others can be added.

#include <gtest/gtest.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"
#include "server/registry/client.hpp"
#include "tests/support/fake_registry.hpp"
#include "tests/support/run.hpp"

namespace signet::testing {

struct ClientFixture : ::testing::Test {
  ClientFixture() { internet.registries["https://reg.io:443"] = &registry; }

  static Repository repository(const std::string& name = "reg.io/team/app") {
    return *Repository::parse(name);
  }
  static Deadline soon() { return deadline_in(std::chrono::seconds(30)); }
  static Json descriptor_json(const Descriptor& descriptor) {
    return Json{{"mediaType", descriptor.media_type},
                {"digest", descriptor.digest.str()},
                {"size", descriptor.size}};
  }
  // A manifest with one layer; `subject` makes it a referrer.
  std::string manifest_with(const Descriptor& layer, std::optional<Descriptor> subject = {}) {
    Json json = {{"schemaVersion", 2},
                 {"mediaType", "application/vnd.oci.image.manifest.v1+json"},
                 {"config", descriptor_json(registry.put_blob("{}"))},
                 {"layers", Json::array({descriptor_json(layer)})}};
    if (subject) json["subject"] = descriptor_json(*subject);
    return json.dump();
  }
  // An image with a tag, as the descriptor of its manifest.
  Descriptor put_image(const std::string& tag, const std::string& path = "team/app") {
    const std::string body = manifest_with(registry.put_blob("layer of " + path + tag));
    const Digest digest = registry.put_manifest(path, body, tag);
    return Descriptor{
        "application/vnd.oci.image.manifest.v1+json", digest, body.size(), {}, "", std::nullopt};
  }

  RegistryClient& client() {
    if (!made) {
      made = std::make_unique<RegistryClient>(
          loop.get_executor(), internet, [] { return TimePoint(); }, settings);
    }
    return *made;
  }
  void log_in(const std::string& user, const std::string& password,
              const std::string& key = "reg.io") {
    const Json file = {{"auths", {{key, {{"username", user}, {"password", password}}}}}};
    use(file.dump());
  }
  void use(const std::string& file, CredentialOwner owner = CredentialOwner::service) {
    client().use(std::make_shared<const Credentials>(*Credentials::parse(file, owner)));
  }

  Result<Digest> resolve(const std::string& tag, const std::string& name = "reg.io/team/app",
                         Access access = {}) {
    return run_on(loop, client().resolve(repository(name), tag, access, soon()));
  }
  Result<FetchedManifest> manifest(const std::string& name) {
    return run_on(loop, client().manifest(repository(), name, Access::own, soon()));
  }
  Result<Blob> blob(const Descriptor& descriptor, std::size_t limit = 1000) {
    return run_on(loop, client().blob(repository(), descriptor, limit, Access::own, soon()));
  }
  Result<Referrers> referrers(const Digest& subject) {
    return run_on(loop, client().referrers(repository(), subject, Access::own, soon()));
  }
  template <class T>
  static Reason reason_of(const Result<T>& result) {
    return result ? Reason::verified : result.error().reason();
  }

  asio::io_context loop;
  FakeRegistry registry;
  FakeInternet internet;
  RegistrySettings settings;
  std::unique_ptr<RegistryClient> made;
};

using Lines = std::vector<std::string>;

}  // namespace signet::testing
