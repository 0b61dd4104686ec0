#pragma once
// A registry on a loopback port with images signed by a PKI of its own, and a Service that judges
// them.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/core/sigstore/signer.hpp"
#include "tests/service/running_service.hpp"
#include "tests/support/fake_registry_server.hpp"

namespace signet {

class RegistryStage : public ::testing::Test {
 protected:
  using Format = SignatureFormat;

  // An image under a tag of `shop/app`; its digest.
  Digest push(const std::string& tag) {
    return registry.put_manifest(path, manifest({registry.put_blob(cat("layer of ", tag))}), tag);
  }

  Digest push_signed(const std::string& tag, const std::vector<Format>& formats) {
    const Digest image = push(tag);
    for (const Format format : formats)
      sign(image, format);
    return image;
  }

  void sign(const Digest& image, Format format) {
    if (format == Format::bundle)
      return sign_with(image, test::signer().bundle(test::statement_for(image)));
    sign_with(image, test::signer().legacy(legacy_payload(image)));
  }

  // Stores a signature where cosign stores it.
  void sign_with(const Digest& image, const Candidate& candidate) {
    if (candidate.format == Format::legacy) {
      Descriptor layer =
          registry.put_blob(*candidate.content, "application/vnd.dev.cosign.simplesigning.v1+json");
      layer.annotations = candidate.annotations;
      signature_manifest =
          registry.put_manifest(path, manifest({layer}), cat("sha256-", image.hex_part(), ".sig"));
      return;
    }
    const Descriptor bundle =
        registry.put_blob(*candidate.content, "application/vnd.dev.sigstore.bundle.v0.3+json");
    signature_manifest = registry.put_manifest(path, manifest({bundle}, image));
  }

  // What cosign signs without annotations, so that it can be put together again.
  std::string legacy_payload(const Digest& image) const {
    return cat(R"({"critical":{"identity":{"docker-reference":")", host(), "/", path,
               R"("},"image":{"docker-manifest-digest":")", image.str(),
               R"("},"type":"cosign container image signature"},"optional":null})");
  }

  std::string manifest(const std::vector<Descriptor>& layers, std::optional<Digest> subject = {}) {
    Json json = {{"schemaVersion", 2},
                 {"mediaType", "application/vnd.oci.image.manifest.v1+json"},
                 {"config", json_of(registry.put_blob("{}"))},
                 {"layers", Json::array()}};
    for (const Descriptor& layer : layers)
      json["layers"].push_back(json_of(layer));
    if (subject) {
      json["subject"] = {{"mediaType", "application/vnd.oci.image.manifest.v1+json"},
                         {"digest", subject->str()},
                         {"size", 1}};
    }
    return json.dump();
  }

  static Json json_of(const Descriptor& descriptor) {
    Json json = {{"mediaType", descriptor.media_type},
                 {"digest", descriptor.digest.str()},
                 {"size", descriptor.size}};
    if (!descriptor.annotations.empty()) json["annotations"] = descriptor.annotations;
    return json;
  }

  std::string host() const { return server.host(); }

  std::string policy() const {
    const std::string root = certificate_pem(test::signer().root().certificate);
    std::string indented;
    for (const std::string_view line : split(trim(root), '\n'))
      indented += cat("            ", line, "\n");
    return cat(R"(apiVersion: signet.dev/v1alpha1
kind: ClusterTrustPolicy
metadata: {name: shop}
spec:
  match: {images: [")",
               host(), R"(/**"]}
  authorities:
    - name: team
      certificate:
        roots:
          pem: |
)",
               indented, R"(        identities:
          - subjectRegExp: '.*'
            issuerRegExp: '.*'
)");
  }

  Config config() {
    Config config = RunningService::loopback();
    config.policies = {directory.write("policy.yaml", policy())};
    config.unpinned = Unpinned::allow;
    config.registry.ca_files = {directory.write("registry-ca.pem", server.ca_pem())};
    config.registry.allow_private["127.0.0.1"] = {"127.0.0.0/8"};
    return config;
  }

  DemoAnswer ask(const RunningService& service, const std::string& tag) const {
    return service.post("/validate", demo_review("pod", cat(host(), "/", path, ":", tag)));
  }

  static TimePoint now() { return test::signer().at(); }

  const std::string path = "shop/app";
  TemporaryDirectory directory;
  testing::FakeRegistry registry;
  testing::FakeRegistryServer server{registry};
  Digest signature_manifest = Digest::of("none yet");
};

}  // namespace signet
