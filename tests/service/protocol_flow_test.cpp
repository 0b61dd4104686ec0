// Mutation, then validation, over HTTPS: what only shows end to end.

#include <atomic>

#include "tests/core/admission/reviews.hpp"
#include "tests/service/registry_stage.hpp"

namespace signet {
namespace {

class ProtocolFlowTest : public RegistryStage {
 protected:
  // As shipped: a Pod must name a digest when it is validated.
  Config strict() {
    Config strict = config();
    strict.unpinned = Unpinned::deny;
    return strict;
  }

  // The tag stands for another image from now on, which nobody has signed.
  Digest move(const std::string& tag) {
    return registry.put_manifest(path, manifest({registry.put_blob("another layer")}), tag);
  }

  std::string image(const std::string& tag) const { return cat(host(), "/", path, ":", tag); }

  DemoAnswer validate(const RunningService& service, const std::string& text) const {
    return service.post("/validate", demo_review("pod", text));
  }
  DemoAnswer mutate(const RunningService& service, const std::string& text) const {
    return service.post("/mutate", demo_review("pod", text));
  }
};

TEST_F(ProtocolFlowTest, WhatMutationPinsValidationAdmits) {
  const Digest signed_image = push_signed("1", {Format::bundle});
  const RunningService service(strict(), now);

  EXPECT_FALSE(validate(service, image("1")).allowed);
  const DemoAnswer pinned = mutate(service, image("1"));
  EXPECT_EQ(pinned.pinned, cat(image("1"), "@", signed_image.str()));
  const DemoAnswer answer = validate(service, pinned.pinned);
  EXPECT_TRUE(answer.allowed) << answer.message;
  EXPECT_TRUE(mutate(service, pinned.pinned).pinned.empty());
}

TEST_F(ProtocolFlowTest, KM14_ATagThatMovesBehindMutationChangesNothing) {
  const Digest signed_image = push_signed("1", {Format::legacy});
  const RunningService service(strict(), now);

  const DemoAnswer pinned = mutate(service, image("1"));
  ASSERT_NE(move("1"), signed_image);
  registry.forget_requests();
  EXPECT_TRUE(validate(service, pinned.pinned).allowed);
  for (const std::string& request : registry.requests())
    EXPECT_EQ(request.find("/manifests/1"), std::string::npos) << request;
}

TEST_F(ProtocolFlowTest, ATagThatMovedBeforeMutationIsNeverAdmitted) {
  push_signed("1", {Format::legacy});
  move("1");
  const RunningService service(strict(), now);

  const DemoAnswer pinned = mutate(service, image("1"));
  EXPECT_FALSE(validate(service, pinned.pinned).allowed);
  EXPECT_FALSE(validate(service, image("1")).allowed);
}

TEST_F(ProtocolFlowTest, KM11_AnIndexIsPinnedAndJudgedAsAWhole) {
  const Digest platform = push("amd64");
  const Json entry = {{"mediaType", "application/vnd.oci.image.manifest.v1+json"},
                      {"digest", platform.str()},
                      {"size", 1}};
  const Json index = {{"schemaVersion", 2},
                      {"mediaType", "application/vnd.oci.image.index.v1+json"},
                      {"manifests", Json::array({entry})}};
  const Digest whole = registry.put_manifest(path, index.dump(), "1");
  sign(whole, Format::legacy);
  const RunningService service(strict(), now);

  const DemoAnswer pinned = mutate(service, image("1"));
  EXPECT_EQ(pinned.pinned, cat(image("1"), "@", whole.str()));
  EXPECT_TRUE(validate(service, pinned.pinned).allowed);
  EXPECT_FALSE(validate(service, cat(host(), "/", path, "@", platform.str())).allowed);
}

TEST_F(ProtocolFlowTest, KM05_DigestsAloneWhereTheSettingSaysSo) {
  const Digest signed_image = push_signed("1", {Format::legacy});
  Config config = strict();
  config.pin.format = PinFormat::digest_only;
  const RunningService service(config, now);

  const DemoAnswer pinned = mutate(service, image("1"));
  EXPECT_EQ(pinned.pinned, cat(host(), "/", path, "@", signed_image.str()));
  EXPECT_TRUE(validate(service, pinned.pinned).allowed);
}

TEST_F(ProtocolFlowTest, KM13_ATemplateIsJudgedByItsTag) {
  push_signed("1", {Format::legacy});
  push("2");
  const RunningService service(strict(), now);
  const auto deployment = [this](const std::string& tag) {
    return create_workload("apps", "Deployment", "deployments",
                           cat(R"("spec":{"template":{"spec":{"containers":[{"name":"a","image":")",
                               image(tag), R"("}]}}})"))
        .str();
  };
  const DemoAnswer good = service.post("/validate", deployment("1"));
  EXPECT_TRUE(good.allowed) << good.message;
  EXPECT_FALSE(service.post("/validate", deployment("2")).allowed);
}

TEST_F(ProtocolFlowTest, KB04_AnImageVolumeIsJudgedLikeAContainer) {
  const Digest signed_image = push_signed("1", {Format::legacy});
  const Digest other = push("2");
  const RunningService service(strict(), now);
  const auto pod = [this](const Digest& container, const Digest& volume) {
    const std::string repository = cat(host(), "/", path, "@");
    return create_pod(pod_text(cat(R"({"containers":[{"name":"a","image":")", repository,
                                   container.str(), R"("}],"volumes":[{"name":"v","image":)",
                                   R"({"reference":")", repository, volume.str(), R"("}}]})")))
        .str();
  };
  EXPECT_TRUE(service.post("/validate", pod(signed_image, signed_image)).allowed);
  const DemoAnswer denied = service.post("/validate", pod(signed_image, other));
  EXPECT_FALSE(denied.allowed);
  EXPECT_NE(denied.message.find("spec.volumes[0].image.reference"), std::string::npos)
      << denied.message;
}

TEST_F(ProtocolFlowTest, KB21_ACustomKindIsJudgedWhereTheSettingNamesIt) {
  push_signed("1", {Format::legacy});
  push("2");
  Config config = strict();
  config.extra_resources.push_back(
      *ExtraResource::parse("tekton.dev=taskruns=v1=spec.taskSpec.steps[*].image"));
  const RunningService service(config, now);
  const auto run = [](const std::string& text) {
    return create_workload("tekton.dev", "TaskRun", "taskruns",
                           cat(R"("spec":{"taskSpec":{"steps":[{"image":")", text, R"("}]}})"))
        .str();
  };
  EXPECT_TRUE(service.post("/validate", run(image("1"))).allowed);
  EXPECT_FALSE(service.post("/validate", run(image("2"))).allowed);
  const DemoAnswer parameter = service.post("/validate", run("$(params.image)"));
  EXPECT_TRUE(parameter.allowed);
  EXPECT_EQ(parameter.warnings.size(), 1U);
}

TEST_F(ProtocolFlowTest, TheEndOfTheSignersCertificateIsForeseen) {
  const Digest signed_image = push_signed("1", {Format::legacy});
  const std::string text = cat(image("1"), "@", signed_image.str());
  std::atomic<bool> late = false;
  // The certificates of the tests end with 2049.
  const RunningService service(
      strict(), [&late] { return late ? *parse_time("2049-12-15T00:00:00Z") : now(); });
  EXPECT_TRUE(validate(service, text).warnings.empty());

  late = true;
  const DemoAnswer answer = validate(service, text);
  EXPECT_TRUE(answer.allowed) << answer.message;
  ASSERT_EQ(answer.warnings.size(), 1U);
  EXPECT_NE(answer.warnings[0].find("sign the image again"), std::string::npos);
  EXPECT_NE(
      service.metrics().find("signet_admitted_certificate_not_after_timestamp_seconds{policy="),
      std::string::npos);
}

}  // namespace
}  // namespace signet
