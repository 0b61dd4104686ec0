#include "server/web/review_record.hpp"

#include <gtest/gtest.h>

#include "tests/server/web/hook.hpp"

namespace signet {
namespace {

using namespace signet::testing;

TEST(ThrottleTest, LetsTheFirstOfAKeyThroughInEachIntervalAndCountsTheRest) {
  Throttle throttle(std::chrono::seconds(10), 100);
  const Deadline start{};
  EXPECT_EQ(throttle.pass(1, start), 0U);
  EXPECT_EQ(throttle.pass(1, start), std::nullopt);
  EXPECT_EQ(throttle.pass(1, start + std::chrono::milliseconds(9999)), std::nullopt);
  EXPECT_EQ(throttle.pass(2, start), 0U);
  EXPECT_EQ(throttle.pass(1, start + std::chrono::seconds(10)), 2U);
}

TEST(ThrottleTest, ForgetsRatherThanGrows) {
  Throttle throttle(std::chrono::seconds(10), 2);
  const Deadline start{};
  EXPECT_TRUE(throttle.pass(1, start));
  EXPECT_TRUE(throttle.pass(2, start));
  EXPECT_FALSE(throttle.pass(1, start));
  EXPECT_TRUE(throttle.pass(3, start));
  EXPECT_TRUE(throttle.pass(1, start));
}

TEST(ReviewLogTest, WritesOnlyTheFirstOfManyAllowedReviewsOfARepository) {
  Hook hook;
  for (int i = 0; i < 5; ++i)
    hook.validate(create_pod(pod_of("quay.io/x/app:" + std::to_string(i))).str());
  hook.validate(create_pod(pod_of("quay.io/x/other")).str());
  const auto lines = hook.logged("admission_decision");
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0]["decision"], "allow");
  EXPECT_EQ(lines[1]["images"][0]["ref"], "quay.io/x/other");
}

TEST(ReviewLogTest, WritesEveryDenial) {
  Hook hook(refusing_judge(Reason::no_signature));
  for (int i = 0; i < 3; ++i)
    hook.validate(kPod);
  EXPECT_EQ(hook.logged("admission_decision").size(), 3U);
}

TEST(ReviewLogTest, HoldsBackTheSameErrorForAWhile) {
  Hook hook(refusing_judge(Reason::registry_unreachable));
  for (int i = 0; i < 3; ++i) {
    hook.validate(kPod);
    hook.mutate(kPod);
    hook.validate("broken");
  }
  Hook throwing(throwing_judge());
  for (int i = 0; i < 3; ++i)
    throwing.validate(kPod);
  EXPECT_EQ(throwing.logged("review_failed").size(), 1U);
  EXPECT_EQ(hook.logged("admission_decision").size(), 1U);
  EXPECT_EQ(hook.logged("images_pinned").size(), 1U);
  EXPECT_EQ(hook.logged("review_malformed").size(), 1U);
}

TEST(ReviewLogTest, BothCallsOfOneRequestHaveOneFingerprint) {
  Hook hook;
  hook.mutate(kPod);
  ReviewParts pinned = create_pod(pod_of("quay.io/x/app:1@" + Digest::of("quay.io/x/app:1").str()));
  pinned.uid = R"("another-uid")";
  hook.validate(pinned.str());
  const auto before = hook.logged("images_pinned");
  const auto after = hook.logged("admission_decision");
  ASSERT_EQ(before.size() + after.size(), 2U);
  EXPECT_EQ(before[0]["fingerprint"], after[0]["fingerprint"]);
  EXPECT_EQ(before[0]["fingerprint"].get<std::string>().size(), 16U);
  EXPECT_NE(before[0]["request_id"], after[0]["request_id"]);
  EXPECT_EQ(after[0]["webhook"], "validate_pods");
  EXPECT_EQ(after[0]["timeout_ms"], 10000);
}

TEST(ReviewLogTest, AFingerprintTellsRequestsApart) {
  const auto of = [](const ReviewParts& parts, PinFormat format) {
    return fingerprint_of(*parse_review(parts.str()), format);
  };
  const ReviewParts pod = create_pod(pod_of("x:1"));
  ReviewParts other_user = pod;
  other_user.user = R"({"username":"joe"})";
  ReviewParts other_place = pod;
  other_place.ns = "y";
  for (const ReviewParts& parts : {other_user, other_place, create_pod(pod_of("x:2"))})
    EXPECT_NE(of(parts, PinFormat::tag_and_digest), of(pod, PinFormat::tag_and_digest));
  const ReviewParts digest = create_pod(pod_of("x@" + Digest::of("").str()));
  EXPECT_EQ(of(digest, PinFormat::digest_only), of(pod, PinFormat::digest_only));
}

// ---- what is foreseen

constexpr TimePoint kRecordNow{std::chrono::seconds(1'000'000'000)};

// Trusts by certificates that end so long from now.
Judge trusting_until(std::chrono::seconds left) {
  Judge judge = trusting_judge();
  judge.verify = [left](Reference image, Workload, Policies, Deadline) -> Task<Verdict> {
    Verdict verdict = trusted(image);
    verdict.certificates_until = kRecordNow + left;
    PolicyFinding finding;
    finding.name = "ClusterTrustPolicy/all";
    finding.outcome = Outcome::pass;
    finding.effect = Effect::none;
    finding.certificates_until = verdict.certificates_until;
    verdict.policies.push_back(finding);
    co_return verdict;
  };
  judge.now = [] { return kRecordNow; };
  return judge;
}

TEST(ForesightTest, TheEndOfCertificatesIsSaidInTime) {
  WebhookSettings settings;
  settings.warn_before = std::chrono::days(30);
  Hook hook(trusting_until(std::chrono::days(30)), settings);
  hook.metrics.show_policies(*some_policies());
  const json response = response_of(hook.validate(kPod));
  EXPECT_EQ(response["allowed"], true);
  ASSERT_EQ(response["warnings"].size(), 1U);
  const std::string end = format_time(kRecordNow + std::chrono::days(30));
  EXPECT_NE(response["warnings"][0].get<std::string>().find(end), std::string::npos);
  EXPECT_EQ(response["auditAnnotations"]["certificates-end"], end);
  EXPECT_EQ(hook.metrics.admission_warnings.value({"validate_pods"}), 1);
  EXPECT_EQ(hook.metrics.admitted_certificate_not_after.value({"ClusterTrustPolicy/all"}),
            static_cast<double>((kRecordNow + std::chrono::days(30)).time_since_epoch().count()));
  const auto lines = hook.logged("certificate_expiring");
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0]["certificates_end"], end);
}

TEST(ForesightTest, AnEndFarAwayIsNotSaid) {
  Hook hook(trusting_until(std::chrono::days(30) + std::chrono::seconds(1)));
  const json response = response_of(hook.validate(kPod));
  EXPECT_FALSE(response.contains("warnings"));
  EXPECT_FALSE(response["auditAnnotations"].contains("certificates-end"));
  EXPECT_TRUE(hook.logged("certificate_expiring").empty());
}

TEST(ForesightTest, OldEvidenceIsSaid) {
  Judge judge = trusting_judge();
  judge.verify = [](Reference image, Workload, Policies, Deadline) -> Task<Verdict> {
    Verdict verdict = trusted(image);
    verdict.stale = "the tag is 90 s old: quay.io cannot be reached";
    co_return verdict;
  };
  Hook hook(judge);
  const json response = response_of(hook.validate(kPod));
  EXPECT_EQ(response["allowed"], true);
  ASSERT_EQ(response["warnings"].size(), 1U);
  EXPECT_NE(response["warnings"][0].get<std::string>().find("90 s old"), std::string::npos);
  EXPECT_EQ(response["auditAnnotations"]["stale"],
            "the tag is 90 s old: quay.io cannot be reached");
  EXPECT_EQ(hook.logged("admission_decision")[0]["images"][0]["stale"],
            "the tag is 90 s old: quay.io cannot be reached");
}

// ---- what is counted

TEST(ReviewCountsTest, WhatIsRememberedIsAnsweredWithoutAWaitAndSaidSo) {
  Judge judge = trusting_judge();
  judge.verify = [](Reference image, Workload, Policies, Deadline) -> Task<Verdict> {
    EXPECT_EQ(image.original(), "new");
    co_return trusted(image);
  };
  judge.recall = [](std::string_view image, const Workload&,
                    const Policies&) -> std::shared_ptr<const Verdict> {
    if (image == "new") return nullptr;
    return std::make_shared<Verdict>(trusted(*Reference::parse(image)));
  };
  const auto answered = [&judge](const std::string& images) {
    Hook hook(judge);
    const json response = response_of(
        hook.validate(create_pod(pod_text(R"({"containers":[)" + images + "]}")).str()));
    std::string label = response["auditAnnotations"]["cache"].get<std::string>() + " ";
    for (const char* cache : {"hit", "partial", "miss", "none"}) {
      if (hook.metrics.admission_request_duration.count({"validate_pods", cache}) > 0)
        label += cache;
    }
    return label;
  };
  EXPECT_EQ(answered(R"({"image":"a"},{"image":"b"})"), "hit hit");
  EXPECT_EQ(answered(R"({"image":"a"},{"image":"new"})"), "mixed partial");
  EXPECT_EQ(answered(R"({"image":"new"})"), "miss miss");
}

TEST(ReviewCountsTest, CountsWhatCouldNotBeCheckedByItsCause) {
  const std::pair<Reason, std::string_view> rows[] = {{Reason::registry_timeout, "registry"},
                                                      {Reason::crl_stale, "trust_root"},
                                                      {Reason::deadline, "deadline"},
                                                      {Reason::internal, "internal"}};
  for (const auto& [reason, label] : rows) {
    SCOPED_TRACE(label);
    Hook hook(refusing_judge(reason));
    hook.validate(kPod);
    EXPECT_EQ(hook.metrics.failed_closed.value({"validate_pods", label}), 1);
    EXPECT_EQ(hook.metrics.failed_open.value({"validate_pods", label}), 0);
  }
  Hook hook(refusing_judge(Reason::no_signature));
  hook.validate(kPod);
  EXPECT_EQ(hook.metrics.failed_closed.value({"validate_pods", "registry"}), 0);
}

TEST(ReviewCountsTest, CountsWhatOnErrorLetIn) {
  Judge judge = trusting_judge();
  judge.verify = [](Reference image, Workload, Policies, Deadline) -> Task<Verdict> {
    Verdict verdict = trusted(image);
    PolicyFinding finding;
    finding.outcome = Outcome::unknown;
    finding.effect = Effect::warn;
    finding.reason = Reason::registry_unreachable;
    verdict.policies.push_back(finding);
    co_return verdict;
  };
  Hook hook(judge);
  EXPECT_EQ(response_of(hook.validate(kPod))["allowed"], true);
  EXPECT_EQ(hook.metrics.failed_open.value({"validate_pods", "registry"}), 1);
}

TEST(ReviewCountsTest, CountsTimeoutsBodiesAndImages) {
  Hook hook;
  hook.validate(kPod);
  hook.mutate(kPod);
  EXPECT_EQ(hook.metrics.requested_timeout.count({"validate_pods"}), 1);
  EXPECT_EQ(hook.metrics.requested_timeout.count({"mutate_pods"}), 1);
  EXPECT_EQ(hook.metrics.request_body_bytes.count({"validate_pods"}), 1);
  EXPECT_EQ(hook.metrics.images_per_request.count({}), 1);
}

}  // namespace
}  // namespace signet
