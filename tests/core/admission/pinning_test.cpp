#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/admission/decision.hpp"
#include "tests/core/admission/reviews.hpp"
#include "tests/core/admission/verdicts.hpp"

namespace signet {
namespace {

std::vector<std::string> pinnable_in(const ReviewParts& parts) {
  auto review = parse_review(parts.str());
  EXPECT_TRUE(review);
  std::vector<std::string> references;
  if (!review) return references;
  for (const PodImage& image : pinnable(*review))
    references.push_back(image.reference);
  return references;
}

using Names = std::vector<std::string>;

TEST(PinningTest, TakesNewAndChangedTagsOfPods) {
  EXPECT_EQ(pinnable_in(create_pod(pod_of("nginx:1"))), Names{"nginx:1"});
  EXPECT_EQ(pinnable_in(update_pod(pod_of("nginx:1"), pod_of("nginx:2"))), Names{"nginx:2"});
  EXPECT_EQ(pinnable_in(update_pod(pod_of("nginx:1"), pod_of("nginx:1"))), Names{});
}

TEST(PinningTest, NeverTouchesADigestOrABrokenReference) {
  EXPECT_EQ(pinnable_in(create_pod(pod_of("nginx@" + some_digest().str()))), Names{});
  EXPECT_EQ(pinnable_in(create_pod(pod_of("nginx:1@" + some_digest().str()))), Names{});
  EXPECT_EQ(pinnable_in(create_pod(pod_of("NGINX"))), Names{});
}

TEST(PinningTest, NeverTouchesWorkloads) {
  const std::string body = R"("spec":{"template":{"spec":{"containers":[{"image":"nginx:1"}]}}})";
  EXPECT_EQ(pinnable_in(create_workload("apps", "ReplicaSet", "replicasets", body)), Names{});
  EXPECT_EQ(pinnable_in(create_workload("batch", "Job", "jobs", body)), Names{});
}

TEST(PinningTest, NeverTouchesMirrorPods) {
  const std::string metadata =
      R"({"name":"p","annotations":{"kubernetes.io/config.mirror":"abc"}})";
  const std::string pod = pod_text(R"({"containers":[{"name":"a","image":"x:1"}]})", metadata);
  EXPECT_EQ(pinnable_in(create_pod(pod)), Names{});
}

TEST(PinningTest, TakesOnlyNewEphemeralContainersOnTheirSubresource) {
  ReviewParts parts =
      update_pod(pod_text(R"({"containers":[{"name":"a","image":"x:1"}],)"
                          R"("ephemeralContainers":[{"name":"old","image":"x:2"}]})"),
                 pod_text(R"({"containers":[{"name":"a","image":"x:9"}],"ephemeralContainers":)"
                          R"([{"name":"old","image":"x:3"},{"name":"new","image":"x:4"}]})"));
  parts.subresource = "ephemeralcontainers";
  EXPECT_EQ(pinnable_in(parts), Names{"x:4"});
}

TEST(PinningTest, PatchesOnlyTheDigestBehindTheUsersSpelling) {
  const auto review = parse_review(create_pod(pod_of("nginx:1.27")).str());
  ASSERT_TRUE(review);
  const auto images = pinnable(*review);
  ASSERT_EQ(images.size(), 1U);
  const auto reference = Reference::parse(images[0].reference);
  ASSERT_TRUE(reference);

  const Pinning pinnings[] = {{images[0], reference->pinned(some_digest()), ""}};
  const Decision decision = pin(pinnings);

  EXPECT_TRUE(decision.allowed);
  const auto object = nlohmann::json::parse(pod_of("nginx:1.27"));
  const auto patched = object.patch(nlohmann::json::parse(decision.patch));
  EXPECT_EQ(patched["spec"]["containers"][0]["image"], "nginx:1.27@" + some_digest().str());
}

TEST(PinningTest, AllowsUnpatchedWithAWarningWhereATagCannotBeResolved) {
  const JudgedImage image = judged("nginx:1", Reason::verified);
  const Pinning pinnings[] = {{image.image, "", "registry down\n"}};
  const Decision decision = pin(pinnings);
  EXPECT_TRUE(decision.allowed);
  EXPECT_TRUE(decision.patch.empty());
  ASSERT_EQ(decision.warnings.size(), 1U);
  EXPECT_NE(decision.warnings[0].find("nginx:1"), std::string::npos);
  EXPECT_EQ(decision.word, DecisionWord::error);
}

TEST(PinningTest, SetsNoAuditAnnotation) {
  EXPECT_TRUE(pin({}).audit.empty());
}

}  // namespace
}  // namespace signet
