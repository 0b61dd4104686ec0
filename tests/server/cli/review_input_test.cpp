// What manifests ask, read as the webhook reads: which images of which workloads, and what is not
// judged and why.

#include "server/cli/review_input.hpp"

#include <gtest/gtest.h>

#include "core/base/text.hpp"

namespace signet {
namespace {

using Strings = std::vector<std::string>;

ReviewQuestions questions_of(const Strings& objects, ReviewInputRules rules = {}) {
  const auto policies = std::make_shared<const PolicySet>();
  ReviewInput input(policies, std::move(rules));
  for (const std::string& json : objects) {
    const auto added = input.add(ManifestObject{json, "", ""});
    EXPECT_TRUE(added) << added.error().what();
  }
  return input.finish();
}

std::string refusal_of(const ManifestObject& object) {
  ReviewInput input(std::make_shared<const PolicySet>(), {});
  const auto added = input.add(object);
  return added ? "" : added.error().what();
}

// "image in ns: Object field; Object field"
Strings told(const ReviewQuestions& questions) {
  Strings lines;
  for (const ReviewCase& asked : questions.cases) {
    std::string line = cat(asked.image, " in ", asked.workload.ns, ":");
    for (const ReviewPlace& place : asked.places)
      line += cat(" ", place.object, " ", place.field);
    lines.push_back(line);
  }
  return lines;
}

std::string pod(const std::string& metadata, const std::string& image) {
  return cat(R"({"apiVersion":"v1","kind":"Pod","metadata":{)", metadata,
             R"(},"spec":{"containers":[{"name":"c","image":")", image, "\"}]}}");
}

std::string with_template(const std::string& api, const std::string& kind,
                          const std::string& metadata = R"("name":"w","namespace":"shop")") {
  return cat(R"({"apiVersion":")", api, R"(","kind":")", kind, R"(","metadata":{)", metadata,
             R"(},"spec":{"template":{"spec":{"containers":[{"name":"c","image":"a:1"}]}}}})");
}

TEST(ReviewInputTest, EveryKindOfWorkloadNamesItsImages) {
  for (const auto& [api, kind] :
       std::vector<std::pair<const char*, const char*>>{{"apps/v1", "Deployment"},
                                                        {"apps/v1", "ReplicaSet"},
                                                        {"apps/v1", "StatefulSet"},
                                                        {"apps/v1", "DaemonSet"},
                                                        {"batch/v1", "Job"},
                                                        {"v1", "ReplicationController"}}) {
    EXPECT_EQ(
        told(questions_of({with_template(api, kind)})),
        (Strings{cat("a:1 in shop: ", kind, " shop/w spec.template.spec.containers[0].image")}));
  }
  EXPECT_EQ(told(questions_of({R"({"apiVersion":"batch/v1","kind":"CronJob","metadata":{"name":"n"},
      "spec":{"jobTemplate":{"spec":{"template":{"spec":{"initContainers":[{"name":"i",
      "image":"b:2"}]}}}}}})"})),
            (Strings{"b:2 in default: CronJob default/n "
                     "spec.jobTemplate.spec.template.spec.initContainers[0].image"}));
}

TEST(ReviewInputTest, TheSameImageOfTheSameNamespaceIsAskedForOnce) {
  const auto questions = questions_of({pod(R"("name":"a","namespace":"x")", "i:1"),
                                       pod(R"("name":"b","namespace":"x")", "i:1"),
                                       pod(R"("name":"c","namespace":"y")", "i:1")});
  ASSERT_EQ(questions.cases.size(), 2U);
  EXPECT_EQ(questions.cases[0].uses, 2U);
  EXPECT_EQ(questions.cases[0].workloads.size(), 2U);
  EXPECT_EQ(questions.objects, 3U);
  EXPECT_EQ(questions.workloads, 3U);
}

TEST(ReviewInputTest, OnlyTheFirstPlacesAreKept) {
  Strings pods;
  for (std::size_t i = 0; i <= kReviewPlaces; ++i)
    pods.push_back(pod(cat(R"("name":"p)", std::to_string(i), "\""), "i:1"));
  const auto questions = questions_of(pods);
  EXPECT_EQ(questions.cases.at(0).places.size(), kReviewPlaces);
  EXPECT_EQ(questions.cases.at(0).uses, kReviewPlaces + 1);
}

TEST(ReviewInputTest, PodsCountAsTheDeploymentThatMadeThem) {
  const auto made = [](const std::string& name, const std::string& set, const std::string& hash) {
    return pod(cat(R"("name":")", name, R"(","labels":{"pod-template-hash":")", hash,
                   R"("},"ownerReferences":[{"controller":true,"kind":"ReplicaSet","name":")", set,
                   "\"}]"),
               "i:1");
  };
  const auto questions = questions_of({made("a", "web-7d9c", "7d9c"), made("b", "web-7d9c", "7d9c"),
                                       made("c", "web-aaaa", "aaaa"), made("d", "other", "bbbb"),
                                       with_template("apps/v1", "Deployment", R"("name":"web")")});
  EXPECT_EQ(questions.workloads, 2U);  // Deployment web, ReplicaSet other
}

TEST(ReviewInputTest, ObjectsOfAControllerAndStaticPodsAreSkippedAsInTheCluster) {
  const std::string owned = R"("name":"r","ownerReferences":[{"controller":true,
      "kind":"Deployment","name":"d"}])";
  const auto questions = questions_of(
      {with_template("apps/v1", "ReplicaSet", owned),
       pod(R"("name":"etcd","annotations":{"kubernetes.io/config.mirror":"x"})", "etcd:1")});
  EXPECT_TRUE(questions.cases.empty());
  ASSERT_EQ(questions.skipped.size(), 2U);
  EXPECT_EQ(questions.skipped.begin()->second.count, 1U);
}

TEST(ReviewInputTest, AKindOfSomebodyElsesIsSkippedAndSaidHowToMap) {
  const std::string run = R"({"apiVersion":"tekton.dev/v1","kind":"TaskRun","metadata":{"name":"r"},
      "spec":{"taskSpec":{"steps":[{"name":"s","image":"t:1"}]}}})";
  const auto skipped = questions_of({run, run}).skipped;
  ASSERT_EQ(skipped.size(), 1U);
  const auto& [why, skip] = *skipped.begin();
  EXPECT_EQ(skip.count, 2U);
  EXPECT_EQ(skip.first, "TaskRun default/r");
  EXPECT_NE(why.find("--extra-resource tekton.dev=taskruns=v1=PATH"), std::string::npos) << why;
  EXPECT_NE(why.find("webhook.extraResources"), std::string::npos) << why;

  ReviewInputRules rules;
  rules.extra_resources = {
      *ExtraResource::parse("tekton.dev=taskruns=v1=spec.taskSpec.steps[*].image")};
  EXPECT_EQ(told(questions_of({run}, rules)),
            (Strings{"t:1 in default: TaskRun default/r spec.taskSpec.steps[0].image"}));
}

TEST(ReviewInputTest, WhatHoldsNoImagesIsOnlyCounted) {
  const auto questions =
      questions_of({R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"}})",
                    R"({"apiVersion":"networking.k8s.io/v1","kind":"Ingress","metadata":{}})"});
  EXPECT_EQ(questions.objects, 2U);
  EXPECT_TRUE(questions.cases.empty());
  EXPECT_TRUE(questions.skipped.empty());
}

TEST(ReviewInputTest, AMistypedWorkloadIsNotTakenForSomethingWithoutImages) {
  const auto refused = [](std::string_view json) {
    return refusal_of(ManifestObject{json, "", ""});
  };
  EXPECT_EQ(refused(R"({"apiVersion":"apps/v1","kind":"Deploymnet"})"),
            "there is no kind apps/v1 Deploymnet; did you mean Deployment?");
  EXPECT_EQ(refused(R"({"apiVersion":"v1","kind":"pod"})"),
            "there is no kind v1 pod; did you mean Pod?");
  EXPECT_EQ(refused(R"({"apiVersion":"v1","kind":"Node","metadata":{"name":"n"}})"), "");
}

TEST(ReviewInputTest, WhatOthersDefineUnderTheNameOfKubernetesIsSaid) {
  const std::string set = R"({"apiVersion":"jobset.x-k8s.io/v1alpha2","kind":"JobSet"})";
  EXPECT_EQ(questions_of({set}).skipped.size(), 1U);
}

TEST(ReviewInputTest, AnOldVersionOfAWorkloadIsSaid) {
  const auto skipped = questions_of({with_template("apps/v1beta1", "Deployment")}).skipped;
  ASSERT_EQ(skipped.size(), 1U);
  EXPECT_NE(skipped.begin()->first.find("apps/v1beta1 Deployment"), std::string::npos);
}

TEST(ReviewInputTest, LabelsOfANamespaceMayStandBeforeOrBehindItsPods) {
  const std::string ns = R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"x",
      "labels":{"tier":"prod"}}})";
  const std::string inside = pod(R"("name":"a","namespace":"x")", "i:1");
  for (const Strings& order : {Strings{ns, inside}, Strings{inside, ns}}) {
    const auto labels = questions_of(order).cases.at(0).workload.namespace_labels;
    ASSERT_TRUE(labels.has_value());
    EXPECT_EQ(labels->at("tier"), "prod");
    EXPECT_EQ(labels->at("kubernetes.io/metadata.name"), "x");
  }
  EXPECT_FALSE(questions_of({inside}).cases.at(0).workload.namespace_labels.has_value());
}

TEST(ReviewInputTest, ItemsOfAListOfTheApiTakeItsKind) {
  ReviewInput input(std::make_shared<const PolicySet>(), {});
  const std::string json = R"({"metadata":{"name":"a"},"spec":{"containers":[{"image":"i:1"}]}})";
  ASSERT_TRUE(input.add(ManifestObject{json, "v1", "PodList"}));
  EXPECT_EQ(told(input.finish()),
            (Strings{"i:1 in default: Pod default/a spec.containers[0].image"}));
  EXPECT_NE(refusal_of({json, "", ""}).find("without apiVersion and kind is no manifest"),
            std::string::npos);
}

TEST(ReviewInputTest, ListsInListsAreFollowedFourLevels) {
  std::string json = pod(R"("name":"a")", "i:1");
  for (int level = 1; level <= 4; ++level) {
    json = cat(R"({"apiVersion":"v1","kind":"List","items":[)", json, "]}");
    EXPECT_EQ(questions_of({json}).cases.size(), 1U);
  }
  json = cat(R"({"apiVersion":"v1","kind":"List","items":[)", json, "]}");
  EXPECT_NE(refusal_of({json, "", ""}).find("not deeper than 4 levels"), std::string::npos);
}

TEST(ReviewInputTest, WhatTheWebhookRefusesIsAProblemOfTheObject) {
  const auto questions = questions_of(
      {pod(R"("name":"empty")", ""),
       R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"twice"},"spec":{"containers":[
           {"image":"a","image":"b"}]}})",
       R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"number"},"spec":{"containers":[
           {"image":1}]}})"});
  ASSERT_EQ(questions.problems.size(), 3U);
  EXPECT_EQ(questions.problems[0].what, "spec.containers[0].image is empty");
  EXPECT_EQ(questions.problems[1].object, "Pod default/twice");
  EXPECT_NE(questions.problems[1].what.find("twice"), std::string::npos);
  EXPECT_NE(questions.problems[2].what.find("must be a string"), std::string::npos);
}

TEST(ReviewInputTest, ProblemsBeyondWhatIsKeptAreCounted) {
  const Strings broken(kReviewProblems + 1, pod(R"("name":"p")", ""));
  const auto questions = questions_of(broken);
  EXPECT_EQ(questions.problems.size(), kReviewProblems);
  EXPECT_EQ(questions.problem_count, kReviewProblems + 1);
}

TEST(ReviewInputTest, AReviewIsReadAsTheWebhookReadsIt) {
  const auto review = [](const std::string& operation) {
    return cat(R"({"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u",
        "kind":{"group":"","version":"v1","kind":"Pod"},"resource":{"group":"","version":"v1",
        "resource":"pods"},"namespace":"shop","operation":")",
               operation, R"(","object":)", pod(R"("name":"a")", "i:1"), "}}");
  };
  const auto created = questions_of({review("CREATE")});
  EXPECT_EQ(told(created), (Strings{"i:1 in shop: Pod shop/a spec.containers[0].image"}));
  EXPECT_EQ(created.cases[0].unpinned, Unpinned::deny);
  EXPECT_EQ(questions_of({review("DELETE")}).skipped.size(), 1U);
  EXPECT_EQ(questions_of({pod(R"("name":"a")", "i:1")}).cases[0].unpinned, Unpinned::allow);
}

}  // namespace
}  // namespace signet
