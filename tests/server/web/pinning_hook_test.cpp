#include <gtest/gtest.h>

#include "core/base/bytes.hpp"
#include "tests/server/web/hook.hpp"

namespace signet {
namespace {

using namespace signet::testing;
using std::chrono::milliseconds;

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
  judge.resolve = [&asked](Reference image, Workload, Deadline) -> Task<Result<Digest>> {
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

// The images that the patch of an answer writes.
std::vector<std::string> patched_in(const json& response) {
  std::vector<std::string> images;
  if (!response.contains("patch")) return images;
  const auto text = unbase64(response["patch"].get<std::string>(), Base64::standard);
  for (const json& step : json::parse(*text)) {
    if (step["op"] == "replace") images.push_back(step["value"]);
  }
  return images;
}

TEST(MutateTest, BeginsTheVerificationThatValidationAsksFor) {
  std::vector<std::string> begun;
  Judge judge = trusting_judge();
  judge.begin = [&begun](Reference image, Workload workload, Policies policies) {
    EXPECT_EQ(workload.ns, "shop");
    EXPECT_TRUE(policies);
    begun.push_back(image.original());
  };
  const std::string digest = Digest::of("already").str();
  Hook hook(judge);
  const json response =
      response_of(hook.mutate(create_pod(pod_text(R"({"containers":[{"name":"a","image":"x:1"},)"
                                                  R"({"name":"b","image":"y@)" +
                                                  digest + R"("},{"name":"c","image":"UPPER"}]})"))
                                  .str()));
  const std::vector<std::string> pinned = patched_in(response);
  ASSERT_EQ(pinned.size(), 1U);
  EXPECT_EQ(begun, (std::vector<std::string>{"y@" + digest, pinned[0]}));
  EXPECT_EQ(hook.metrics.mutations.value({"already_pinned"}), 1);
}

TEST(MutateTest, BeginsNothingThatCouldNotBeResolved) {
  Judge judge = refusing_judge(Reason::registry_unreachable);
  judge.begin = [](Reference, Workload, Policies) { FAIL(); };
  Hook hook(judge);
  EXPECT_EQ(response_of(hook.mutate(kPod))["allowed"], true);
  EXPECT_EQ(hook.metrics.mutations.value({"unresolved"}), 1);
}

TEST(MutateTest, ResolvesEachTagOnceAndPatchesEveryImage) {
  std::size_t asked = 0;
  Judge judge = trusting_judge();
  judge.resolve = [&asked](Reference image, Workload, Deadline) -> Task<Result<Digest>> {
    ++asked;
    co_return Digest::of(image.original());
  };
  Hook hook(judge);
  const json response = response_of(hook.mutate(
      create_pod(
          pod_text(R"({"containers":[{"name":"a","image":"x:1"},{"name":"b","image":"x:1"}],)"
                   R"("initContainers":[{"name":"c","image":"x:2"}]})"))
          .str()));
  EXPECT_EQ(asked, 2U);
  const std::string one = "x:1@" + Digest::of("x:1").str();
  EXPECT_EQ(patched_in(response),
            (std::vector<std::string>{one, one, "x:2@" + Digest::of("x:2").str()}));
}

TEST(MutateTest, WaitsForNothingThatIsRemembered) {
  Judge judge = trusting_judge();
  judge.resolve = [](Reference, Workload, Deadline) -> Task<Result<Digest>> {
    ADD_FAILURE() << "asked for what is remembered";
    co_return Error(Reason::internal, "");
  };
  judge.recall_digest = [](const Reference& image, const Workload&) -> std::optional<Digest> {
    return Digest::of(image.original());
  };
  Hook hook(judge);
  EXPECT_EQ(patched_in(response_of(hook.mutate(kPod))).size(), 1U);
}

// An update of a Deployment from the pinned image back to its tag.
std::string applied_again(const std::string& digest) {
  const auto body = [](const std::string& image) {
    return R"("spec":{"template":{"spec":{"containers":[{"name":"a","image":")" + image +
           R"("}]}}})";
  };
  ReviewParts parts = create_workload("apps", "Deployment", "deployments", body("x:1"));
  parts.operation = "UPDATE";
  parts.old_object =
      create_workload("apps", "Deployment", "deployments", body("x:1@" + digest)).object;
  return parts.str();
}

TEST(MutateTest, KM10_KeepsTheOldDigestWhileItPassesAndTakesTheNewOneAfterwards) {
  const std::string old = Digest::of("as it was").str();
  WebhookSettings settings;
  settings.pin.scope = PinScope::workloads;
  Hook passing(trusting_judge(), settings);
  EXPECT_EQ(patched_in(response_of(passing.mutate(applied_again(old)))),
            std::vector<std::string>{"x:1@" + old});
  EXPECT_EQ(passing.metrics.mutations.value({"sticky"}), 1);

  Judge judge = trusting_judge();
  judge.verify = [](Reference image, Workload, Policies, Deadline) -> Task<Verdict> {
    co_return refused(image, Reason::revoked);
  };
  Hook failing(judge, settings);
  EXPECT_EQ(patched_in(response_of(failing.mutate(applied_again(old)))),
            std::vector<std::string>{"x:1@" + Digest::of("x:1").str()});
  EXPECT_EQ(failing.metrics.mutations.value({"pinned"}), 1);
  EXPECT_EQ(failing.metrics.requests.value({"mutate_workloads", "deployments", "update", "allow"}),
            1);
}

TEST(MutateTest, CountsWhatItLeavesAlone) {
  WebhookSettings settings;
  settings.pin.exclude.push_back(*ImageGlob::parse("quay.io/x/**"));
  Hook excluding(trusting_judge(), settings);
  EXPECT_TRUE(patched_in(response_of(excluding.mutate(kPod))).empty());
  EXPECT_EQ(excluding.metrics.mutations.value({"excluded"}), 1);
  Hook hook;
  EXPECT_TRUE(patched_in(response_of(hook.mutate(applied_again(Digest::of("").str())))).empty());
  EXPECT_EQ(hook.metrics.mutations.value({"not_safe"}), 1);
}

TEST(MutateTest, KM07_NeverPatchesAnUnchangedImageWhateverIsJudgedAgain) {
  WebhookSettings settings;
  settings.reverify = Reverify::all;
  Hook hook(trusting_judge(), settings);
  const std::string review = update_pod(pod_of("x/a:1"), pod_of("x/a:1")).str();
  EXPECT_TRUE(patched_in(response_of(hook.mutate(review))).empty());
  EXPECT_EQ(response_of(hook.validate(review))["auditAnnotations"]["decision"], "allow");
}

TEST(MutateTest, KM17_ADryRunHasTheSamePatch) {
  ReviewParts parts = create_pod(pod_of("x:1"));
  Hook hook;
  const json real = response_of(hook.mutate(parts.str()));
  parts.dry_run = "true";
  EXPECT_EQ(response_of(hook.mutate(parts.str()))["patch"], real["patch"]);
  EXPECT_EQ(hook.metrics.dry_runs.value({"mutate_pods"}), 1);
}

TEST(MutateTest, AnswersUnpatchedInTimeWhateverTheRegistryDoes) {
  Judge judge = trusting_judge();
  judge.resolve = [](Reference, Workload, Deadline) -> Task<Result<Digest>> {
    asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::seconds(20));
    co_await timer.async_wait(kToken);
    co_return Error(Reason::internal, "too late");
  };
  Hook hook(judge);
  const auto before = std::chrono::steady_clock::now();
  const json response = response_of(hook.mutate(kPod, "timeout=1s"));
  EXPECT_LT(std::chrono::steady_clock::now() - before, milliseconds(900));
  EXPECT_EQ(response["allowed"], true);
  EXPECT_FALSE(response.contains("patch"));
  EXPECT_EQ(response["warnings"].size(), 1U);
}

}  // namespace
}  // namespace signet
