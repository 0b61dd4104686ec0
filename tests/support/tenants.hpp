#pragma once
// One private registry, one signed image in it, an API server with pull secrets, and a verifier in
// front of both: who may see what.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/policy/explain.hpp"
#include "core/policy/loader.hpp"
#include "server/registry/client.hpp"
#include "server/registry/content_cache.hpp"
#include "server/verify/verifier.hpp"
#include "tests/core/sigstore/signer.hpp"
#include "tests/support/docker_secret.hpp"
#include "tests/support/fake_registry.hpp"
#include "tests/support/run.hpp"
#include "tests/support/scripted_kube.hpp"

namespace signet::testing {

using namespace std::chrono_literals;

class TenantTest : public ::testing::Test {
 protected:
  TenantTest() {
    internet.registries["https://reg.example:443"] = &registry;
    registry.login = FakeLogin::basic;
    registry.user = "ann";
    registry.password = "right";
    image = push();
    rules.mode = PullSecretMode::all;
  }

  static Json json_of(const Descriptor& descriptor) {
    return {{"mediaType", descriptor.media_type},
            {"digest", descriptor.digest.str()},
            {"size", descriptor.size}};
  }
  std::string manifest_of(const Json& layers) {
    const Json manifest = {{"schemaVersion", 2},
                           {"mediaType", "application/vnd.oci.image.manifest.v1+json"},
                           {"config", json_of(registry.put_blob("{}"))},
                           {"layers", layers}};
    return manifest.dump();
  }
  // The signed image under the tag "1".
  Digest push() {
    const Digest digest = registry.put_manifest(
        "shop/app", manifest_of(Json::array({json_of(registry.put_blob("a layer"))})), "1");
    const Candidate candidate = test::signer().legacy(test::payload_for(digest));
    Json layer = json_of(
        registry.put_blob(*candidate.content, "application/vnd.dev.cosign.simplesigning.v1+json"));
    layer["annotations"] = candidate.annotations;
    registry.put_manifest("shop/app", manifest_of(Json::array({layer})),
                          cat("sha256-", digest.hex_part(), ".sig"));
    return digest;
  }

  static std::shared_ptr<const PolicySet> policies() {
    auto policy = std::make_shared<Policy>();
    policy->name = "shop";
    policy->match.images.push_back(*ImageGlob::parse("reg.example/**"));
    CertificateRule rule;
    rule.trust = std::make_shared<const Trust>(test::signer().trust());
    rule.identities.push_back(IdentityRule{*TextPattern::regexp(".*"), SubjectType::any,
                                           *TextPattern::regexp(".*"), std::nullopt});
    Authority authority;
    authority.name = "team";
    authority.rule = std::move(rule);
    policy->authorities.push_back(std::move(authority));
    Loaded loaded;
    loaded.policies.push_back(std::move(policy));
    return std::make_shared<const PolicySet>(make_policy_set(std::move(loaded), NoMatch::deny));
  }

  // What the secret of that name holds from now on.
  void set_secret(const std::string& ns, const std::string& name, const std::string& password) {
    set_object(ns, name,
               kube_reply(200, secret_object(docker_config("reg.example", "ann", password))));
  }
  void set_object(const std::string& ns, const std::string& name, Result<KubeReply> reply) {
    auto& held = secrets[secret_line(ns, name)];
    if (!held) {
      held = std::make_shared<Result<KubeReply>>(reply);
      kube.on_call(secret_line(ns, name), [held](const KubeRequest&) { return *held; });
    }
    *held = std::move(reply);
  }

  Verifier& verifier() {
    if (made) return *made;
    RegistrySettings settings;
    client = std::make_unique<RegistryClient>(
        loop.get_executor(), internet, [] { return TimePoint(); }, settings);
    contents = std::make_unique<ContentCache>(*client, std::size_t{1} << 20);
    const auto gone = [this](const std::string& id) {
      gone_ids.push_back(id);
      client->forget(id);
    };
    logins = std::make_unique<PullLogins>(reader, rules, gone, [this] { return ticks; });
    VerifierOptions options;
    options.pull_logins = logins.get();
    options.ticks = [this] { return ticks; };
    made = std::make_unique<Verifier>(
        *contents, [] { return test::signer().at(); }, std::move(options));
    return *made;
  }

  static Workload workload(const std::string& ns, std::vector<std::string> names = {},
                           const std::string& account = "") {
    Workload of;
    of.ns = ns;
    of.pull_secrets = std::move(names);
    of.service_account = account;
    return of;
  }
  std::string pinned() const { return cat("reg.example/shop/app@", image.str()); }
  static inline const std::string kTagged = "reg.example/shop/app:1";

  Verdict verify(const Workload& of, const std::string& name = kTagged) {
    Verifier& by = verifier();
    return run_on(loop, by.verify(*Reference::parse(name), of, set, deadline_in(20s)));
  }
  std::string text_of(const Verdict& verdict) { return explanation(verdict, "image", 4096); }

  Deadline ticks = Deadline(1000h);
  FakeRegistry registry;
  FakeInternet internet;
  ScriptedKube kube;
  std::map<std::string, std::shared_ptr<Result<KubeReply>>> secrets;
  Metrics metrics{TimePoint()};
  SecretReader reader{kube, &metrics};
  PullSecretRules rules;
  std::vector<std::string> gone_ids;
  Digest image = Digest::of("none yet");
  std::shared_ptr<const PolicySet> set = policies();
  std::unique_ptr<RegistryClient> client;
  std::unique_ptr<ContentCache> contents;
  std::unique_ptr<PullLogins> logins;
  std::unique_ptr<Verifier> made;
  asio::io_context loop;  // ends before what its coroutines refer to
};

}  // namespace signet::testing
