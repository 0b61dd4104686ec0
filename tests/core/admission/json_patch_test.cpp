#include "core/admission/json_patch.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace signet {
namespace {

TEST(JsonPatchTest, TestsTheOldTextBeforeItReplacesIt) {
  const Replacement replacements[] = {{"/spec/containers/0/image", "nginx:1", "nginx:1@sha256:ab"}};
  EXPECT_EQ(json_patch(replacements),
            R"([{"op":"test","path":"/spec/containers/0/image","value":"nginx:1"},)"
            R"({"op":"replace","path":"/spec/containers/0/image","value":"nginx:1@sha256:ab"}])");
}

TEST(JsonPatchTest, IsEmptyWithoutReplacements) {
  EXPECT_EQ(json_patch({}), "");
}

TEST(JsonPatchTest, AppliesToTheObjectItWasMadeFor) {
  const auto object = nlohmann::json::parse(
      R"({"spec":{"containers":[{"image":"a"},{"image":"b\"\\\n"}],"volumes":[{"image":{"reference":"c"}}]}})");
  const Replacement replacements[] = {{"/spec/containers/1/image", "b\"\\\n", "B\x01"},
                                      {"/spec/volumes/0/image/reference", "c", "C"}};

  const auto patched = object.patch(nlohmann::json::parse(json_patch(replacements)));

  EXPECT_EQ(patched["spec"]["containers"][0]["image"], "a");
  EXPECT_EQ(patched["spec"]["containers"][1]["image"], "B\x01");
  EXPECT_EQ(patched["spec"]["volumes"][0]["image"]["reference"], "C");
}

TEST(JsonPatchTest, FailsToApplyWhereTheOldTextDiffers) {
  const auto object = nlohmann::json::parse(R"({"spec":{"containers":[{"image":"moved"}]}})");
  const Replacement replacements[] = {{"/spec/containers/0/image", "a", "b"}};
  const auto patch = nlohmann::json::parse(json_patch(replacements));
  EXPECT_THROW(object.patch(patch), nlohmann::json::exception);
}

}  // namespace
}  // namespace signet
