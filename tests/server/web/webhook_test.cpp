#include "server/web/webhook.hpp"

#include <gtest/gtest.h>

#include "core/admission/self_test.hpp"
#include "tests/server/web/hook.hpp"

namespace signet {
namespace {

using namespace signet::testing;
using std::chrono::milliseconds;

TEST(WebhookTest, AllowsWhatIsTrusted) {
  Hook hook;
  const json response = response_of(hook.validate(kPod));
  EXPECT_EQ(response["allowed"], true);
  EXPECT_FALSE(response.contains("patch"));
  EXPECT_EQ(hook.metrics.requests.value({"validate_pods", "pods", "create", "allow"}), 1);
  EXPECT_EQ(hook.metrics.in_flight.value({"validate_pods"}), 0);
}

TEST(WebhookTest, ASelfTestIsDecidedAndNeitherCountedNorTold) {
  ReviewParts ask = create_pod(pod_of(kSelfTestImage));
  ask.uid = R"("signet-check-1")";
  ask.dry_run = "true";
  Hook hook;
  std::size_t told = 0;
  hook.webhook->tell([&told](const auto&, auto, const auto&) { ++told; });
  const json denied = response_of(hook.validate(ask.str()));
  EXPECT_EQ(denied["allowed"], false);
  EXPECT_EQ(denied["uid"], "signet-check-1");
  EXPECT_EQ(response_of(hook.mutate(ask.str()))["allowed"], true);
  EXPECT_EQ(hook.metrics.dry_runs.value({"validate_pods"}), 1);
  EXPECT_EQ(hook.metrics.dry_runs.value({"mutate_pods"}), 1);
  EXPECT_EQ(hook.metrics.requests.value({"validate_pods", "pods", "create", "deny"}), 0);
  EXPECT_EQ(hook.metrics.requests.value({"mutate_pods", "pods", "create", "allow"}), 0);
  ask.dry_run = "false";
  EXPECT_EQ(response_of(hook.validate(ask.str()))["allowed"], false);
  EXPECT_EQ(hook.metrics.requests.value({"validate_pods", "pods", "create", "deny"}), 1);
  EXPECT_EQ(told, 1U);
  EXPECT_EQ(hook.logged("admission_decision").size(), 1U);
}

TEST(WebhookTest, DeniesWhatIsNot) {
  Hook hook(refusing_judge(Reason::identity_mismatch));
  const json response = response_of(hook.validate(kPod));
  EXPECT_EQ(response["allowed"], false);
  EXPECT_EQ(response["status"]["code"], 403);
  EXPECT_NE(response["status"]["message"].get<std::string>().find("quay.io/x/app:1"),
            std::string::npos);
  EXPECT_EQ(response["status"]["details"]["causes"][0]["field"], "spec.containers[0].image");
  EXPECT_EQ(hook.metrics.requests.value({"validate_pods", "pods", "create", "deny"}), 1);
  EXPECT_EQ(hook.metrics.image_verifications.value({"none", "none", "fail", "identity_mismatch"}),
            1);
}

TEST(WebhookTest, AThrowingVerificationIsNeverAllowed) {
  Hook hook(throwing_judge());
  const json response = response_of(hook.validate(kPod));
  EXPECT_EQ(response["allowed"], false);
  EXPECT_EQ(response["status"]["code"], 500);
  EXPECT_EQ(response["status"]["reason"], "InternalError");
  EXPECT_EQ(response.dump().find("a bug"), std::string::npos);
  EXPECT_EQ(hook.metrics.requests.value({"validate_pods", "pods", "create", "error"}), 1);
  EXPECT_EQ(hook.metrics.image_verifications.value({"none", "none", "error", "internal"}), 1);
}

TEST(WebhookTest, AnswersInTimeWhateverTheVerifierDoes) {
  WebhookSettings settings;
  settings.time.max_work = milliseconds(200);
  Hook hook(hanging_judge(), settings);
  const auto before = std::chrono::steady_clock::now();
  const json response = response_of(hook.validate(kPod, "timeout=2s"));
  EXPECT_LT(std::chrono::steady_clock::now() - before, milliseconds(1500));
  EXPECT_EQ(response["allowed"], false);
  EXPECT_EQ(response["status"]["code"], 504);
  EXPECT_EQ(response["status"]["reason"], "Timeout");
  EXPECT_FALSE(response["status"]["details"].contains("retryAfterSeconds"));
  EXPECT_EQ(hook.metrics.deadline_exceeded.value({"validate_pods"}), 1);
}

TEST(WebhookTest, PassesItsDeadlineToTheVerifier) {
  Deadline given{};
  Judge judge = trusting_judge();
  judge.verify = [&given](Reference image, Workload, Policies, Deadline deadline) -> Task<Verdict> {
    given = deadline;
    co_return trusted(image);
  };
  Hook hook(judge);
  const auto before = std::chrono::steady_clock::now();
  hook.validate(kPod, "timeout=2s");
  // Work ends before the budget does, so that its answer is there in time.
  EXPECT_GE(given, before + milliseconds(1450));
  EXPECT_LT(given, std::chrono::steady_clock::now() + milliseconds(1500));
}

TEST(WebhookTest, TellsWhoRunsTheImage) {
  Workload seen;
  Judge judge = trusting_judge();
  judge.verify = [&seen](Reference image, Workload workload, Policies, Deadline) -> Task<Verdict> {
    seen = workload;
    co_return trusted(image);
  };
  WebhookSettings settings;
  settings.namespace_labels["shop"] = {{"tier", "prod"}, {"kubernetes.io/metadata.name", "forged"}};
  auto policies = std::make_shared<PolicySet>(*some_policies());
  policies->label_keys.of_object = {"app"};
  Hook hook(judge, settings, policies);
  hook.validate(create_pod(pod_text(R"({"containers":[{"name":"a","image":"x"}]})",
                                    R"({"labels":{"app":"web","unasked":"x"}})"))
                    .str());
  EXPECT_EQ(seen.ns, "shop");
  EXPECT_EQ(seen.labels, (Labels{{"app", "web"}}));
  EXPECT_EQ(seen.namespace_labels,
            (Labels{{"tier", "prod"}, {"kubernetes.io/metadata.name", "shop"}}));
}

TEST(WebhookTest, LabelsOfANamespaceThatNobodyConfiguredAreUnknownNotEmpty) {
  Workload seen;
  Judge judge = trusting_judge();
  judge.verify = [&seen](Reference image, Workload workload, Policies, Deadline) -> Task<Verdict> {
    seen = workload;
    co_return trusted(image);
  };
  WebhookSettings settings;
  settings.namespace_labels["other"] = {{"tier", "prod"}};
  Hook hook(judge, settings);
  hook.validate(create_pod(pod_text(R"({"containers":[{"name":"a","image":"x"}]})")).str());
  EXPECT_EQ(seen.ns, "shop");
  EXPECT_FALSE(seen.namespace_labels.has_value());
}

TEST(WebhookTest, TellsWhoseLoginsTheKubeletWillUse) {
  Workload seen;
  Judge judge = trusting_judge();
  judge.verify = [&seen](Reference image, Workload workload, Policies, Deadline) -> Task<Verdict> {
    seen = workload;
    co_return trusted(image);
  };
  Hook hook(judge);
  const std::string image = R"("containers":[{"name":"a","image":"x"}])";
  const std::string secrets = image + R"(,"imagePullSecrets":[{"name":"b"},{"name":"a"}])";
  const auto pod = [](const std::string& spec) { return create_pod(pod_text("{" + spec + "}")); };
  const auto workload = [](const std::string& spec) {
    return create_workload("apps", "Deployment", "deployments",
                           R"("spec":{"template":{"spec":{)" + spec + "}}}");
  };
  struct Row {
    std::string review;
    std::vector<std::string> secrets;
    std::string account;
  };
  const Row rows[] = {
      {pod(secrets).str(), {"b", "a"}, ""},
      {pod(image + R"(,"serviceAccountName":"builder")").str(), {}, ""},
      {workload(secrets).str(), {"b", "a"}, ""},
      {workload(image).str(), {}, "default"},
      {workload(image + R"(,"serviceAccountName":"builder")").str(), {}, "builder"},
  };
  for (const Row& row : rows) {
    hook.validate(row.review);
    EXPECT_EQ(seen.pull_secrets, row.secrets) << row.review;
    EXPECT_EQ(seen.service_account, row.account) << row.review;
  }
}

TEST(WebhookTest, JudgesEachReferenceOnceAndAFewAtATime) {
  std::size_t runs = 0;
  std::size_t now = 0;
  std::size_t most = 0;
  Judge judge = trusting_judge();
  judge.verify = [&](Reference image, Workload, Policies, Deadline) -> Task<Verdict> {
    ++runs;
    most = std::max(most, ++now);
    asio::steady_timer timer(co_await asio::this_coro::executor, milliseconds(1));
    co_await timer.async_wait(kToken);
    --now;
    co_return trusted(image);
  };
  std::string containers;
  for (int i = 0; i < 60; ++i) {
    if (i > 0) containers += ',';
    containers +=
        R"({"name":"c)" + std::to_string(i) + R"(","image":"x/)" + std::to_string(i % 20) + R"("})";
  }
  Hook hook(judge);
  const json response = response_of(
      hook.validate(create_pod(pod_text(R"({"containers":[)" + containers + "]}")).str()));
  EXPECT_EQ(response["allowed"], true);
  EXPECT_EQ(runs, 20U);
  EXPECT_EQ(most, 16U);
}

TEST(WebhookTest, OneRefusedImageDeniesThePod) {
  Judge judge = trusting_judge();
  judge.verify = [](Reference image, Workload, Policies, Deadline) -> Task<Verdict> {
    if (image.original() == "evil") co_return refused(image, Reason::no_signature);
    co_return trusted(image);
  };
  const std::string pod = pod_text(
      R"({"containers":[{"name":"a","image":"good"}],"initContainers":[{"name":"b","image":"evil"}]})");
  Hook hook(judge);
  const json response = response_of(hook.validate(create_pod(pod).str()));
  EXPECT_EQ(response["allowed"], false);
  EXPECT_EQ(response["status"]["details"]["causes"].size(), 1U);
  EXPECT_EQ(response["status"]["details"]["causes"][0]["field"], "spec.initContainers[0].image");
}

TEST(WebhookTest, DeniesBeforePoliciesAreLoaded) {
  Hook hook(trusting_judge(), {}, nullptr);
  const json response = response_of(hook.validate(kPod));
  EXPECT_EQ(response["allowed"], false);
  EXPECT_EQ(response["status"]["code"], 503);
  EXPECT_EQ(response_of(hook.mutate(kPod))["allowed"], true);
}

TEST(WebhookTest, DeniesBrokenReferencesAndObjectsInKind) {
  Hook hook;
  const json reference = response_of(hook.validate(create_pod(pod_of("UPPER/Case")).str()));
  EXPECT_EQ(reference["allowed"], false);
  EXPECT_NE(reference.dump().find("invalid_reference"), std::string::npos);
  const json object = response_of(hook.validate(create_pod("null").str()));
  EXPECT_EQ(object["allowed"], false);
  EXPECT_EQ(object["status"]["code"], 400);
  const json kind =
      response_of(hook.validate(create_workload("", "Secret", "secrets", R"("data":{})").str()));
  EXPECT_EQ(kind["allowed"], false);
  EXPECT_EQ(hook.metrics.malformed.value({"object"}), 2);
}

TEST(WebhookTest, AnswersAMalformedReviewWithPlainText) {
  Hook hook;
  for (const std::string body : {"", "{}", "hello", "[]"}) {
    const WebReply reply = hook.validate(body);
    EXPECT_EQ(reply.status, 400);
    EXPECT_TRUE(reply.content_type.starts_with("text/plain"));
    EXPECT_EQ(hook.mutate(body).status, 400);
  }
  EXPECT_EQ(hook.metrics.malformed.value({"json"}), 6);
  EXPECT_EQ(hook.metrics.malformed.value({"version"}), 2);
}

TEST(WebhookTest, ShedsReviewsBeyondItsRoom) {
  WebhookSettings settings;
  settings.reviews = 0;
  Hook hook(trusting_judge(), settings);
  const WebReply reply = hook.validate(kPod);
  EXPECT_EQ(reply.status, 503);
  EXPECT_TRUE(reply.retry_after && reply.close);
  EXPECT_EQ(hook.metrics.shed.value({"queue_full"}), 1);
}

TEST(WebhookTest, MakesRoomAgainWhenAReviewIsAnswered) {
  WebhookSettings settings;
  settings.reviews = 1;
  Hook hook(trusting_judge(), settings);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(hook.validate(kPod).status, 200);
    EXPECT_EQ(hook.mutate(kPod).status, 200);
    EXPECT_EQ(hook.validate("broken").status, 400);
  }
}

TEST(WebhookTest, SkipsUnchangedImagesAndSaysSo) {
  Hook hook(refusing_judge(Reason::no_signature));
  const json response =
      response_of(hook.validate(update_pod(pod_of("x/a:1"), pod_of("x/a:1")).str()));
  EXPECT_EQ(response["allowed"], true);
  EXPECT_EQ(response["auditAnnotations"]["decision"], "skip");
  EXPECT_EQ(hook.metrics.images_skipped.value({"unchanged"}), 1);
  EXPECT_EQ(hook.metrics.unpinned_images.value({"skip"}), 1);
}

}  // namespace
}  // namespace signet
