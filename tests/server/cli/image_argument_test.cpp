#include "server/cli/image_argument.hpp"

#include <gtest/gtest.h>

#include "server/cli/demo_world.hpp"
#include "server/cli/layout_writer.hpp"
#include "tests/support/temporary_directory.hpp"

namespace signet {
namespace {

class ImageArgumentTest : public ::testing::Test {
 protected:
  Result<Reference> parse(const std::string& argument) {
    return parse_image_argument(argument, layouts);
  }

  TemporaryDirectory directory;
  Layouts layouts;
};

TEST_F(ImageArgumentTest, AReferenceIsAReference) {
  const auto image = parse("quay.io/example/app:1");

  ASSERT_TRUE(image);
  EXPECT_EQ(image->str(), "quay.io/example/app:1");
  EXPECT_TRUE(layouts.empty());
}

TEST_F(ImageArgumentTest, ALayoutWithATagStandsForItsDirectory) {
  const auto image = parse("oci:" + directory.str() + ":1.0");

  ASSERT_TRUE(image) << image.error().what();
  EXPECT_EQ(image->tag(), "1.0");
  ASSERT_EQ(layouts.size(), 1u);
  EXPECT_EQ(layouts[0].first, image->repository().str());
  EXPECT_EQ(layouts[0].second, directory.str());
}

TEST_F(ImageArgumentTest, TheOnlyImageOfALayoutNeedsNoTag) {
  LayoutWriter layout(directory.str());
  const Digest config = layout.add_blob("{}", "application/vnd.oci.image.config.v1+json")->digest;
  directory.write(
      "index.json",
      R"({"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","size":2,"digest":")" +
          config.str() + R"("}]})");

  const auto image = parse("oci:" + directory.str());

  ASSERT_TRUE(image) << image.error().what();
  EXPECT_EQ(image->digest(), config);
}

TEST_F(ImageArgumentTest, AmongSeveralImagesOneMustBeNamed) {
  ASSERT_TRUE(make_demo_world(directory.str(), *make_time(2026, 11, 1, 0, 0, 0)));

  const auto image = parse("oci:" + directory.str());

  ASSERT_FALSE(image);
  EXPECT_NE(image.error().what().find("holds 6 images"), std::string::npos) << image.error().what();
  EXPECT_NE(image.error().what().find("unsigned"), std::string::npos);
}

TEST_F(ImageArgumentTest, WhatIsNoLayoutIsSaid) {
  EXPECT_FALSE(parse("oci:"));
  EXPECT_FALSE(parse("oci:/nowhere/at/all"));
  EXPECT_FALSE(parse("oci:" + directory.str()));
}

}  // namespace
}  // namespace signet
