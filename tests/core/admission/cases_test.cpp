// Cases of webhook.md K.2 to K.4 that the tests of the parts do not name.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>
#include <regex>

#include "core/admission/pinning.hpp"
#include "core/admission/response.hpp"
#include "core/base/bytes.hpp"
#include "core/base/limits.hpp"
#include "tests/core/admission/reviews.hpp"
#include "tests/core/admission/verdicts.hpp"

namespace signet {
namespace {

using nlohmann::json;

TEST(Cases, KA06_AMemberInAnotherCaseIsAnotherMember) {
  std::string text = create_pod(pod_of("nginx")).str();
  text.replace(text.find(R"("uid")"), 5, R"("UID")");
  EXPECT_FALSE(parse_review(text));
}

TEST(Cases, KA08_TenThousandLevelsAreRefused) {
  ReviewParts parts = create_pod(std::string(10000, '[') + std::string(10000, ']'));
  EXPECT_FALSE(parse_review(parts.str()));
  parts.object.clear();
  for (int i = 0; i < 10000; ++i)
    parts.object += R"({"a":)";
  parts.object += "1" + std::string(10000, '}');
  EXPECT_FALSE(parse_review(parts.str()));
}

TEST(Cases, KA23_AuditKeysAndValuesStayWithinTheirLimits) {
  std::vector<JudgedImage> images;
  for (std::size_t i = 0; i < 200; ++i) {
    images.push_back(judged("quay.io/x/" + std::string(200, 'a') + std::to_string(i),
                            i % 2 == 0 ? Reason::verified : Reason::no_signature, i));
    images.back().verdict.edit().stale = std::string(5000, 's');
    images.back().ends_soon = TimePoint(std::chrono::seconds(1000));
  }
  const Decision decision = decide(pod_review(), images, "8c5d1f0a9b7e4c21");
  const std::regex key("[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?");
  EXPECT_EQ(decision.audit.size(), 7U);
  for (const auto& [name, value] : decision.audit) {
    SCOPED_TRACE(name);
    EXPECT_TRUE(std::regex_match(name, key));
    EXPECT_LE(name.size(), 63U);
    EXPECT_LE(value.size(), kAuditBytes);
  }
}

TEST(Cases, KA33_NumbersThatNoDecoderHoldsAreRefusedAndOthersAreNotTouched) {
  const auto with = [](const std::string& number) {
    ReviewParts parts = create_pod(
        R"({"apiVersion":"v1","kind":"Pod","x":)" + number +
        R"(,"metadata":{"name":"p"},"spec":{"containers":[{"name":"a","image":"nginx:1"}]}})");
    return parse_review(parts.str());
  };
  for (const std::string number : {"9007199254740993", "-0", "1.5e300", "18446744073709551615"}) {
    SCOPED_TRACE(number);
    const auto review = with(number);
    ASSERT_TRUE(review);
    const auto candidates = pin_candidates(*review, {});
    ASSERT_EQ(candidates.size(), 1U);
    const Pinning pinnings[] = {{candidates[0].image, "nginx:1@" + some_digest().str(), ""}};
    // Only the image is named: the object itself is never written.
    EXPECT_EQ(json::parse(pin(pinnings).patch).size(), 2U);
  }
  EXPECT_FALSE(with("1e400"));
}

TEST(Cases, KA34_OddTextsInImagesAreRefusedAndNeverEchoedRaw) {
  EXPECT_FALSE(parse_review(create_pod(pod_of(R"(\ud800)")).str()));
  const Review review = parsed(create_pod(pod_of(R"(ngi\u0000nx)")));
  ASSERT_EQ(review.object.images.size(), 1U);
  const auto reference = Reference::parse(review.object.images[0].reference);
  ASSERT_FALSE(reference);
  const JudgedImage images[] = {
      {review.object.images[0],
       failed_verdict(review.object.images[0].reference, reference.error()),
       false,
       {}}};
  const Decision decision = decide(review, images, "id");
  EXPECT_EQ(decision.reason, Reason::invalid_reference);
  const std::string answer = render_response(review, decision);
  EXPECT_EQ(answer.find('\0'), std::string::npos);
  EXPECT_EQ(json::parse(answer)["response"]["allowed"], false);
}

TEST(Cases, NamesWithEmojiAndControlsAreEchoedAsTheyCame) {
  const std::string pod = pod_text(
      R"({"containers":[{"name":"\u0007\n\"/~0","image":"x:1"},{"name":"😀","image":"x:2"}]})",
      R"({"name":"😀\u0001\"\\"})");
  const Review review = parsed(create_pod(pod));
  const JudgedImage images[] = {judged("x:1", Reason::no_signature)};
  const json answer = json::parse(render_response(review, decide(review, images, "id")));
  EXPECT_EQ(answer["response"]["status"]["details"]["name"], "😀\x01\"\\");
  ASSERT_EQ(review.object.images.size(), 2U);
  EXPECT_EQ(review.object.images[1].pointer, "/spec/containers/1/image");
}

TEST(Cases, ImagesOfFourKiBAreJudgedByWhatIsKeptOfThem) {
  const std::string longest(kReferenceBytes, 'a');
  const std::string image(4096, 'a');
  EXPECT_EQ(parsed(create_pod(pod_of(longest))).object.images[0].reference, longest);
  const Review review = parsed(create_pod(pod_of(image)));
  EXPECT_EQ(review.object.images[0].reference.size(), kReferenceBytes + 1);
  EXPECT_FALSE(Reference::parse(review.object.images[0].reference));
  // What was cut may differ behind the cut.
  EXPECT_EQ(parsed(update_pod(pod_of(image), pod_of(image + "b"))).object.images.size(), 1U);
  EXPECT_EQ(parsed(update_pod(pod_of(longest), pod_of(longest))).object.images.size(), 0U);
}

TEST(Cases, NamesLabelsAndUsersAreBounded) {
  const auto named = [](std::size_t bytes) {
    return create_pod(
        pod_text(R"({"containers":[]})", R"({"name":")" + std::string(bytes, 'n') + R"("})"));
  };
  EXPECT_FALSE(parsed(named(kNameBytes)).problem);
  EXPECT_TRUE(parsed(named(kNameBytes + 1)).problem);
  const auto labelled = [](std::size_t bytes) {
    return create_pod(pod_text(R"({"containers":[]})",
                               R"({"labels":{"a":")" + std::string(bytes, 'v') + R"("}})"));
  };
  EXPECT_FALSE(parsed(labelled(kLabelBytes)).problem);
  EXPECT_TRUE(parsed(labelled(kLabelBytes + 1)).problem);
  ReviewParts parts = create_pod(pod_of("nginx"));
  parts.user = R"({"username":")" + std::string(100000, 'u') + R"(","groups":["a","b"]})";
  const Review review = parsed(parts);
  EXPECT_FALSE(review.problem);
  EXPECT_LE(review.user.size(), kUserBytes);
  EXPECT_EQ(review.user_groups, 2U);
}

TEST(Cases, LabelsThatNoPolicyAsksForAreNotKept) {
  const std::string metadata =
      R"({"labels":{"app":"web","team":"red","huge":")" + std::string(1000, 'x') + R"("}})";
  const ReviewParts parts = create_pod(pod_text(R"({"containers":[]})", metadata));
  const LabelNames wanted = {"app", "tier"};
  ReviewRules rules;
  rules.labels = &wanted;
  const Review review = parsed(parts, rules);
  EXPECT_FALSE(review.problem);
  EXPECT_EQ(review.object.labels, (Labels{{"app", "web"}}));
  const LabelNames none;
  rules.labels = &none;
  EXPECT_TRUE(parsed(parts, rules).object.labels.empty());
}

TEST(Cases, KB20_AConvertedObjectIsReadByItsKindAndNamesTheOriginal) {
  ReviewParts parts = create_pod(pod_of("nginx"));
  EXPECT_EQ(parsed(parts).requested_kind, "");
  std::string text = parts.str();
  const std::string at = R"("resource":)";
  text.insert(text.find(at), R"("requestKind":{"group":"x.dev","version":"v2","kind":"Pod"},)");
  const auto review = parse_review(text);
  ASSERT_TRUE(review);
  EXPECT_EQ(review->requested_kind, "x.dev/v2 Pod");
  EXPECT_EQ(review->object.images.size(), 1U);
}

TEST(Cases, KB22_AThousandContainersAreDeniedInKind) {
  std::string containers;
  for (int i = 0; i < 1000; ++i)
    containers += (i > 0 ? "," : "") + std::string(R"({"name":"c","image":"x"})");
  const Review review = parsed(create_pod(pod_text(R"({"containers":[)" + containers + "]}")));
  const Decision decision = decide(review, {}, "id");
  EXPECT_FALSE(decision.allowed);
  EXPECT_EQ(decision.reason, Reason::limit_exceeded);
  EXPECT_TRUE(pin_candidates(review, {}).empty());
}

TEST(Cases, UnchangedImagesAreJudgedAgainWhereTheSettingSaysSo) {
  const auto judged_by = [](const ReviewParts& parts, Reverify reverify) {
    ReviewRules rules;
    rules.reverify = reverify;
    return parsed(parts, rules).object.images.size();
  };
  const ReviewParts pod = update_pod(pod_of("nginx"), pod_of("nginx"));
  ReviewParts workload =
      create_workload("apps", "Deployment", "deployments",
                      R"("spec":{"template":{"spec":{"containers":[{"name":"a","image":"x"}]}}})");
  workload.operation = "UPDATE";
  workload.old_object = workload.object;
  EXPECT_EQ(judged_by(pod, Reverify::none), 0U);
  EXPECT_EQ(judged_by(pod, Reverify::workloads), 0U);
  EXPECT_EQ(judged_by(pod, Reverify::all), 1U);
  EXPECT_EQ(judged_by(workload, Reverify::none), 0U);
  EXPECT_EQ(judged_by(workload, Reverify::workloads), 1U);
  EXPECT_EQ(judged_by(workload, Reverify::all), 1U);
}

// Any pod: the patch changes the images that it names to what they stand for, and nothing else.
TEST(Cases, KA25_APatchChangesTheImagesAndNothingElse) {
  std::mt19937 random(7);
  const char* const names[] = {"a", "~", "a/b", "😀", "\\u0000", "~1~0", "\\\""};
  const char* const texts[] = {"nginx", "x:1", "UPPER", "host:5000/a", "x:1 ", "$(p)"};
  for (int round = 0; round < 200; ++round) {
    std::string lists;
    for (const std::string list : {"containers", "initContainers", "ephemeralContainers"}) {
      std::string entries;
      for (std::size_t i = random() % 4; i > 0; --i) {
        entries += (entries.empty() ? "" : ",") + std::string(R"({"name":")") +
                   names[random() % std::size(names)] + R"(","image":")" +
                   texts[random() % std::size(texts)] + R"("})";
      }
      lists += (lists.empty() ? "\"" : ",\"") + list + "\":[" + entries + "]";
    }
    const std::string pod = pod_text("{" + lists + "}");
    SCOPED_TRACE(pod);
    const Review review = parsed(create_pod(pod));
    std::vector<Pinning> pinnings;
    json wanted = json::parse(pod);
    for (const PinCandidate& candidate : pin_candidates(review, {})) {
      if (candidate.fate != PinFate::pin) continue;
      const std::string pinned = candidate.reference->pinned(some_digest());
      pinnings.push_back({candidate.image, pinned, ""});
      wanted.at(json::json_pointer(candidate.image.pointer)) = pinned;
    }
    const json answer = json::parse(render_response(review, pin(pinnings)))["response"];
    ASSERT_EQ(answer.contains("patch"), !pinnings.empty());
    ASSERT_EQ(answer.contains("patchType"), !pinnings.empty());
    if (pinnings.empty()) continue;
    const auto patch = unbase64(answer["patch"].get<std::string>(), Base64::standard);
    ASSERT_TRUE(patch);
    EXPECT_EQ(json::parse(pod).patch(json::parse(*patch)), wanted);
  }
}

}  // namespace
}  // namespace signet
