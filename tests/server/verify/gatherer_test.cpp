#include "server/verify/gatherer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/base/limits.hpp"
#include "core/base/text.hpp"
#include "tests/server/verify/memory_fixture.hpp"

namespace signet {
namespace {

constexpr const char* kBundle = "application/vnd.dev.sigstore.bundle.v0.3+json";
constexpr const char* kSimpleSigning = "application/vnd.dev.cosign.simplesigning.v1+json";

Json json_of(const Descriptor& descriptor) {
  Json json = {{"mediaType", descriptor.media_type},
               {"digest", descriptor.digest.str()},
               {"size", descriptor.size}};
  if (!descriptor.annotations.empty()) json["annotations"] = descriptor.annotations;
  return json;
}

class GathererTest : public ::testing::Test {
 protected:
  GathererTest() { search.digest = source.put(kRepository, R"({"an":"image"})", "1.0"); }

  std::string manifest(const std::vector<Descriptor>& layers, bool with_subject = true) {
    Json json = {{"schemaVersion", 2},
                 {"mediaType", "application/vnd.oci.image.manifest.v1+json"},
                 {"config", json_of(source.put_blob("{}", "application/vnd.oci.empty.v1+json"))},
                 {"layers", Json::array()}};
    for (const Descriptor& layer : layers)
      json["layers"].push_back(json_of(layer));
    if (with_subject) {
      json["subject"] = {{"mediaType", "application/vnd.oci.image.manifest.v1+json"},
                         {"digest", search.digest.str()},
                         {"size", 14}};
    }
    return json.dump();
  }

  Digest hang(const std::string& body, const std::string& artifact_type = "") {
    const Digest digest = source.put(kRepository, body);
    source.lists[search.digest.str()].descriptors.push_back(
        Descriptor{"application/vnd.oci.image.manifest.v1+json",
                   digest,
                   body.size(),
                   {},
                   artifact_type,
                   std::nullopt});
    return digest;
  }

  Descriptor signed_layer(const std::string& payload) {
    Descriptor layer = source.put_blob(payload, kSimpleSigning);
    layer.annotations["dev.cosignproject.cosign/signature"] = "c2lnbmF0dXJl";
    return layer;
  }

  ReferrerSignatures referrers() {
    Gatherer gatherer(source);
    return testing::run(gatherer.referrers(search, Deadline::max()));
  }

  FoundSignatures signature_tag() {
    Gatherer gatherer(source);
    return testing::run(gatherer.signature_tag(search, Deadline::max()));
  }

  MemorySource source;
  Search search{Repository{"registry.example", "shop/app"},
                Repository{"registry.example", "shop/app"}, Digest::of("an image"), Access::own};
};

TEST_F(GathererTest, FindsBundlesAmongTheReferrers) {
  hang(manifest({source.put_blob("a bundle", kBundle)}), kBundle);

  const ReferrerSignatures found = referrers();

  EXPECT_FALSE(found.bundles.failure);
  ASSERT_EQ(found.bundles.candidates.size(), 1u);
  EXPECT_EQ(*found.bundles.candidates[0].content, "a bundle");
  EXPECT_EQ(found.bundles.searched, (std::vector<std::string>{"OCI referrers (1 bundle)"}));
  EXPECT_TRUE(found.legacy.candidates.empty());
}

TEST_F(GathererTest, LooksIntoReferrersWithoutAnArtifactType) {
  hang(manifest({source.put_blob("a bundle", kBundle)}));

  EXPECT_EQ(referrers().bundles.candidates.size(), 1u);
}

TEST_F(GathererTest, FindsLegacySignaturesAmongTheReferrers) {
  hang(manifest({signed_layer("a payload")}), "application/vnd.dev.cosign.artifact.sig.v1+json");

  const ReferrerSignatures found = referrers();

  ASSERT_EQ(found.legacy.candidates.size(), 1u);
  EXPECT_EQ(*found.legacy.candidates[0].content, "a payload");
  EXPECT_TRUE(found.bundles.candidates.empty());
}

TEST_F(GathererTest, LeavesReferrersOfOtherTypesAlone) {
  hang(manifest({source.put_blob("an sbom", "application/spdx+json")}), "application/spdx+json");

  EXPECT_TRUE(referrers().bundles.candidates.empty());
  EXPECT_EQ(source.questions.size(), 1u);
}

TEST_F(GathererTest, SkipsAChildThatIsNotAboutThisImage) {
  hang(manifest({source.put_blob("a bundle", kBundle)}, false), kBundle);

  const ReferrerSignatures found = referrers();

  EXPECT_TRUE(found.bundles.candidates.empty());
  EXPECT_FALSE(found.bundles.failure);
}

TEST_F(GathererTest, SkipsMalformedChildrenAndKeepsTheGoodOne) {
  hang("not a manifest", kBundle);
  hang(manifest({source.put_blob("a bundle", kBundle)}), kBundle);
  hang(R"({"schemaVersion":2,"manifests":[]})", kBundle);

  const ReferrerSignatures found = referrers();

  EXPECT_EQ(found.bundles.candidates.size(), 1u);
  EXPECT_FALSE(found.bundles.failure);
}

TEST_F(GathererTest, AListThatCannotBeReadIsAFailureAndNotAnEmptyList) {
  source.failures.insert_or_assign(cat("referrers ", kRepository, " ", search.digest.str()),
                                   Error(Reason::registry_unreachable, "HTTP 503"));

  const ReferrerSignatures found = referrers();

  ASSERT_TRUE(found.bundles.failure);
  EXPECT_EQ(found.bundles.failure->reason(), Reason::registry_unreachable);
  ASSERT_TRUE(found.legacy.failure);
}

TEST_F(GathererTest, AListThatMayLackSomethingIsAFailureBesideWhatItHas) {
  hang(manifest({source.put_blob("bundle", kBundle)}), kBundle);
  source.lists[search.digest.str()].incomplete =
      Error(Reason::limit_exceeded, "more pages than are read");

  const ReferrerSignatures found = referrers();

  EXPECT_EQ(found.bundles.candidates.size(), 1u);
  ASSERT_TRUE(found.bundles.failure);
  EXPECT_EQ(found.bundles.failure->reason(), Reason::limit_exceeded);
}

TEST_F(GathererTest, AChildThatCannotBeFetchedIsAFailureBesideTheGoodOne) {
  const Digest lost = hang(manifest({source.put_blob("lost", kBundle)}), kBundle);
  hang(manifest({source.put_blob("a bundle", kBundle)}), kBundle);
  source.failures.insert_or_assign(cat("manifest ", kRepository, " ", lost.str()),
                                   Error(Reason::registry_timeout, "no answer"));

  const ReferrerSignatures found = referrers();

  EXPECT_EQ(found.bundles.candidates.size(), 1u);
  ASSERT_TRUE(found.bundles.failure);
  EXPECT_EQ(found.bundles.failure->reason(), Reason::registry_timeout);
}

TEST_F(GathererTest, FetchesThirtyTwoCandidatesAndSaysSoAtOneMore) {
  for (std::size_t i = 0; i < kCandidatesFetched; ++i) {
    hang(manifest({source.put_blob(cat("bundle ", std::to_string(i)), kBundle)}), kBundle);
  }
  EXPECT_FALSE(referrers().bundles.failure);

  hang(manifest({source.put_blob("one more", kBundle)}), kBundle);
  const ReferrerSignatures found = referrers();

  EXPECT_EQ(found.bundles.candidates.size(), kCandidatesFetched);
  ASSERT_TRUE(found.bundles.failure);
  EXPECT_EQ(found.bundles.failure->reason(), Reason::too_many_signatures);
}

TEST_F(GathererTest, ReadsTheNewestReferrersFirst) {
  for (const char* const year : {"2024", "2026", "2025"}) {
    hang(manifest({source.put_blob(year, kBundle)}), kBundle);
    source.lists[search.digest.str()]
        .descriptors.back()
        .annotations["org.opencontainers.image.created"] = cat(year, "-01-01T00:00:00Z");
  }

  const ReferrerSignatures found = referrers();

  ASSERT_EQ(found.bundles.candidates.size(), 3u);
  EXPECT_EQ(*found.bundles.candidates[0].content, "2026");
  EXPECT_EQ(*found.bundles.candidates[2].content, "2024");
}

TEST_F(GathererTest, NoSignatureTagIsAnAnswer) {
  const FoundSignatures found = signature_tag();

  EXPECT_TRUE(found.candidates.empty());
  EXPECT_FALSE(found.failure);
  ASSERT_EQ(found.searched.size(), 1u);
  EXPECT_NE(found.searched[0].find(".sig (none)"), std::string::npos);
}

TEST_F(GathererTest, EveryLayerOfTheSignatureTagIsACandidate) {
  const std::string tag = cat("sha256-", search.digest.hex_part(), ".sig");
  source.put(kRepository, manifest({signed_layer("one"), signed_layer("two")}, false), tag);

  const FoundSignatures found = signature_tag();

  ASSERT_EQ(found.candidates.size(), 2u);
  EXPECT_EQ(*found.candidates[1].content, "two");
  EXPECT_EQ(found.candidates[1].origin, cat(tag, " layer 2"));
}

TEST_F(GathererTest, APayloadThatCanBeSynthesisedIsNotFetched) {
  const std::string payload =
      cat(R"({"critical":{"identity":{"docker-reference":")", kRepository,
          R"("},"image":{"docker-manifest-digest":")", search.digest.str(),
          R"("},"type":"cosign container image signature"},"optional":null})");
  const std::string tag = cat("sha256-", search.digest.hex_part(), ".sig");
  source.put(kRepository, manifest({signed_layer(payload)}, false), tag);

  const FoundSignatures found = signature_tag();

  ASSERT_EQ(found.candidates.size(), 1u);
  EXPECT_EQ(*found.candidates[0].content, payload);
  EXPECT_TRUE(
      std::none_of(source.questions.begin(), source.questions.end(),
                   [](const std::string& question) { return question.starts_with("blob"); }));
}

TEST_F(GathererTest, ALostPayloadSpoilsItsLayerOnly) {
  const Descriptor lost = signed_layer("one");
  source.blobs.erase(lost.digest.str());
  const std::string tag = cat("sha256-", search.digest.hex_part(), ".sig");
  source.put(kRepository, manifest({lost, signed_layer("two")}, false), tag);

  const FoundSignatures found = signature_tag();

  ASSERT_EQ(found.candidates.size(), 2u);
  EXPECT_FALSE(found.candidates[0].content);
  EXPECT_TRUE(found.candidates[1].content);
}

TEST_F(GathererTest, FiftyLayersAreReadAndFiftyOneRefused) {
  const std::string tag = cat("sha256-", search.digest.hex_part(), ".sig");
  std::vector<Descriptor> layers(kSignatureLayers, signed_layer("one"));
  source.put(kRepository, manifest(layers, false), tag);
  EXPECT_EQ(signature_tag().candidates.size(), kSignatureLayers);

  layers.push_back(signed_layer("two"));
  source.put(kRepository, manifest(layers, false), tag);
  const FoundSignatures found = signature_tag();

  EXPECT_TRUE(found.candidates.empty());
  ASSERT_TRUE(found.failure);
  EXPECT_EQ(found.failure->reason(), Reason::too_many_signatures);
}

TEST_F(GathererTest, AnIndexAtTheSignatureTagIsAFailure) {
  source.put(kRepository, R"({"schemaVersion":2,"manifests":[]})",
             cat("sha256-", search.digest.hex_part(), ".sig"),
             "application/vnd.oci.image.index.v1+json");

  const FoundSignatures found = signature_tag();

  ASSERT_TRUE(found.failure);
  EXPECT_EQ(found.failure->reason(), Reason::unsupported_format);
}

TEST_F(GathererTest, BundlesOfThirtyTwoMebibytesAreFetchedAndNoMore) {
  for (const char* const content : {"a", "b"}) {
    hang(manifest({source.put_blob(std::string(kBundleBytes, *content), kBundle)}), kBundle);
  }
  EXPECT_EQ(referrers().bundles.candidates.size(), 2u);

  hang(manifest({source.put_blob("c", kBundle)}), kBundle);
  const ReferrerSignatures found = referrers();

  EXPECT_EQ(found.bundles.candidates.size(), 2u);
  ASSERT_TRUE(found.bundles.failure);
  EXPECT_EQ(found.bundles.failure->reason(), Reason::limit_exceeded);
}

TEST_F(GathererTest, LegacySignaturesOfAllReferrersAreBoundedTogether) {
  const std::string type = "application/vnd.dev.cosign.artifact.sig.v1+json";
  hang(manifest(std::vector<Descriptor>(kSignatureLayers - 1, signed_layer("one"))), type);
  hang(manifest({signed_layer("two")}), type);
  EXPECT_FALSE(referrers().legacy.failure);

  hang(manifest({signed_layer("three")}), type);
  const ReferrerSignatures found = referrers();

  EXPECT_EQ(found.legacy.candidates.size(), kSignatureLayers);
  ASSERT_TRUE(found.legacy.failure);
  EXPECT_EQ(found.legacy.failure->reason(), Reason::too_many_signatures);
}

TEST_F(GathererTest, AChildThatCannotBeFetchedMayHaveBeenALegacySignature) {
  const Digest lost = hang(manifest({signed_layer("lost")}));
  source.failures.insert_or_assign(cat("manifest ", kRepository, " ", lost.str()),
                                   Error(Reason::registry_unreachable, "HTTP 503"));

  const ReferrerSignatures found = referrers();

  ASSERT_TRUE(found.legacy.failure);
  EXPECT_EQ(found.legacy.failure->reason(), Reason::registry_unreachable);
}

}  // namespace
}  // namespace signet
