#include "server/registry/recorded.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/base/bytes.hpp"
#include "core/base/text.hpp"
#include "tests/support/memory_source.hpp"
#include "tests/support/run.hpp"
#include "tests/support/temporary_directory.hpp"

namespace signet {
namespace {

using testing::run;

constexpr const char* kRepository = "registry.example.com/shop/web";
constexpr const char* kType = "application/vnd.oci.image.manifest.v1+json";

Repository repository() {
  return *Repository::parse(kRepository);
}

std::string named(const std::string& tag_or_digest) {
  return cat(kRepository, tag_or_digest.find(':') == std::string::npos ? ":" : "@", tag_or_digest);
}

Error error_of(const std::string& text) {
  const auto parsed = Recording::parse(text);
  EXPECT_FALSE(parsed) << text;
  return parsed ? Error(Reason::verified, "") : parsed.error();
}

template <class T>
Reason reason_of(const Result<T>& result) {
  return result ? Reason::verified : result.error().reason();
}

class RecordedTest : public ::testing::Test {
 protected:
  RecordedTest() {
    digest = live.put(kRepository, R"({"an":"image"})", "1");
    blob = live.put_blob("payload \xff", "text/layer");
    live.lists[digest.str()] = Referrers{{blob}, false, std::nullopt};
  }

  // Asks everything there is to ask.
  template <class Source>
  void ask(Source& source) {
    tag = run(source.resolve(repository(), "1", Access::own, Deadline::max()));
    no_tag = run(source.manifest(repository(), "2", Access::own, Deadline::max()));
    manifest = run(source.manifest(repository(), "1", Access::own, Deadline::max()));
    content = run(source.blob(repository(), blob, 100, Access::own, Deadline::max()));
    list = run(source.referrers(repository(), digest, Access::own, Deadline::max()));
  }
  std::string recorded() {
    RecordingSource source(live);
    ask(source);
    return source.recording().text();
  }
  static std::shared_ptr<const Recording> parsed(const std::string& text) {
    return std::make_shared<const Recording>(*Recording::parse(text));
  }

  MemorySource live;
  Digest digest = Digest::of("");
  Descriptor blob{"", Digest::of(""), 0, {}, "", std::nullopt};
  Result<Digest> tag = Error(Reason::internal, "");
  Result<FetchedManifest> no_tag = Error(Reason::internal, "");
  Result<FetchedManifest> manifest = Error(Reason::internal, "");
  Result<Blob> content = Error(Reason::internal, "");
  Result<Referrers> list = Error(Reason::internal, "");
};

TEST_F(RecordedTest, AnswersAsTheRegistryDid) {
  RecordedSource source(parsed(recorded()));

  ask(source);

  ASSERT_TRUE(tag && manifest && content && list);
  EXPECT_EQ(*tag, digest);
  EXPECT_EQ(manifest->body, R"({"an":"image"})");
  EXPECT_EQ(manifest->media_type, kType);
  EXPECT_EQ(*content, "payload \xff");
  ASSERT_EQ(list->descriptors.size(), 1U);
  EXPECT_EQ(list->descriptors.front().digest, blob.digest);
  EXPECT_EQ(reason_of(no_tag), Reason::image_not_found);
  EXPECT_TRUE(source.missing().empty());
}

TEST_F(RecordedTest, TheSameRecordingIsTheSameText) {
  const std::string once = recorded();

  EXPECT_EQ(Recording::parse(once)->text(), once);
}

TEST_F(RecordedTest, WhatWasNotRecordedIsNotAbsent) {
  RecordedSource source(parsed(R"({"version":1})"));

  ask(source);

  EXPECT_EQ(reason_of(tag), Reason::config_not_ready);
  EXPECT_EQ(reason_of(no_tag), Reason::config_not_ready);
  EXPECT_EQ(reason_of(content), Reason::config_not_ready);
  EXPECT_EQ(reason_of(list), Reason::config_not_ready);
  EXPECT_NE(list.error().what().find("signet policy test --record"), std::string::npos);
  EXPECT_TRUE(source.missing().contains(named("1")));
  EXPECT_TRUE(source.missing().contains(named(digest.str())));
}

TEST_F(RecordedTest, AFailureIsRecordedAndToldAgain) {
  live.failures.emplace("resolve " + std::string(kRepository) + " 1",
                        Error(Reason::registry_dns, "no address"));
  RecordedSource source(parsed(recorded()));

  ask(source);

  EXPECT_EQ(reason_of(tag), Reason::verified) << "the manifest of the tag was had, and tells";
  EXPECT_EQ(reason_of(manifest), Reason::verified);
}

TEST_F(RecordedTest, TellsTheReasonOfARecordedFailure) {
  const std::string text = cat(R"({"version":1,"failures":{")", named("1"),
                               R"(":{"reason":"registry_dns","message":"no address"}}})");
  RecordedSource source(parsed(text));

  ask(source);

  EXPECT_EQ(reason_of(tag), Reason::registry_dns);
  EXPECT_EQ(tag.error().what(), "no address");
  EXPECT_TRUE(!source.missing().contains(named("1")));
}

TEST_F(RecordedTest, HoldsBlobsToTheirSizeAndLimit) {
  RecordedSource source(parsed(recorded()));
  Descriptor short_one = blob;
  --short_one.size;
  const auto read = [&](const Descriptor& what, std::size_t limit) {
    return reason_of(run(source.blob(repository(), what, limit, Access::own, Deadline::max())));
  };

  EXPECT_EQ(read(blob, blob.size), Reason::verified);
  EXPECT_EQ(read(blob, blob.size - 1), Reason::limit_exceeded);
  EXPECT_EQ(read(short_one, blob.size), Reason::digest_mismatch);
}

TEST_F(RecordedTest, RefusesWhatDoesNotHashToItsName) {
  const std::string name = named(Digest::of("other").str());
  const Error of_blob =
      error_of(cat(R"({"version":1,"blobs":{")", name, R"(":")", base64("content"), R"("}})"));
  const Error of_manifest = error_of(
      cat(R"({"version":1,"manifests":{")", name, R"(":{"mediaType":"x","body":"content"}}})"));

  EXPECT_EQ(of_blob.reason(), Reason::digest_mismatch);
  EXPECT_EQ(of_manifest.reason(), Reason::digest_mismatch);
  EXPECT_NE(of_blob.what().find(cat("blobs \"", name, "\"")), std::string::npos) << of_blob.what();
  EXPECT_NE(of_manifest.what().find(cat("manifests \"", name, "\"")), std::string::npos);
}

TEST(RecordingTest, NamesTheEntryThatIsWrong) {
  const struct {
    const char* text;
    const char* said;
  } rows[] = {
      {R"([])", "not an object"},
      {R"({})", "version"},
      {R"({"version":2})", "version is not 1"},
      {R"({"version":1,"tag":{}})", "there is no member \"tag\""},
      {R"({"version":1,"tags":[]})", "tags"},
      {R"({"version":1,"tags":{"a.example/b":"x"}})", "neither HOST/PATH:TAG nor"},
      {R"({"version":1,"tags":{"a.example/b:1":"sha256:12"}})", "tags \"a.example/b:1\""},
      {R"({"version":1,"tags":{"a.example/b:1":7}})", "neither a digest nor null"},
      {R"({"version":1,"blobs":{"a.example/b:1":""}})", "not HOST/PATH@sha256:DIGEST"},
      {R"({"version":1,"failures":{"a.example/b:1":{"reason":"bad","message":""}}})",
       "\"bad\" is not the reason of a failure"},
      {R"({"version":1,"failures":{"a.example/b:1":{"reason":"verified","message":""}}})",
       "is not the reason of a failure"},
      {R"({"version":1,"failures":{"a.example/b:1":{"reason":"deadline"}}})", "message"},
  };
  for (const auto& row : rows) {
    EXPECT_NE(error_of(row.text).what().find(row.said), std::string::npos)
        << row.text << '\n'
        << error_of(row.text).what();
  }
}

TEST(RecordingTest, KnowsARepositoryByAnyOfItsNames) {
  const auto recording = Recording::parse(R"({"version":1,"tags":{"nginx:1":null}})");

  ASSERT_TRUE(recording);
  EXPECT_TRUE(recording->tags.contains("docker.io/library/nginx:1"));
}

TEST(RecordingTest, FilesAreReadAsOneAndMustAgree) {
  const TemporaryDirectory directory;
  const std::string digest = Digest::of("a").str();
  const auto with_tag = [&](const std::string& tag, const std::string& to) {
    return cat(R"({"version":1,"tags":{"a.example/b:)", tag, R"(":")", to, R"("}})");
  };
  const std::string one = directory.write("one.json", with_tag("1", digest));
  const std::string two = directory.write("two.json", with_tag("2", digest));
  const std::string other = directory.write("other.json", with_tag("1", Digest::of("b").str()));

  const auto both = Recording::read({one, two, one});
  const auto quarrel = Recording::read({one, other});

  ASSERT_TRUE(both) << both.error().what();
  EXPECT_EQ(both->tags.size(), 2U);
  ASSERT_FALSE(quarrel);
  EXPECT_EQ(quarrel.error().reason(), Reason::config_not_ready);
  EXPECT_TRUE(quarrel.error().what().starts_with(other)) << quarrel.error().what();
}

TEST(RecordingTest, AFileIsBounded) {
  const TemporaryDirectory directory;
  const std::string text(kRecordingBytes, '?');
  const std::string full = directory.write("full.json", text);
  const std::string beyond = directory.write("beyond.json", text + " ");

  EXPECT_EQ(reason_of(Recording::read({full})), Reason::config_not_ready) << "read, and no JSON";
  EXPECT_EQ(reason_of(Recording::read({beyond})), Reason::limit_exceeded);
}

}  // namespace
}  // namespace signet
