#include "server/web/webhook.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/base/bytes.hpp"
#include "server/web/fan_out.hpp"
#include "tests/core/admission/reviews.hpp"
#include "tests/server/web/web_fixture.hpp"

namespace signet {
namespace {

using namespace signet::testing;
using nlohmann::json;
using std::chrono::milliseconds;
using Policies = std::shared_ptr<const PolicySet>;

// A webhook without a server around it.
class Hook {
 public:
  explicit Hook(Judge judge = trusting_judge(), WebhookSettings settings = {},
                Policies set = some_policies())
      : policies(std::move(set)),
        metrics(TimePoint{}),
        log(LogLevel::info, [this](std::string_view line) { lines.emplace_back(line); }),
        webhook(std::move(judge), policies, std::move(settings), metrics, log) {}

  WebReply validate(std::string body, std::string query = "timeout=10s") {
    return run(webhook.validate(request(std::move(body), std::move(query))));
  }
  WebReply mutate(std::string body, std::string query = "timeout=10s") {
    return run(webhook.mutate(request(std::move(body), std::move(query))));
  }

  std::vector<std::string> lines;
  Snapshot<PolicySet> policies;
  Metrics metrics;
  Log log;
  Webhook webhook;

 private:
  static WebRequest request(std::string body, std::string query) {
    WebRequest asked;
    asked.body = std::move(body);
    asked.query = std::move(query);
    asked.received = std::chrono::steady_clock::now();
    return asked;
  }
};

json response_of(const WebReply& reply) {
  EXPECT_EQ(reply.status, 200) << reply.body;
  return json::parse(reply.body)["response"];
}

const std::string kPod = create_pod(pod_of("quay.io/x/app:1")).str();

Judge throwing_judge() {
  Judge judge;
  judge.verify = [](Reference, Workload, Policies, Deadline) -> Task<Verdict> {
    throw std::runtime_error("a bug");
    co_return Verdict();
  };
  judge.resolve = [](Reference, Deadline) -> Task<Result<Digest>> {
    throw std::runtime_error("a bug");
    co_return Error(Reason::internal, "");
  };
  return judge;
}

Judge refusing_judge(Reason reason) {
  Judge judge = trusting_judge();
  judge.verify = [reason](Reference image, Workload, Policies, Deadline) -> Task<Verdict> {
    co_return refused(image, reason);
  };
  judge.resolve = [reason](Reference, Deadline) -> Task<Result<Digest>> {
    co_return Error(reason, "as the test says");
  };
  return judge;
}

TEST(WebhookTest, AllowsWhatIsTrusted) {
  Hook hook;
  const json response = response_of(hook.validate(kPod));
  EXPECT_EQ(response["allowed"], true);
  EXPECT_FALSE(response.contains("patch"));
  EXPECT_EQ(hook.metrics.pod_requests.value({"validate_pods", "pods", "create", "allow"}), 1);
  EXPECT_EQ(hook.metrics.in_flight.value({"validate"}), 0);
}

TEST(WebhookTest, DeniesWhatIsNot) {
  Hook hook(refusing_judge(Reason::identity_mismatch));
  const json response = response_of(hook.validate(kPod));
  EXPECT_EQ(response["allowed"], false);
  EXPECT_EQ(response["status"]["code"], 403);
  EXPECT_NE(response["status"]["message"].get<std::string>().find("quay.io/x/app:1"),
            std::string::npos);
  EXPECT_EQ(response["status"]["details"]["causes"][0]["field"], "spec.containers[0].image");
  EXPECT_EQ(hook.metrics.pod_requests.value({"validate_pods", "pods", "create", "deny"}), 1);
  EXPECT_EQ(hook.metrics.verdicts_fail.value({"fail", "identity_mismatch", "none"}), 1);
}

TEST(WebhookTest, AThrowingVerificationIsNeverAllowed) {
  Hook hook(throwing_judge());
  const json response = response_of(hook.validate(kPod));
  EXPECT_EQ(response["allowed"], false);
  EXPECT_EQ(response["status"]["code"], 500);
  EXPECT_EQ(response["status"]["reason"], "InternalError");
  EXPECT_EQ(response.dump().find("a bug"), std::string::npos);
  EXPECT_EQ(hook.metrics.pod_requests.value({"validate_pods", "pods", "create", "error"}), 1);
  EXPECT_EQ(hook.metrics.verdicts_unknown.value({"unknown", "internal", "none"}), 1);
}

TEST(WebhookTest, AnswersInTimeWhateverTheVerifierDoes) {
  Judge hanging = trusting_judge();
  hanging.verify = [](Reference image, Workload, Policies, Deadline) -> Task<Verdict> {
    asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::seconds(20));
    co_await timer.async_wait(kToken);
    co_return trusted(image);
  };
  WebhookSettings settings;
  settings.time.max_work = milliseconds(200);
  Hook hook(hanging, settings);
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
  EXPECT_GE(given, before + milliseconds(1500));
  EXPECT_LE(given, std::chrono::steady_clock::now() + milliseconds(1500));
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
  Hook hook(judge, settings);
  hook.validate(create_pod(pod_text(R"({"containers":[{"name":"a","image":"x"}]})",
                                    R"({"labels":{"app":"web"}})"))
                    .str());
  EXPECT_EQ(seen.ns, "shop");
  EXPECT_EQ(seen.labels, (Labels{{"app", "web"}}));
  EXPECT_EQ(seen.namespace_labels,
            (Labels{{"tier", "prod"}, {"kubernetes.io/metadata.name", "shop"}}));
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
  EXPECT_EQ(most, 8U);
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
  EXPECT_EQ(hook.metrics.malformed.value({"review"}), 8);
}

TEST(WebhookTest, ShedsReviewsBeyondItsRoom) {
  WebhookSettings settings;
  settings.reviews = 0;
  Hook hook(trusting_judge(), settings);
  const WebReply reply = hook.validate(kPod);
  EXPECT_EQ(reply.status, 503);
  EXPECT_TRUE(reply.retry_after && reply.close);
  EXPECT_EQ(hook.metrics.shed.value({"reviews"}), 1);
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

// ---- /mutate

TEST(MutateTest, PinsTheTagOfAPod) {
  Hook hook;
  const json response = response_of(hook.mutate(kPod));
  EXPECT_EQ(response["allowed"], true);
  EXPECT_EQ(response["patchType"], "JSONPatch");
  const auto text = unbase64(response["patch"].get<std::string>(), Base64::standard);
  ASSERT_TRUE(text);
  const json patched = json::parse(pod_of("quay.io/x/app:1")).patch(json::parse(*text));
  EXPECT_EQ(patched["spec"]["containers"][0]["image"],
            "quay.io/x/app:1@" + Digest::of("quay.io/x/app:1").str());
  EXPECT_FALSE(response.contains("auditAnnotations"));
  EXPECT_EQ(hook.metrics.mutations.value({"pinned"}), 1);
}

TEST(MutateTest, GivesNoVerdictOnAnyError) {
  for (const Judge& judge : {throwing_judge(), refusing_judge(Reason::registry_unreachable),
                             refusing_judge(Reason::image_not_found)}) {
    Hook hook(judge);
    const json response = response_of(hook.mutate(kPod));
    EXPECT_EQ(response["allowed"], true);
    EXPECT_FALSE(response.contains("patch"));
    EXPECT_EQ(response["warnings"].size(), 1U);
    EXPECT_EQ(hook.metrics.mutations.value({"unresolved"}), 1);
  }
  Hook hook(refusing_judge(Reason::internal));
  const json broken = response_of(hook.mutate(create_pod("null").str()));
  EXPECT_EQ(broken["allowed"], true);
}

TEST(MutateTest, LooksUpNothingThatNoPolicyCovers) {
  std::size_t asked = 0;
  Judge judge = trusting_judge();
  judge.resolve = [&asked](Reference image, Deadline) -> Task<Result<Digest>> {
    ++asked;
    co_return Digest::of(image.original());
  };
  Hook hook(judge, {}, some_policies("quay.io/y/**"));
  const json response = response_of(hook.mutate(kPod));
  EXPECT_EQ(response["allowed"], true);
  EXPECT_FALSE(response.contains("patch"));
  EXPECT_FALSE(response.contains("warnings"));
  EXPECT_EQ(asked, 0U);
}

TEST(MutateTest, NeverPatchesFromValidate) {
  Hook hook;
  const std::string pinned = "x@" + Digest::of("").str();
  for (const std::string& image : {std::string("x:1"), pinned, std::string("UPPER")}) {
    EXPECT_FALSE(response_of(hook.validate(create_pod(pod_of(image)).str())).contains("patch"));
  }
}

TEST(FanOutTest, LeavesWhatIsLateEmptyAndBeginsNothingMore) {
  std::size_t begun = 0;
  const auto work = [&begun](std::size_t index) -> Task<int> {
    ++begun;
    const milliseconds wait(index == 0 ? 0 : 30);
    asio::steady_timer timer(co_await asio::this_coro::executor, wait);
    co_await timer.async_wait(kToken);
    co_return static_cast<int>(index);
  };
  asio::io_context loop;
  FanOut<int> fan_out(5, 2, work);
  const auto results = run_on(loop, fan_out.run(deadline_in(milliseconds(10))));
  loop.restart();
  loop.run();
  EXPECT_EQ(results.values[0], 0);
  EXPECT_FALSE(results.values[1]);
  EXPECT_EQ(begun, 3U);
}

}  // namespace
}  // namespace signet
