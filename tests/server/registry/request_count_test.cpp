// How many requests an image costs (registry.md I): what the client must not ask.

#include <gtest/gtest.h>

#include "core/oci/links.hpp"
#include "server/registry/client.hpp"
#include "tests/server/registry/client_fixture.hpp"

namespace signet {
namespace {

using testing::FakeLogin;
using testing::FakeReferrers;
using testing::Lines;

class RequestCountTest : public testing::ClientFixture {
 protected:
  RequestCountTest() { registry.login = FakeLogin::bearer; }

  // What the gatherer asks for an image with one legacy signature whose payload it synthesises.
  std::size_t requests_for(const std::string& tag) {
    registry.forget_requests();
    const auto digest = resolve(tag);
    EXPECT_TRUE(digest);
    EXPECT_TRUE(referrers(*digest));
    EXPECT_TRUE(manifest(signature_tag(*digest)));
    return registry.requests().size();
  }
  void put_signed(const std::string& tag) {
    const Descriptor image = put_image(tag);
    registry.put_manifest("team/app", manifest_with(registry.put_blob("payload " + tag)),
                          signature_tag(image.digest));
  }
};

TEST_F(RequestCountTest, FirstImageOfABearerRegistryTakesFiveAndTheNextThree) {
  put_signed("1");
  put_signed("2");

  EXPECT_EQ(requests_for("1"), 5U);
  const Lines lines = registry.requests();
  EXPECT_EQ(lines[0].substr(0, 5), "HEAD ");
  EXPECT_EQ(lines[1].substr(0, 10), "GET /token");
  EXPECT_EQ(lines[2], lines[0]);
  EXPECT_NE(lines[3].find("/referrers/"), std::string::npos);
  EXPECT_NE(lines[4].find(".sig"), std::string::npos);

  EXPECT_EQ(requests_for("2"), 3U);
}

TEST_F(RequestCountTest, ARegistryWithoutReferrersCostsOneMoreOnce) {
  registry.referrers = FakeReferrers::none;
  put_signed("1");
  put_signed("2");

  EXPECT_EQ(requests_for("1"), 6U);
  EXPECT_EQ(requests_for("2"), 3U);
}

TEST_F(RequestCountTest, ABundleTakesItsManifestAndItsBlob) {
  for (const char* tag : {"1", "2"}) {
    const Descriptor image = put_image(tag);
    const Descriptor bundle = registry.put_blob(std::string("bundle ") + tag);
    registry.put_manifest("team/app", manifest_with(bundle, image));
    registry.forget_requests();
    const auto digest = resolve(tag);
    const auto found = referrers(*digest);
    ASSERT_TRUE(found && found->descriptors.size() == 1);
    ASSERT_TRUE(manifest(found->descriptors[0].digest.str()));
    ASSERT_TRUE(blob(bundle));
    EXPECT_EQ(registry.requests().size(), std::string(tag) == "1" ? 6U : 4U);
  }
}

}  // namespace
}  // namespace signet
