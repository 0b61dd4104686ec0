#include "core/oci/descriptor.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "core/base/limits.hpp"

namespace signet {
namespace {

Json minimal() {
  return Json{{"mediaType", "application/octet-stream"},
              {"digest", Digest::of("hello").str()},
              {"size", 5}};
}

// Through text, as a registry sends it.
Result<Descriptor> parse_descriptor(const Json& json) {
  return Descriptor::parse(*parse_json(json.dump()));
}

TEST(DescriptorTest, ReadsWhatItKeeps) {
  Json json = minimal();
  json["annotations"] = {{"a", "b"}};
  json["artifactType"] = "text/x";
  json["urls"] = {"https://elsewhere.example/blob"};
  json["platform"] = {{"os", "linux"}};

  const auto descriptor = parse_descriptor(json);

  ASSERT_TRUE(descriptor) << descriptor.error().what();
  EXPECT_EQ(descriptor->media_type, "application/octet-stream");
  EXPECT_EQ(descriptor->digest, Digest::of("hello"));
  EXPECT_EQ(descriptor->size, 5U);
  EXPECT_EQ(descriptor->annotations, (Annotations{{"a", "b"}}));
  EXPECT_EQ(descriptor->artifact_type, "text/x");
  EXPECT_FALSE(descriptor->data);
}

TEST(DescriptorTest, TakesNullForAbsent) {
  Json json = minimal();
  json["annotations"] = nullptr;
  json["artifactType"] = nullptr;
  json["data"] = nullptr;

  EXPECT_TRUE(parse_descriptor(json));
}

struct BadDescriptor {
  const char* name;
  Json value;
  Reason reason;
};

TEST(DescriptorTest, RefusesMembersOfTheWrongKind) {
  const std::vector<BadDescriptor> rows = {
      {"mediaType", nullptr, Reason::registry_protocol},
      {"mediaType", 1, Reason::registry_protocol},
      {"digest", nullptr, Reason::registry_protocol},
      {"digest", "sha256:zz", Reason::registry_protocol},
      {"digest", "md5:d41d8cd98f00b204e9800998ecf8427e", Reason::registry_protocol},
      {"digest", "sha512:" + std::string(128, 'a'), Reason::unsupported_format},
      {"size", nullptr, Reason::registry_protocol},
      {"size", -1, Reason::registry_protocol},
      {"size", 1.5, Reason::registry_protocol},
      {"size", "5", Reason::registry_protocol},
      {"size", (std::uint64_t{1} << 53) + 1, Reason::registry_protocol},
      {"annotations", Json::array(), Reason::registry_protocol},
      {"annotations", Json{{"a", 1}}, Reason::registry_protocol},
      {"annotations", Json{{"a", nullptr}}, Reason::registry_protocol},
      {"artifactType", 7, Reason::registry_protocol},
      {"data", 7, Reason::registry_protocol},
      {"data", "aGVsbG8", Reason::registry_protocol},
      {"data", "aGVsbG9v", Reason::digest_mismatch},
      {"data", "aGVsbHA=", Reason::digest_mismatch},
  };
  for (const BadDescriptor& row : rows) {
    SCOPED_TRACE(std::string(row.name) + " " + row.value.dump());
    Json json = minimal();
    json[row.name] = row.value;
    const auto descriptor = parse_descriptor(json);
    ASSERT_FALSE(descriptor);
    EXPECT_EQ(descriptor.error().reason(), row.reason);
  }
  for (const Json& json : {Json(nullptr), Json::array(), Json("x")}) {
    EXPECT_FALSE(parse_descriptor(json));
  }
}

TEST(DescriptorTest, KeepsEmbeddedDataThatIsTheContent) {
  Json json = minimal();
  json["data"] = "aGVsbG8=";

  const auto descriptor = parse_descriptor(json);

  ASSERT_TRUE(descriptor);
  EXPECT_EQ(descriptor->data, "hello");
}

TEST(DescriptorTest, BoundsAllAnnotationsTogether) {
  Json json = minimal();
  json["annotations"] = {{"a", std::string(kAnnotationBytes / 2 - 1, 'x')},
                         {"b", std::string(kAnnotationBytes / 2 - 1, 'x')}};
  EXPECT_TRUE(parse_descriptor(json));

  json["annotations"]["b"] = std::string(kAnnotationBytes / 2, 'x');
  const auto descriptor = parse_descriptor(json);
  ASSERT_FALSE(descriptor);
  EXPECT_EQ(descriptor.error().reason(), Reason::limit_exceeded);
}

TEST(DescriptorTest, TakesSizesUpToTwoToThe53) {
  Json json = minimal();
  json["size"] = std::uint64_t{1} << 53;

  EXPECT_TRUE(parse_descriptor(json));
}

}  // namespace
}  // namespace signet
