#include "core/oci/manifest.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/base/limits.hpp"
#include "core/oci/media_types.hpp"

namespace signet {
namespace {

Json descriptor(std::string_view content) {
  return Json{{"mediaType", "application/octet-stream"},
              {"digest", Digest::of(content).str()},
              {"size", content.size()}};
}

Json image() {
  return Json{{"schemaVersion", 2},
              {"mediaType", kOciManifest},
              {"config", descriptor("{}")},
              {"layers", Json::array({descriptor("one"), descriptor("two")})}};
}

Json index(std::size_t entries = 2) {
  Json json = {{"schemaVersion", 2}, {"mediaType", kOciIndex}, {"manifests", Json::array()}};
  for (std::size_t i = 0; i < entries; ++i) {
    json["manifests"].push_back(descriptor(std::to_string(i)));
  }
  return json;
}

Json with(Json json, std::string_view name, Json value) {
  json[std::string(name)] = std::move(value);
  return json;
}

Json without(Json json, const char* name) {
  json.erase(name);
  return json;
}

Result<Manifest> parse(const Json& json, std::string_view content_type) {
  return parse_manifest(json.dump(), content_type);
}

TEST(ManifestTest, ReadsAnImageManifest) {
  Json json = image();
  json["artifactType"] = "text/a";
  json["subject"] = descriptor("subject");
  json["annotations"] = {{"k", "v"}};

  const auto manifest = parse(json, kOciManifest);

  ASSERT_TRUE(manifest) << manifest.error().what();
  const auto* parsed = std::get_if<ImageManifest>(&*manifest);
  ASSERT_NE(parsed, nullptr);
  EXPECT_EQ(parsed->media_type, kOciManifest);
  EXPECT_EQ(parsed->artifact_type, "text/a");
  EXPECT_EQ(parsed->config.digest, Digest::of("{}"));
  ASSERT_EQ(parsed->layers.size(), 2U);
  EXPECT_EQ(parsed->layers[1].digest, Digest::of("two"));
  ASSERT_TRUE(parsed->subject);
  EXPECT_EQ(parsed->subject->digest, Digest::of("subject"));
  EXPECT_EQ(parsed->annotations, (Annotations{{"k", "v"}}));
}

TEST(ManifestTest, TakesTheConfigsTypeForAMissingArtifactType) {
  const auto manifest = parse(image(), kOciManifest);

  ASSERT_TRUE(manifest);
  EXPECT_EQ(std::get<ImageManifest>(*manifest).artifact_type, "application/octet-stream");
}

TEST(ManifestTest, ReadsAnIndex) {
  const auto manifest = parse(index(), kOciIndex);

  ASSERT_TRUE(manifest);
  EXPECT_EQ(std::get<ImageIndex>(*manifest).manifests.size(), 2U);
}

struct Typed {
  const char* name;
  Json json;
  std::string content_type;
  bool is_index;
};

TEST(ManifestTest, FindsTheKindFromHeaderDocumentOrShape) {
  const Json docker = with(image(), "mediaType", kDockerManifest);
  const std::vector<Typed> rows = {
      {"with parameter", index(), std::string(kOciIndex) + "; charset=utf-8", true},
      {"upper case", index(), "Application/vnd.OCI.image.index.v1+json", true},
      {"document alone", index(), "", true},
      {"generic header", image(), "application/json", false},
      {"octet stream", image(), "application/octet-stream", false},
      {"shape of an index", without(index(), "mediaType"), "", true},
      {"shape of an image", without(image(), "mediaType"), "", false},
      {"header alone", without(image(), "mediaType"), std::string(kDockerManifest), false},
      {"docker schema 2", docker, std::string(kDockerManifest), false},
      {"docker list", with(index(), "mediaType", kDockerList), std::string(kDockerList), true},
      {"null entries, as Go writes them", with(index(), "manifests", nullptr), "", true},
  };
  for (const Typed& row : rows) {
    SCOPED_TRACE(row.name);
    const auto manifest = parse(row.json, row.content_type);
    ASSERT_TRUE(manifest) << manifest.error().what();
    EXPECT_EQ(std::holds_alternative<ImageIndex>(*manifest), row.is_index);
  }
}

struct BadManifest {
  const char* name;
  std::string body;
  std::string content_type;
  Reason reason;
};

TEST(ManifestTest, RefusesWhatCanBeReadInTwoWays) {
  const std::string kImage(kOciManifest);
  const std::string kIndex(kOciIndex);
  const std::vector<BadManifest> rows = {
      {"index with layers", with(index(), "layers", Json::array()).dump(), kIndex, {}},
      {"index with config", with(index(), "config", descriptor("c")).dump(), kIndex, {}},
      {"image with manifests", with(image(), "manifests", Json::array()).dump(), kImage, {}},
      {"image with null manifests", with(image(), "manifests", nullptr).dump(), kImage, {}},
      {"both, without any type",
       without(with(image(), "manifests", Json::array()), "mediaType").dump(),
       "",
       {}},
      {"image with fsLayers", with(image(), "fsLayers", Json::array()).dump(), kImage, {}},
      {"header says image, document index", index().dump(), kImage, {}},
      {"header says docker, document OCI", image().dump(), std::string(kDockerManifest), {}},
      {"a second spelling", with(image(), "Layers", Json::array()).dump(), kImage, {}},
      {"only the other spelling",
       with(without(image(), "layers"), "LAYERS", Json::array()).dump(),
       kImage,
       {}},
  };
  for (const BadManifest& row : rows) {
    SCOPED_TRACE(row.name);
    const auto manifest = parse_manifest(row.body, row.content_type);
    ASSERT_FALSE(manifest);
    EXPECT_EQ(manifest.error().reason(), Reason::ambiguous_manifest) << manifest.error().what();
  }
}

TEST(ManifestTest, RefusesBrokenDocumentsByTheirReason) {
  const std::string kImage(kOciManifest);
  const Json sha512 = with(descriptor("x"), "digest", "sha512:" + std::string(128, 'a'));
  const std::vector<BadManifest> rows = {
      {"HTML", "<html>", kImage, Reason::registry_protocol},
      {"empty", "", kImage, Reason::registry_protocol},
      {"array", "[]", kImage, Reason::registry_protocol},
      {"trailing bytes", image().dump() + "x", kImage, Reason::registry_protocol},
      {"duplicate member", R"({"schemaVersion":2,"schemaVersion":2})", kImage,
       Reason::registry_protocol},
      {"no schemaVersion", without(image(), "schemaVersion").dump(), kImage,
       Reason::registry_protocol},
      {"schemaVersion 1", with(image(), "schemaVersion", 1).dump(), kImage,
       Reason::unsupported_format},
      {"schemaVersion 3", with(image(), "schemaVersion", 3).dump(), kImage,
       Reason::unsupported_format},
      {"schema 1 type", image().dump(), "application/vnd.docker.distribution.manifest.v1+prettyjws",
       Reason::unsupported_format},
      {"old schema 1 type", image().dump(), "text/plain; charset=utf-8",
       Reason::unsupported_format},
      {"unknown own type", with(image(), "mediaType", "text/x").dump(), "",
       Reason::unsupported_format},
      {"neither shape", R"({"schemaVersion":2})", "", Reason::registry_protocol},
      {"no config", without(image(), "config").dump(), kImage, Reason::registry_protocol},
      {"no layers", without(image(), "layers").dump(), kImage, Reason::registry_protocol},
      {"layers no array", with(image(), "layers", "x").dump(), kImage, Reason::registry_protocol},
      {"null layer", with(image(), "layers", Json::array({nullptr})).dump(), kImage,
       Reason::registry_protocol},
      {"sha512 layer", with(image(), "layers", Json::array({sha512})).dump(), kImage,
       Reason::unsupported_format},
      {"subject no descriptor", with(image(), "subject", "x").dump(), kImage,
       Reason::registry_protocol},
      {"annotation no text", with(image(), "annotations", Json{{"a", 1}}).dump(), kImage,
       Reason::registry_protocol},
      {"artifactType no text", with(image(), "artifactType", 1).dump(), kImage,
       Reason::registry_protocol},
      {"mediaType no text", with(image(), "mediaType", 1).dump(), "", Reason::registry_protocol},
      {"no manifests", without(index(), "manifests").dump(), std::string(kOciIndex),
       Reason::registry_protocol},
      {"bad index annotation", with(index(), "annotations", "x").dump(), std::string(kOciIndex),
       Reason::registry_protocol},
  };
  for (const BadManifest& row : rows) {
    SCOPED_TRACE(row.name);
    const auto manifest = parse_manifest(row.body, row.content_type);
    ASSERT_FALSE(manifest);
    EXPECT_EQ(manifest.error().reason(), row.reason) << manifest.error().what();
  }
}

TEST(ManifestTest, BoundsTheEntriesOfAnIndex) {
  EXPECT_TRUE(parse(index(kIndexEntries), kOciIndex));

  const auto manifest = parse(index(kIndexEntries + 1), kOciIndex);
  ASSERT_FALSE(manifest);
  EXPECT_EQ(manifest.error().reason(), Reason::limit_exceeded);
}

TEST(ManifestTest, BoundsTheDocument) {
  const std::string body = image().dump();
  const std::string most = body + std::string(kManifestBytes - body.size(), ' ');
  EXPECT_TRUE(parse_manifest(most, kOciManifest));

  const auto manifest = parse_manifest(most + " ", kOciManifest);
  ASSERT_FALSE(manifest);
  EXPECT_EQ(manifest.error().reason(), Reason::limit_exceeded);
}

TEST(ManifestTest, BoundsTheNesting) {
  const auto nested = [](std::size_t depth) {
    const std::string deep = std::string(depth - 1, '[') + std::string(depth - 1, ']');
    return R"({"schemaVersion":2,"manifests":[],"x":)" + deep + "}";
  };
  EXPECT_TRUE(parse_manifest(nested(kJsonDepth), kOciIndex));

  const auto manifest = parse_manifest(nested(kJsonDepth + 1), kOciIndex);
  ASSERT_FALSE(manifest);
  EXPECT_EQ(manifest.error().reason(), Reason::limit_exceeded);
}

TEST(ManifestTest, BoundsTheAnnotationsOfTheManifestItself) {
  const std::string most(kAnnotationBytes - 1, 'x');
  EXPECT_TRUE(parse(with(image(), "annotations", Json{{"a", most}}), kOciManifest));

  const auto manifest = parse(with(image(), "annotations", Json{{"a", most + "x"}}), kOciManifest);
  ASSERT_FALSE(manifest);
  EXPECT_EQ(manifest.error().reason(), Reason::limit_exceeded);
}

TEST(ManifestTest, SkipsAndCountsUnreadableReferrers) {
  Json json = index(2);
  json["manifests"].push_back(Json{{"mediaType", "x"}});
  json["manifests"].push_back(nullptr);

  const auto page = parse_referrers(json.dump());

  ASSERT_TRUE(page) << page.error().what();
  EXPECT_EQ(page->descriptors.size(), 2U);
  EXPECT_EQ(page->unreadable, 2U);
}

TEST(ManifestTest, BoundsAPageOfReferrers) {
  EXPECT_TRUE(parse_referrers(index(kIndexEntries).dump()));

  const auto page = parse_referrers(index(kIndexEntries + 1).dump());
  ASSERT_FALSE(page);
  EXPECT_EQ(page.error().reason(), Reason::limit_exceeded);
}

TEST(ManifestTest, TakesNoImageForAPageOfReferrers) {
  EXPECT_FALSE(parse_referrers(image().dump()));
  EXPECT_FALSE(parse_referrers("<html>"));
  EXPECT_TRUE(parse_referrers(index(0).dump()));
}

}  // namespace
}  // namespace signet
