#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/admission/pinning.hpp"
#include "tests/core/admission/reviews.hpp"
#include "tests/core/admission/verdicts.hpp"

namespace signet {
namespace {

std::vector<PinCandidate> candidates_in(const ReviewParts& parts, const PinSettings& settings) {
  const auto review = parse_review(parts.str());
  EXPECT_TRUE(review);
  if (!review) return {};
  return pin_candidates(*review, settings);
}

std::vector<std::string> pinnable_in(const ReviewParts& parts, const PinSettings& settings = {}) {
  std::vector<std::string> references;
  for (const PinCandidate& candidate : candidates_in(parts, settings)) {
    if (candidate.fate == PinFate::pin) references.push_back(candidate.image.reference);
  }
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

std::string workload_body(const std::string& image, const std::string& more = "") {
  return more + R"("spec":{"template":{"spec":{"containers":[{"name":"a","image":")" + image +
         R"("}]}}})";
}

ReviewParts update_workload(const std::string& kind, const std::string& plural,
                            const std::string& before, const std::string& now) {
  const std::string group = kind == "Job" ? "batch" : "apps";
  ReviewParts parts = create_workload(group, kind, plural, workload_body(now));
  parts.operation = "UPDATE";
  parts.old_object = create_workload(group, kind, plural, workload_body(before)).object;
  return parts;
}

PinSettings with_workloads() {
  PinSettings settings;
  settings.scope = PinScope::workloads;
  return settings;
}

TEST(PinningTest, TakesWorkloadsOnlyWhereTheSettingSaysSo) {
  const std::pair<std::string, std::string> kinds[] = {
      {"Deployment", "deployments"}, {"StatefulSet", "statefulsets"}, {"DaemonSet", "daemonsets"}};
  for (const auto& [kind, plural] : kinds) {
    SCOPED_TRACE(kind);
    const auto created = create_workload("apps", kind, plural, workload_body("x:1"));
    EXPECT_EQ(pinnable_in(created), Names{});
    EXPECT_EQ(pinnable_in(created, with_workloads()), Names{"x:1"});
    EXPECT_EQ(pinnable_in(update_workload(kind, plural, "x:1", "x:2"), with_workloads()),
              Names{"x:2"});
    EXPECT_EQ(pinnable_in(update_workload(kind, plural, "x:1", "x:1"), with_workloads()), Names{});
  }
  const std::string cron = R"("spec":{"jobTemplate":{)" + workload_body("x:1") + "}}";
  EXPECT_EQ(pinnable_in(create_workload("batch", "CronJob", "cronjobs", cron), with_workloads()),
            Names{"x:1"});
}

TEST(PinningTest, KM08_NeverTouchesWhatAControllerComparesOrMade) {
  const auto replica_set =
      create_workload("apps", "ReplicaSet", "replicasets", workload_body("x:1"));
  EXPECT_EQ(pinnable_in(replica_set, with_workloads()), Names{});
  const auto controller =
      create_workload("", "ReplicationController", "replicationcontrollers", workload_body("x:1"));
  EXPECT_EQ(pinnable_in(controller, with_workloads()), Names{});
  auto owned = create_workload("apps", "StatefulSet", "statefulsets", workload_body("x:1"));
  const std::string name = R"("name":"w")";
  owned.object.replace(
      owned.object.find(name), name.size(),
      R"("name":"w","ownerReferences":[{"kind":"Operator","name":"o","controller":true}])");
  EXPECT_EQ(pinnable_in(owned, with_workloads()), Names{});
}

TEST(PinningTest, KM09_TouchesAJobOnlyWhenItIsCreated) {
  EXPECT_EQ(
      pinnable_in(create_workload("batch", "Job", "jobs", workload_body("x:1")), with_workloads()),
      Names{"x:1"});
  EXPECT_EQ(pinnable_in(update_workload("Job", "jobs", "x:1", "x:2"), with_workloads()), Names{});
}

TEST(PinningTest, NeverTouchesWhatIsBeingDeleted) {
  const std::string metadata = R"({"name":"p","deletionTimestamp":"2026-01-01T00:00:00Z"})";
  const std::string pod = pod_text(R"({"containers":[{"name":"a","image":"x:1"}]})", metadata);
  EXPECT_EQ(pinnable_in(create_pod(pod)), Names{});
}

TEST(PinningTest, KM12_LeavesExcludedImagesAlone) {
  PinSettings settings;
  settings.exclude.push_back(*ImageGlob::parse("quay.io/mesh/**"));
  const std::string pod = pod_text(
      R"({"containers":[{"name":"a","image":"quay.io/mesh/proxy:1"},{"name":"b","image":"x:1"}]})");
  EXPECT_EQ(pinnable_in(create_pod(pod), settings), Names{"x:1"});
  EXPECT_EQ(candidates_in(create_pod(pod), settings)[0].fate, PinFate::excluded);
}

TEST(PinningTest, KM05_WritesTheDigestAloneWhereTheSettingSaysSo) {
  const std::pair<std::string, std::string> rows[] = {{"nginx", "nginx"},
                                                      {"nginx:1.27", "nginx"},
                                                      {"host:5000/a", "host:5000/a"},
                                                      {"host:5000/a:1", "host:5000/a"}};
  for (const auto& [text, repository] : rows) {
    const auto reference = Reference::parse(text);
    ASSERT_TRUE(reference);
    EXPECT_EQ(pinned_text(*reference, some_digest(), PinFormat::digest_only),
              repository + "@" + some_digest().str());
    EXPECT_EQ(pinned_text(*reference, some_digest(), PinFormat::tag_and_digest),
              text + "@" + some_digest().str());
  }
}

TEST(PinningTest, KM10_RemembersTheDigestOfATagThatIsNamedAgain) {
  const std::string old = "x:1@" + some_digest().str();
  struct Row {
    std::string before, now;
    bool sticky;
  };
  const Row rows[] = {{old, "x:1", true},    {old, "x:2", false},
                      {old, "y:1", false},   {"x:1", "x:1", false},
                      {"x:0", "x:1", false}, {"x@" + some_digest().str(), "x", false}};
  for (const Row& row : rows) {
    SCOPED_TRACE(row.before + " -> " + row.now);
    const auto update = update_workload("Deployment", "deployments", row.before, row.now);
    const auto candidates = candidates_in(update, with_workloads());
    const bool sticky = !candidates.empty() && candidates[0].sticky == some_digest();
    EXPECT_EQ(sticky, row.sticky);
  }
  PinSettings off = with_workloads();
  off.sticky_digest = false;
  EXPECT_FALSE(
      candidates_in(update_workload("Deployment", "deployments", old, "x:1"), off)[0].sticky);
}

TEST(PinningTest, PatchesOnlyTheDigestBehindTheUsersSpelling) {
  const auto review = parse_review(create_pod(pod_of("nginx:1.27")).str());
  ASSERT_TRUE(review);
  const auto candidates = pin_candidates(*review, {});
  ASSERT_EQ(candidates.size(), 1U);
  const Pinning pinnings[] = {
      {candidates[0].image,
       pinned_text(*candidates[0].reference, some_digest(), PinFormat::tag_and_digest), ""}};
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
