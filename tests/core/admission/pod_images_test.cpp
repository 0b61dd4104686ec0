#include "core/admission/pod_images.hpp"

#include <gtest/gtest.h>

#include "core/admission/review.hpp"
#include "core/base/limits.hpp"
#include "tests/core/admission/reviews.hpp"

namespace signet {
namespace {

std::vector<std::string> references_of(const Review& review) {
  std::vector<std::string> references;
  for (const PodImage& image : review.object.images)
    references.push_back(image.reference);
  return references;
}

using Names = std::vector<std::string>;

constexpr std::string_view kFullSpec =
    R"({"containers":[{"name":"a","image":"one"},{"name":"b","image":"two"}],)"
    R"("initContainers":[{"name":"i","image":"three"}],)"
    R"("ephemeralContainers":[{"name":"e","image":"four"}],)"
    R"("volumes":[{"name":"v","emptyDir":{}},{"name":"w","image":{"reference":"five"}}]})";

TEST(PodImagesTest, FindsEveryImageOfAPodWithItsPlace) {
  const Review review = parsed(create_pod(pod_text(kFullSpec, R"({"labels":{"app":"web"}})")));

  ASSERT_EQ(references_of(review), (Names{"one", "two", "three", "four", "five"}));
  EXPECT_EQ(review.object.images[1].pointer, "/spec/containers/1/image");
  EXPECT_EQ(review.object.images[1].field, "spec.containers[1].image");
  EXPECT_EQ(review.object.images[1].name, "b");
  EXPECT_EQ(review.object.images[2].field, "spec.initContainers[0].image");
  EXPECT_EQ(review.object.images[3].field, "spec.ephemeralContainers[0].image");
  EXPECT_EQ(review.object.images[4].pointer, "/spec/volumes/1/image/reference");
  EXPECT_EQ(review.object.images[4].field, "spec.volumes[1].image.reference");
  EXPECT_EQ(review.object.images[4].slot, ImageSlot::volume);
  EXPECT_EQ(review.object.labels, (Labels{{"app", "web"}}));
}

TEST(PodImagesTest, FindsTheTemplateOfEveryWorkloadKind) {
  const std::string pod =
      R"({"metadata":{"labels":{"tier":"prod"}},"spec":)" + std::string(kFullSpec) + "}";
  const std::string in_template = R"("spec":{"template":)" + pod + "}";
  struct Row {
    std::string group, kind, plural, body, field;
  };
  const Row rows[] = {
      {"", "PodTemplate", "podtemplates", R"("template":)" + pod, "template.spec."},
      {"", "ReplicationController", "replicationcontrollers", in_template, "spec.template.spec."},
      {"apps", "Deployment", "deployments", in_template, "spec.template.spec."},
      {"apps", "ReplicaSet", "replicasets", in_template, "spec.template.spec."},
      {"apps", "StatefulSet", "statefulsets", in_template, "spec.template.spec."},
      {"apps", "DaemonSet", "daemonsets", in_template, "spec.template.spec."},
      {"batch", "Job", "jobs", in_template, "spec.template.spec."},
      {"batch", "CronJob", "cronjobs", R"("spec":{"jobTemplate":{)" + in_template + "}}",
       "spec.jobTemplate.spec.template.spec."},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.kind);
    const Review review = parsed(create_workload(row.group, row.kind, row.plural, row.body));
    ASSERT_FALSE(review.problem);
    EXPECT_EQ(review.object.holder, PodObject::Holder::workload);
    EXPECT_EQ(references_of(review), (Names{"one", "two", "three", "four", "five"}));
    EXPECT_EQ(review.object.images[0].field, row.field + "containers[0].image");
    EXPECT_EQ(review.object.images[4].field, row.field + "volumes[1].image.reference");
    EXPECT_EQ(review.object.labels, (Labels{{"tier", "prod"}}));
  }
}

TEST(PodImagesTest, LetsTemplatesBeAbsentOrWithoutImages) {
  for (const std::string body : {R"("spec":{"template":null})", R"("spec":{})", R"("spec":null)",
                                 R"("spec":{"template":{}})", R"("spec":{"template":{"spec":{}}})",
                                 R"("spec":{"template":{"spec":{"containers":null}}})",
                                 R"("spec":{"template":{"spec":{"containers":[{"name":"a"}]}}})"}) {
    SCOPED_TRACE(body);
    const Review review =
        parsed(create_workload("", "ReplicationController", "replicationcontrollers", body));
    EXPECT_FALSE(review.problem);
    EXPECT_TRUE(review.object.images.empty());
  }
}

TEST(PodImagesTest, DeniesPodsWithAnEmptyImage) {
  const std::pair<std::string, std::string> rows[] = {
      {R"({"containers":[{"name":"a","image":""}]})", "spec.containers[0].image is empty"},
      {R"({"containers":[{"name":"a"}]})", "spec.containers[0].image is empty"},
      {R"({"ephemeralContainers":[{"image":null}]})", "spec.ephemeralContainers[0].image is empty"},
      {R"({"volumes":[{"name":"v","image":{}}]})", "spec.volumes[0].image.reference is empty"},
  };
  for (const auto& [spec, what] : rows) {
    SCOPED_TRACE(spec);
    const Review review = parsed(create_pod(pod_text(spec)));
    ASSERT_TRUE(review.problem);
    EXPECT_EQ(review.problem->what(), what);
  }
}

TEST(PodImagesTest, NamesTheFieldOfTheWrongType) {
  const std::pair<std::string, std::string> rows[] = {
      {R"({"containers":{}})", "spec.containers must be an array"},
      {R"({"containers":["nginx"]})", "spec.containers[0] must be an object"},
      {R"({"containers":[null]})", "spec.containers[0] must be an object"},
      {R"({"containers":[{"image":7}]})", "spec.containers[0].image must be a string"},
      {R"({"containers":[{"name":[],"image":"x"}]})", "spec.containers[0].name must be a string"},
      {R"({"volumes":[{"image":"x"}]})", "spec.volumes[0].image must be an object"},
      {R"({"volumes":[{"image":{"reference":{}}}]})",
       "spec.volumes[0].image.reference must be a string"},
      {R"("none")", "object.spec must be an object"},
  };
  for (const auto& [spec, what] : rows) {
    SCOPED_TRACE(spec);
    const Review review = parsed(create_pod(pod_text(spec)));
    ASSERT_TRUE(review.problem);
    EXPECT_EQ(review.problem->what(), what);
    EXPECT_EQ(review.problem->reason(), Reason::malformed_object);
  }
}

TEST(PodImagesTest, NamesTheMetadataOfTheWrongType) {
  for (const std::string metadata :
       {R"({"labels":{"a":1}})", R"({"labels":[]})", R"({"name":1})", R"({"annotations":7})",
        R"({"ownerReferences":[7]})", R"({"ownerReferences":[{"controller":"yes"}]})", "7"}) {
    SCOPED_TRACE(metadata);
    EXPECT_TRUE(parsed(create_pod(pod_text(R"({"containers":[]})", metadata))).problem);
  }
}

TEST(PodImagesTest, ReadsWhoseLoginsThePodUses) {
  const std::string spec = R"({"containers":[],"serviceAccountName":"builder",)"
                           R"("imagePullSecrets":[{"name":"b"},{"name":"a"},{"name":""},{},)"
                           R"({"name":"b"}]})";
  const Review pod = parsed(create_pod(pod_text(spec)));
  const Review workload = parsed(create_workload("apps", "Deployment", "deployments",
                                                 R"("spec":{"template":{"spec":)" + spec + "}}"));

  for (const Review* const review : {&pod, &workload}) {
    ASSERT_FALSE(review->problem);
    EXPECT_EQ(review->object.pull_secrets, (Names{"b", "a"}));
    EXPECT_EQ(review->object.service_account, "builder");
  }
}

TEST(PodImagesTest, RefusesLoginsOfTheWrongType) {
  for (const std::string spec :
       {R"({"imagePullSecrets":{}})", R"({"imagePullSecrets":["a"]})",
        R"({"imagePullSecrets":[{"name":1}]})", R"({"serviceAccountName":[]})"}) {
    SCOPED_TRACE(spec);
    EXPECT_TRUE(parsed(create_pod(pod_text(spec))).problem);
  }
}

TEST(PodImagesTest, TellsWhereThereAreMorePullSecretsThanAreRead) {
  const auto kept_of = [](std::size_t count) {
    std::string secrets;
    for (std::size_t i = 0; i < count; ++i)
      secrets += (i > 0 ? ",{" : "{") + std::string(R"("name":"s)") + std::to_string(i) + "\"}";
    const std::string spec = R"({"containers":[],"imagePullSecrets":[)" + secrets + "]}";
    return parsed(create_pod(pod_text(spec))).object.pull_secrets.size();
  };
  EXPECT_EQ(kept_of(kPullSecrets), kPullSecrets);
  EXPECT_EQ(kept_of(kPullSecrets + 1), kPullSecrets + 1);
  EXPECT_EQ(kept_of(kPullSecrets + 2), kPullSecrets + 1);
}

TEST(PodImagesTest, BoundsTheNumberOfImages) {
  const auto pod_with = [](std::size_t count) {
    std::string containers;
    for (std::size_t i = 0; i < count; ++i) {
      if (i > 0) containers += ',';
      containers += R"({"name":"c)" + std::to_string(i) + R"(","image":"nginx"})";
    }
    return create_pod(pod_text(R"({"containers":[)" + containers + "]}"));
  };
  EXPECT_FALSE(parsed(pod_with(kImagesPerReview)).problem);
  const Review review = parsed(pod_with(kImagesPerReview + 1));
  ASSERT_TRUE(review.problem);
  EXPECT_EQ(review.problem->reason(), Reason::limit_exceeded);
}

TEST(PodImagesTest, SetsUnchangedImagesOfAnUpdateAside) {
  const std::string before =
      pod_text(R"({"containers":[{"name":"a","image":"one"},{"name":"b","image":"two"}]})");
  struct Row {
    std::string what, now;
    Names judged;
  };
  const Row rows[] = {
      {"labels only",
       R"({"containers":[{"name":"a","image":"one"},{"name":"b","image":"two"}]})",
       {}},
      {"re-ordered",
       R"({"containers":[{"name":"b","image":"two"},{"name":"a","image":"one"}]})",
       {}},
      {"one changed",
       R"({"containers":[{"name":"a","image":"new"},{"name":"b","image":"two"}]})",
       {"new"}},
      {"renamed", R"({"containers":[{"name":"z","image":"one"}]})", {"one"}},
      {"swapped",
       R"({"containers":[{"name":"a","image":"two"},{"name":"b","image":"one"}]})",
       {"two", "one"}},
      {"moved to another slot", R"({"initContainers":[{"name":"a","image":"one"}]})", {"one"}},
      {"another spelling",
       R"({"containers":[{"name":"a","image":"docker.io/library/one"}]})",
       {"docker.io/library/one"}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.what);
    EXPECT_EQ(references_of(parsed(update_pod(before, pod_text(row.now)))), row.judged);
  }
}

TEST(PodImagesTest, TakesNothingFromAnOldObjectOnCreation) {
  ReviewParts parts = create_pod(pod_of("nginx"));
  parts.old_object = pod_of("nginx");
  EXPECT_EQ(references_of(parsed(parts)), Names{"nginx"});
}

TEST(PodImagesTest, JudgesEverythingWhereTheOldObjectCannotBeRead) {
  for (const std::string before : {"null", "7", R"({"spec":{"containers":7}})"}) {
    SCOPED_TRACE(before);
    const Review review = parsed(update_pod(before, pod_of("nginx")));
    EXPECT_FALSE(review.problem);
    EXPECT_EQ(references_of(review), Names{"nginx"});
  }
}

TEST(PodImagesTest, JudgesATerminatingObjectWhoseImageChanges) {
  const std::string now = pod_text(R"({"containers":[{"name":"app","image":"evil"}]})",
                                   R"({"name":"p","deletionTimestamp":"2026-01-01T00:00:00Z"})");
  EXPECT_EQ(references_of(parsed(update_pod(pod_of("nginx"), now))), Names{"evil"});
}

TEST(PodImagesTest, NeverSkipsAPodForItsOwner) {
  const std::string owned =
      R"({"name":"p","ownerReferences":[{"kind":"ReplicaSet","name":"r","controller":true}]})";
  const Review review =
      parsed(create_pod(pod_text(R"({"containers":[{"name":"a","image":"x"}]})", owned)));
  EXPECT_EQ(review.exemption, Exemption::none);
  EXPECT_EQ(references_of(review), Names{"x"});
}

ReviewParts owned_workload(const std::string& group, const std::string& kind,
                           const std::string& plural, const std::string& owner) {
  ReviewParts parts =
      create_workload(group, kind, plural,
                      R"("spec":{"template":{"spec":{"containers":[{"name":"a","image":"x"}]}}})");
  const std::string name = R"("name":"w")";
  parts.object.replace(parts.object.find(name), name.size(),
                       R"("name":"w","ownerReferences":[{"kind":"Extra"},{"kind":")" + owner +
                           R"(","controller":true}])");
  return parts;
}

TEST(PodImagesTest, LeavesWhatAControllerMadeToItsPods) {
  EXPECT_EQ(parsed(owned_workload("apps", "ReplicaSet", "replicasets", "Deployment")).exemption,
            Exemption::owned);
  EXPECT_EQ(parsed(owned_workload("batch", "Job", "jobs", "CronJob")).exemption, Exemption::owned);
  EXPECT_EQ(parsed(owned_workload("batch", "Job", "jobs", "Workflow")).exemption, Exemption::none);
  EXPECT_EQ(parsed(owned_workload("apps", "StatefulSet", "statefulsets", "Deployment")).exemption,
            Exemption::none);
}

TEST(PodImagesTest, BelievesTheMirrorAnnotationOnlyOfANode) {
  const std::string metadata =
      R"({"name":"p","annotations":{"kubernetes.io/config.mirror":"abc"}})";
  ReviewParts parts =
      create_pod(pod_text(R"({"containers":[{"name":"a","image":"x"}]})", metadata));
  EXPECT_EQ(parsed(parts).exemption, Exemption::none);
  parts.user = R"({"username":"system:node:n1","groups":["system:nodes"]})";
  EXPECT_EQ(parsed(parts).exemption, Exemption::mirror);
  parts.object = pod_of("x");
  EXPECT_EQ(parsed(parts).exemption, Exemption::none);
}

TEST(PodImagesTest, UsesGenerateNameWhereThereIsNoName) {
  const Review review =
      parsed(create_pod(pod_text(R"({"containers":[]})", R"({"generateName":"web-"})")));
  EXPECT_EQ(review.name, "web-");
}

}  // namespace
}  // namespace signet
