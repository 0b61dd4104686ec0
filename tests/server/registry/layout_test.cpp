#include "server/registry/layout.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/base/limits.hpp"
#include "core/oci/links.hpp"
#include "core/oci/media_types.hpp"
#include "tests/support/run.hpp"
#include "tests/support/temporary_directory.hpp"

namespace signet {
namespace {

using testing::run;

class LayoutTest : public ::testing::Test {
 protected:
  LayoutTest() { directory.write("oci-layout", R"({"imageLayoutVersion":"1.0.0"})"); }

  Descriptor put_blob(const std::string& content) {
    const Digest digest = Digest::of(content);
    directory.write("blobs/sha256/" + digest.hex_part(), content);
    return Descriptor{"application/octet-stream", digest, content.size(), {}, "", std::nullopt};
  }
  static Json json_of(const Descriptor& descriptor, std::string_view type) {
    return Json{
        {"mediaType", type}, {"digest", descriptor.digest.str()}, {"size", descriptor.size}};
  }
  // A manifest, listed in index.json with these annotations unless they are null.
  Descriptor put_manifest(const std::string& content, const Json& annotations,
                          std::optional<Descriptor> subject = {}) {
    Json json = {{"schemaVersion", 2},
                 {"mediaType", kOciManifest},
                 {"artifactType", "text/artifact"},
                 {"config", json_of(put_blob("{}"), "text/config")},
                 {"layers", Json::array({json_of(put_blob(content), "text/layer")})}};
    if (subject) json["subject"] = json_of(*subject, kOciManifest);
    const Descriptor manifest = put_blob(json.dump());
    list(manifest, kOciManifest, annotations);
    return manifest;
  }
  void list(const Descriptor& manifest, std::string_view type, const Json& annotations) {
    if (annotations.is_null()) return;
    Json entry = json_of(manifest, type);
    entry["annotations"] = annotations;
    entries.push_back(entry);
    write_index();
  }
  void write_index() {
    const Json index = {{"schemaVersion", 2}, {"manifests", entries}};
    directory.write("index.json", index.dump());
  }
  static Json tag(const std::string& name) {
    return Json{{"org.opencontainers.image.ref.name", name}};
  }

  LayoutSource& source() {
    if (!made) {
      auto opened = LayoutSource::open(directory.str());
      if (!opened) throw std::runtime_error(opened.error().what());
      made = *std::move(opened);
    }
    return *made;
  }
  Result<Digest> resolve(const std::string& name, const std::string& repository = "reg.io/a") {
    return run(source().resolve(*Repository::parse(repository), name, Access::own, Deadline()));
  }
  Result<FetchedManifest> manifest(const std::string& name) {
    return run(source().manifest(*Repository::parse("reg.io/a"), name, Access::own, Deadline()));
  }
  Result<Blob> blob(const Descriptor& descriptor, std::size_t limit = 1000) {
    return run(
        source().blob(*Repository::parse("reg.io/a"), descriptor, limit, Access::own, Deadline()));
  }
  Result<Referrers> referrers(const Digest& subject) {
    return run(
        source().referrers(*Repository::parse("reg.io/a"), subject, Access::own, Deadline()));
  }
  template <class T>
  static Reason reason_of(const Result<T>& result) {
    return result ? Reason::verified : result.error().reason();
  }

  TemporaryDirectory directory;
  Json entries = Json::array();
  std::unique_ptr<LayoutSource> made;
};

TEST_F(LayoutTest, FindsTagsOfBothForms) {
  const Descriptor bare = put_manifest("one", tag("1.0"));
  const Descriptor whole = put_manifest("two", tag("reg.io/a:2.0"));

  EXPECT_EQ(*resolve("1.0"), bare.digest);
  EXPECT_EQ(*resolve("1.0", "other.io/b"), bare.digest);
  EXPECT_EQ(*resolve("2.0"), whole.digest);
  EXPECT_EQ(reason_of(resolve("2.0", "other.io/b")), Reason::image_not_found);
  EXPECT_EQ(reason_of(resolve("3.0")), Reason::image_not_found);
}

TEST_F(LayoutTest, FetchesManifestsByTagAndDigest) {
  const Descriptor image = put_manifest("one", tag("1.0"));
  const Descriptor unlisted = put_manifest("two", nullptr);

  const auto by_tag = manifest("1.0");
  const auto by_digest = manifest(unlisted.digest.str());

  ASSERT_TRUE(by_tag && by_digest);
  EXPECT_EQ(by_tag->digest, image.digest);
  EXPECT_EQ(by_tag->media_type, kOciManifest);
  EXPECT_EQ(by_digest->digest, unlisted.digest);
  EXPECT_EQ(reason_of(manifest(Digest::of("none").str())), Reason::image_not_found);
}

TEST_F(LayoutTest, RefusesATagThatStandsTwice) {
  put_manifest("one", tag("1.0"));
  put_manifest("two", tag("1.0"));

  EXPECT_EQ(reason_of(resolve("1.0")), Reason::registry_protocol);
}

TEST_F(LayoutTest, HoldsBlobsToTheirDigestSizeAndLimit) {
  put_manifest("one", tag("1.0"));
  const Descriptor good = put_blob("payload");
  Descriptor wrong_size = good;
  wrong_size.size = 6;
  const Descriptor changed = put_blob("to be changed");
  directory.write("blobs/sha256/" + changed.digest.hex_part(), "To be changed");
  const Descriptor gone{"x", Digest::of("gone"), 4, {}, "", std::nullopt};
  Descriptor embedded = gone;
  embedded.data = "gone";

  EXPECT_EQ(*blob(good), "payload");
  EXPECT_EQ(*blob(embedded), "gone");
  EXPECT_TRUE(blob(good, 7));
  EXPECT_EQ(reason_of(blob(good, 6)), Reason::limit_exceeded);
  EXPECT_EQ(reason_of(blob(wrong_size)), Reason::digest_mismatch);
  EXPECT_EQ(reason_of(blob(changed)), Reason::digest_mismatch);
  EXPECT_EQ(reason_of(blob(gone)), Reason::registry_protocol);
}

TEST_F(LayoutTest, FollowsNoSymbolicLink) {
  put_manifest("one", tag("1.0"));
  const Descriptor blob_of = put_blob("payload");
  const auto path = directory.path() / "blobs/sha256" / blob_of.digest.hex_part();
  std::filesystem::rename(path, directory.path() / "elsewhere");
  std::filesystem::create_symlink(directory.path() / "elsewhere", path);
  EXPECT_EQ(reason_of(blob(blob_of)), Reason::registry_protocol);

  std::filesystem::rename(directory.path() / "blobs", directory.path() / "moved");
  std::filesystem::create_directory_symlink(directory.path() / "moved", directory.path() / "blobs");
  EXPECT_EQ(reason_of(manifest(put_blob("x").digest.str())), Reason::registry_protocol);
}

TEST_F(LayoutTest, ReadsNoPipe) {
  put_manifest("one", tag("1.0"));
  const Digest digest = Digest::of("pipe");
  const auto path = directory.path() / "blobs/sha256" / digest.hex_part();
  ASSERT_EQ(std::system(("mkfifo " + path.string()).c_str()), 0);

  EXPECT_EQ(reason_of(manifest(digest.str())), Reason::registry_protocol);
}

TEST_F(LayoutTest, BoundsAManifest) {
  put_manifest("one", tag("1.0"));
  const Descriptor most = put_blob(std::string(kManifestBytes, ' '));
  const Descriptor more = put_blob(std::string(kManifestBytes + 1, ' '));

  EXPECT_TRUE(manifest(most.digest.str()));
  EXPECT_EQ(reason_of(manifest(more.digest.str())), Reason::limit_exceeded);
}

TEST_F(LayoutTest, FindsReferrersByTheirSubject) {
  const Descriptor image = put_manifest("one", tag("1.0"));
  const Descriptor referrer = put_manifest("bundle", Json::object(), image);
  put_manifest("of another", Json::object(), put_blob("other"));

  const auto found = referrers(image.digest);

  ASSERT_TRUE(found) << found.error().what();
  ASSERT_EQ(found->descriptors.size(), 1U);
  EXPECT_EQ(found->descriptors[0].digest, referrer.digest);
  EXPECT_EQ(found->descriptors[0].artifact_type, "text/artifact");
  EXPECT_FALSE(found->incomplete);
}

TEST_F(LayoutTest, FindsReferrersByTheFallbackTagToo) {
  const Descriptor image = put_manifest("one", tag("1.0"));
  const Descriptor referrer = put_manifest("bundle", nullptr, image);
  const Json index = {{"schemaVersion", 2},
                      {"mediaType", kOciIndex},
                      {"manifests", Json::array({json_of(referrer, kOciManifest)})}};
  list(put_blob(index.dump()), kOciIndex, tag(referrers_tag(image.digest)));

  const auto found = referrers(image.digest);

  ASSERT_TRUE(found) << found.error().what();
  ASSERT_EQ(found->descriptors.size(), 1U);
  EXPECT_EQ(found->descriptors[0].digest, referrer.digest);
  EXPECT_TRUE(found->from_fallback_tag);
}

TEST_F(LayoutTest, SaysWhenAReferrerMayHideInWhatCannotBeRead) {
  const Descriptor image = put_manifest("one", tag("1.0"));
  list(Descriptor{"", Digest::of("gone"), 4, {}, "", std::nullopt}, kOciManifest, Json::object());

  const auto found = referrers(image.digest);

  ASSERT_TRUE(found);
  EXPECT_TRUE(found->descriptors.empty());
  EXPECT_TRUE(found->incomplete);
}

TEST_F(LayoutTest, FindsTheSignaturesThatCosignSaves) {
  const Descriptor image = put_manifest("one", Json{{"kind", "dev.cosignproject.cosign/image"}});
  const Descriptor signatures =
      put_manifest("signature", Json{{"kind", "dev.cosignproject.cosign/sigs"}});

  const auto found = manifest(signature_tag(image.digest));

  ASSERT_TRUE(found) << found.error().what();
  EXPECT_EQ(found->digest, signatures.digest);
  EXPECT_EQ(reason_of(manifest(signature_tag(Digest::of("x")))), Reason::image_not_found);
}

TEST_F(LayoutTest, SeesANewIndex) {
  put_manifest("one", tag("1.0"));
  EXPECT_EQ(reason_of(resolve("2.0")), Reason::image_not_found);

  const Descriptor added = put_manifest("two", tag("2.0"));
  EXPECT_EQ(*resolve("2.0"), added.digest);
}

TEST_F(LayoutTest, OpensOnlyALayout) {
  const auto refused = [&] {
    const auto opened = LayoutSource::open(directory.str());
    return opened ? Reason::verified : opened.error().reason();
  };
  EXPECT_EQ(refused(), Reason::config_not_ready) << "no index.json";
  write_index();
  EXPECT_EQ(refused(), Reason::verified);
  for (const char* marker : {"", "{}", "[]", R"({"imageLayoutVersion":"2.0.0"})"}) {
    directory.write("oci-layout", marker);
    EXPECT_EQ(refused(), Reason::config_not_ready) << marker;
  }
  std::filesystem::remove(directory.path() / "oci-layout");
  EXPECT_EQ(refused(), Reason::config_not_ready);
  const auto opened = LayoutSource::open(directory.str() + "/none");
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().what().find("/none"), std::string::npos);
}

// The scan runs on the loop: what a digest holds is read once.
TEST_F(LayoutTest, ReadsAManifestOfTheIndexOnce) {
  const Descriptor image = put_manifest("image", tag("1.0"));
  const Descriptor referrer = put_manifest("referrer", Json::object(), image);
  ASSERT_EQ(referrers(image.digest)->descriptors.size(), 1U);

  std::filesystem::remove(directory.path() / ("blobs/sha256/" + referrer.digest.hex_part()));
  put_manifest("another", tag("2.0"));

  const auto found = referrers(image.digest);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->descriptors.size(), 1U);
  EXPECT_FALSE(found->incomplete);
}

TEST_F(LayoutTest, SaysWhereItsManifestsAreMoreThanAreRead) {
  const auto put_large = [&](char mark) {
    const Descriptor manifest = put_blob(std::string(4 * kMiB, mark));
    list(manifest, kOciManifest, tag(std::string(1, mark)));
  };
  for (const char mark : {'a', 'b', 'c', 'd'})
    put_large(mark);
  const Digest nobody = Digest::of("nobody");
  ASSERT_TRUE(referrers(nobody)->incomplete);
  EXPECT_NE(referrers(nobody)->incomplete->reason(), Reason::limit_exceeded);

  made.reset();
  put_large('e');

  ASSERT_TRUE(referrers(nobody)->incomplete);
  EXPECT_EQ(referrers(nobody)->incomplete->reason(), Reason::limit_exceeded);
}

}  // namespace
}  // namespace signet
