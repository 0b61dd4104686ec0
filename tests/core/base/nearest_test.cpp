#include "core/base/nearest.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace signet {
namespace {

constexpr std::array<std::string_view, 4> kWords = {"verify", "inspect", "policy", "authorities"};

TEST(EditDistanceTest, CountsLettersThatChangeComeGoOrTradePlaces) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("abc", ""), 3U);
  EXPECT_EQ(edit_distance("verify", "verify"), 0U);
  EXPECT_EQ(edit_distance("verfy", "verify"), 1U);
  EXPECT_EQ(edit_distance("verifyy", "verify"), 1U);
  EXPECT_EQ(edit_distance("varify", "verify"), 1U);
  EXPECT_EQ(edit_distance("veirfy", "verify"), 1U);
  EXPECT_EQ(edit_distance("ca", "abc"), 3U);  // no letter is touched twice
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
}

TEST(NearestTest, FindsTheWordThatWasMeant) {
  EXPECT_EQ(nearest("verfy", kWords), "verify");
  EXPECT_EQ(nearest("POLCY", kWords), "policy");
  EXPECT_EQ(nearest("inpsect", kWords), "inspect");
}

TEST(NearestTest, AllowsTwoEditsOrAThirdOfTheWord) {
  EXPECT_EQ(nearest("vrfy", kWords), "verify");
  EXPECT_EQ(nearest("vry", kWords), "");
  EXPECT_EQ(nearest("xuthxritxes", kWords), "authorities");
  EXPECT_EQ(nearest("xuthxrxtxes", kWords), "");
}

TEST(NearestTest, HasNothingToSayAboutLongOrUnrelatedWords) {
  constexpr std::array<std::string_view, 1> kLong = {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
  EXPECT_EQ(nearest(std::string(40, 'a'), kLong), kLong[0]);
  EXPECT_EQ(nearest(std::string(41, 'a'), kLong), "");
  EXPECT_EQ(nearest("deploy", kWords), "");
  EXPECT_EQ(nearest("", kWords), "");
  constexpr std::array<std::string_view, 1> kShort = {"ab"};
  EXPECT_EQ(nearest("xy", kShort), "");
}

}  // namespace
}  // namespace signet
