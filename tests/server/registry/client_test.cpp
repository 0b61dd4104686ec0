#include "server/registry/client.hpp"

#include <gtest/gtest.h>

#include "core/base/limits.hpp"
#include "core/oci/media_types.hpp"
#include "tests/server/registry/client_fixture.hpp"

namespace signet {
namespace {

using testing::FakeConduct;
using testing::FakeReply;
using testing::Lines;

using RegistryClientTest = testing::ClientFixture;

const std::string kAnyDigest = "sha256:" + std::string(64, 'a');

TEST_F(RegistryClientTest, ResolvesATagWithOneHead) {
  const Descriptor image = put_image("1");

  const auto digest = resolve("1");

  ASSERT_TRUE(digest) << digest.error().what();
  EXPECT_EQ(*digest, image.digest);
  EXPECT_EQ(registry.requests(), (Lines{"HEAD /v2/team/app/manifests/1"}));
}

TEST_F(RegistryClientTest, AsksForAllFourTypesInHeadAndGet) {
  registry.head_states_digest = false;
  put_image("1");

  ASSERT_TRUE(resolve("1"));

  ASSERT_EQ(internet.requests.size(), 2U);
  for (const HttpRequest& request : internet.requests) {
    ASSERT_EQ(request.headers.front().first, "Accept");
    const std::string& accept = request.headers.front().second;
    for (const auto type : {kOciIndex, kDockerList, kOciManifest, kDockerManifest}) {
      EXPECT_NE(accept.find(type), std::string::npos);
    }
    EXPECT_EQ(accept.find("*/*"), std::string::npos);
  }
}

TEST_F(RegistryClientTest, GetsWhereHeadSaysTooLittleAndRemembersIt) {
  registry.head_states_digest = false;
  const Descriptor image = put_image("1");

  EXPECT_EQ(*resolve("1"), image.digest);
  EXPECT_EQ(*resolve("1"), image.digest);

  EXPECT_EQ(registry.requests(),
            (Lines{"HEAD /v2/team/app/manifests/1", "GET /v2/team/app/manifests/1",
                   "GET /v2/team/app/manifests/1"}));
}

struct HeadRow {
  const char* name;
  FakeReply head;
};

TEST_F(RegistryClientTest, NeverTakesADoubtfulHead) {
  const std::string type(kOciManifest);
  const std::vector<HeadRow> rows = {
      {"405", {405, {}, ""}},
      {"501", {501, {}, ""}},
      {"400", {400, {}, ""}},
      {"two digests",
       {200,
        {{"Content-Type", type},
         {"Docker-Content-Digest", kAnyDigest},
         {"Docker-Content-Digest", kAnyDigest}},
        ""}},
      {"no hex", {200, {{"Content-Type", type}, {"Docker-Content-Digest", "sha256:zz"}}, ""}},
      {"md5", {200, {{"Content-Type", type}, {"Docker-Content-Digest", "md5:aa"}}, ""}},
      {"empty", {200, {{"Content-Type", type}, {"Docker-Content-Digest", ""}}, ""}},
      {"no type", {200, {{"Docker-Content-Digest", kAnyDigest}}, ""}},
      {"a page", {200, {{"Content-Type", "text/html"}, {"Docker-Content-Digest", kAnyDigest}}, ""}},
  };
  for (const HeadRow& row : rows) {
    SCOPED_TRACE(row.name);
    made.reset();
    const Descriptor image = put_image("1");
    registry.fail("HEAD", row.head, 1);
    EXPECT_EQ(*resolve("1"), image.digest);
  }
}

TEST_F(RegistryClientTest, ReportsAMissingTagWithoutAGet) {
  const auto digest = resolve("none");

  ASSERT_FALSE(digest);
  EXPECT_EQ(digest.error().reason(), Reason::image_not_found);
  EXPECT_NE(digest.error().what().find("reg.io/team/app:none"), std::string::npos);
  EXPECT_EQ(registry.requests().size(), 1U);
}

struct StatusRow {
  unsigned status;
  Reason reason;
};

TEST_F(RegistryClientTest, NamesEveryRefusalByItsReason) {
  const std::vector<StatusRow> rows = {
      {401, Reason::registry_auth},        {403, Reason::registry_forbidden},
      {404, Reason::image_not_found},      {429, Reason::registry_rate_limited},
      {500, Reason::registry_unreachable}, {503, Reason::registry_unreachable},
      {418, Reason::registry_protocol},    {204, Reason::registry_protocol},
  };
  for (const StatusRow& row : rows) {
    SCOPED_TRACE(row.status);
    registry.fail("", FakeReply{row.status, {}, "<html>not signed</html>"});
    const auto fetched = manifest("1");
    ASSERT_FALSE(fetched);
    EXPECT_EQ(fetched.error().reason(), row.reason) << fetched.error().what();
    EXPECT_EQ(fetched.error().what().find("not signed"), std::string::npos);
    EXPECT_NE(fetched.error().what().find("reg.io"), std::string::npos);
    registry.heal();
  }
}

TEST_F(RegistryClientTest, HashesWhatItFetchesByTag) {
  const Descriptor image = put_image("1");
  registry.fail("GET",
                FakeReply{200,
                          {{"Content-Type", std::string(kOciManifest)},
                           {"Docker-Content-Digest", kAnyDigest}},
                          "{}"},
                1);

  const auto lied_to = manifest("1");
  const auto honest = manifest("1");

  ASSERT_TRUE(lied_to && honest);
  EXPECT_EQ(lied_to->digest, Digest::of("{}"));
  EXPECT_EQ(honest->digest, image.digest);
  EXPECT_EQ(honest->media_type, kOciManifest);
}

TEST_F(RegistryClientTest, RefusesOtherBytesThanTheDigestAskedFor) {
  const Descriptor image = put_image("1");
  std::string flipped = manifest(image.digest.str())->body;
  flipped[10] ^= 1;
  registry.fail("GET", FakeReply{200, {{"Docker-Content-Digest", image.digest.str()}}, flipped}, 1);

  EXPECT_EQ(reason_of(manifest(image.digest.str())), Reason::digest_mismatch);
}

TEST_F(RegistryClientTest, RefusesACompressedAnswer) {
  registry.fail("GET", FakeReply{200, {{"Content-Encoding", "gzip"}}, "{}"});

  EXPECT_EQ(reason_of(manifest("1")), Reason::registry_protocol);
}

TEST_F(RegistryClientTest, TakesNoPageForAnImage) {
  registry.fail("HEAD", FakeReply{405, {}, ""});
  registry.fail("GET", FakeReply{200, {{"Content-Type", "text/html"}}, "<html>log in</html>"});

  EXPECT_EQ(reason_of(resolve("1")), Reason::registry_protocol);
}

TEST_F(RegistryClientTest, RefusesSchemaOne) {
  registry.fail("HEAD", FakeReply{200, {{"Content-Type", "text/plain"}}, ""});
  registry.fail("GET", FakeReply{200, {{"Content-Type", "text/plain"}}, "{}"});

  EXPECT_EQ(reason_of(resolve("1")), Reason::unsupported_format);
}

TEST_F(RegistryClientTest, BoundsAManifest) {
  registry.fail("GET", FakeReply{200, {}, std::string(kManifestBytes + 1, ' ')});

  EXPECT_EQ(reason_of(manifest("1")), Reason::limit_exceeded);
}

TEST_F(RegistryClientTest, FetchesABlobThatIsWhatItsDescriptorSays) {
  const Descriptor descriptor = registry.put_blob("payload");

  const auto content = blob(descriptor);

  ASSERT_TRUE(content) << content.error().what();
  EXPECT_EQ(*content, "payload");
}

TEST_F(RegistryClientTest, RefusesALargeBlobBeforeAnyRequest) {
  Descriptor descriptor = registry.put_blob("payload");

  EXPECT_TRUE(blob(descriptor, 7));
  EXPECT_EQ(reason_of(blob(descriptor, 6)), Reason::limit_exceeded);
  EXPECT_EQ(registry.requests().size(), 1U);
}

TEST_F(RegistryClientTest, RefusesABlobOfOtherLengthOrBytes) {
  const Descriptor good = registry.put_blob("payload");
  Descriptor longer = good;
  Descriptor shorter = good;
  longer.size = 8;
  shorter.size = 6;

  EXPECT_EQ(reason_of(blob(longer)), Reason::digest_mismatch);
  EXPECT_EQ(reason_of(blob(shorter)), Reason::digest_mismatch);
  registry.fail("GET", FakeReply{200, {}, "pAyload"});
  EXPECT_EQ(reason_of(blob(good)), Reason::digest_mismatch);
}

TEST_F(RegistryClientTest, ReadsRefusalsThatAreLongerThanTheBlob) {
  const Descriptor tiny = registry.put_blob("x");
  registry.fail("GET", FakeReply{429, {}, std::string(60000, 'x')}, 1);
  EXPECT_EQ(reason_of(blob(tiny)), Reason::registry_rate_limited);

  registry.fail("GET", FakeReply{200, {}, std::string(70000, 'x')}, 1);
  EXPECT_EQ(reason_of(blob(tiny)), Reason::digest_mismatch);
}

TEST_F(RegistryClientTest, TakesEmbeddedDataInPlaceOfARequest) {
  Descriptor descriptor = registry.put_blob("payload");
  descriptor.data = "payload";

  EXPECT_EQ(*blob(descriptor), "payload");
  EXPECT_TRUE(registry.requests().empty());
}

TEST_F(RegistryClientTest, SaysThatAListedBlobIsGoneAndNotThatTheImageIs) {
  const Descriptor gone{"x", Digest::of("gone"), 4, {}, "", std::nullopt};

  EXPECT_EQ(reason_of(blob(gone)), Reason::registry_protocol);
}

TEST_F(RegistryClientTest, ReportsABrokenConnection) {
  registry.fail("HEAD", FakeReply{200, {}, "", FakeConduct::drops});

  const auto digest = resolve("1");

  ASSERT_FALSE(digest);
  EXPECT_EQ(digest.error().reason(), Reason::registry_unreachable);
  EXPECT_TRUE(digest.error().what().starts_with("reg.io/team/app:1: ")) << digest.error().what();
}

}  // namespace
}  // namespace signet
