#include "server/cli/check_review.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/admission/self_test.hpp"

namespace signet {
namespace {

using Object = nlohmann::json;

Object answer() {
  return {{"apiVersion", "admission.k8s.io/v1"},
          {"kind", "AdmissionReview"},
          {"response", {{"uid", "u"}, {"allowed", false}, {"status", {{"message", "no"}}}}}};
}

std::string refusal(const Object& object) {
  const auto read = read_check_answer(object.dump(), "u");
  return read ? "" : read.error().what();
}

TEST(CheckReviewTest, AReviewOfAPodIsASelfTest) {
  for (const CheckedHook hook : {CheckedHook::validate, CheckedHook::mutate, CheckedHook::other}) {
    const auto review = parse_review(check_review(hook, fresh_check_uid()));
    ASSERT_TRUE(review) << review.error().what();
    EXPECT_FALSE(review->problem);
    EXPECT_TRUE(is_self_test(*review));
  }
}

TEST(CheckReviewTest, NothingElsePassesForASelfTest) {
  const auto good = parse_review(check_review(CheckedHook::validate, "signet-check-1"));
  ASSERT_TRUE(good);
  Review uid = *good;
  uid.uid = "705ab4f5-6393-11e8-b7cc-42010a800002";
  EXPECT_FALSE(is_self_test(uid));
  Review real = *good;
  real.dry_run = false;
  EXPECT_FALSE(is_self_test(real));
  Review image = *good;
  image.object.images.front().reference = "registry.example/app:1";
  EXPECT_FALSE(is_self_test(image));
  Review more = *good;
  more.object.images.push_back(more.object.images.front());
  EXPECT_FALSE(is_self_test(more));
  Review none = *good;
  none.object.images.clear();
  EXPECT_FALSE(is_self_test(none));
}

TEST(CheckReviewTest, EachHasAUidOfItsOwn) {
  EXPECT_TRUE(fresh_check_uid().starts_with(kSelfTestUid));
  EXPECT_NE(fresh_check_uid(), fresh_check_uid());
}

TEST(CheckReviewTest, TheHookIsKnownByTheEndOfItsPath) {
  EXPECT_EQ(checked_hook("/validate"), CheckedHook::validate);
  EXPECT_EQ(checked_hook("/behind/a/proxy/mutate"), CheckedHook::mutate);
  EXPECT_EQ(checked_hook("/validate-policy"), CheckedHook::policies);
  EXPECT_EQ(checked_hook("/"), CheckedHook::other);
}

TEST(CheckReviewTest, ReadsAnAnswer) {
  const auto denied = read_check_answer(answer().dump(), "u");
  ASSERT_TRUE(denied) << denied.error().what();
  EXPECT_FALSE(denied->allowed);
  EXPECT_EQ(denied->message, "no");
  Object patched = answer();
  patched["response"] = {
      {"uid", "u"}, {"allowed", true}, {"patch", "W10="}, {"patchType", "JSONPatch"}};
  EXPECT_EQ(refusal(patched), "");
}

TEST(CheckReviewTest, RefusesWhatAnApiServerRefuses) {
  EXPECT_FALSE(read_check_answer("hello", "u"));
  EXPECT_FALSE(read_check_answer("[]", "u"));
  EXPECT_NE(refusal({{"kind", "AdmissionReview"}}).find("no AdmissionReview"), std::string::npos);
  Object old = answer();
  old["apiVersion"] = "admission.k8s.io/v1beta1";
  EXPECT_NE(refusal(old).find("no AdmissionReview"), std::string::npos);
  Object other = answer();
  other["response"]["uid"] = "v";
  EXPECT_NE(refusal(other).find("another uid"), std::string::npos);
  Object mute = answer();
  mute["response"]["allowed"] = "false";
  EXPECT_NE(refusal(mute).find("\"allowed\""), std::string::npos);
  Object patched = answer();
  patched["response"]["patch"] = "W10=";
  EXPECT_NE(refusal(patched).find("patchType"), std::string::npos);
  Object empty = answer();
  empty.erase("response");
  EXPECT_NE(refusal(empty), "");
}

}  // namespace
}  // namespace signet
