#include <gtest/gtest.h>

#include "core/base/limits.hpp"
#include "core/oci/links.hpp"
#include "core/oci/media_types.hpp"
#include "server/registry/client.hpp"
#include "tests/server/registry/client_fixture.hpp"

namespace signet {
namespace {

using testing::FakeReferrers;
using testing::FakeReply;
using testing::Lines;

class ReferrersTest : public testing::ClientFixture {
 protected:
  ReferrersTest() : image(put_image("1")) {}

  Digest attach(const std::string& content) {
    return registry.put_manifest("team/app", manifest_with(registry.put_blob(content), image));
  }
  // The fallback tag with the given manifests.
  void put_tag(const std::vector<Digest>& digests) {
    Json list = {{"schemaVersion", 2}, {"mediaType", kOciIndex}, {"manifests", Json::array()}};
    for (const Digest& digest : digests) {
      list["manifests"].push_back(
          Json{{"mediaType", kOciManifest}, {"digest", digest.str()}, {"size", 1}});
    }
    registry.put_manifest("team/app", list.dump(), referrers_tag(image.digest),
                          std::string(kOciIndex));
  }
  std::string api_line() const { return "GET /v2/team/app/referrers/" + image.digest.str(); }
  std::string tag_line() const {
    return "GET /v2/team/app/manifests/" + referrers_tag(image.digest);
  }

  Descriptor image;
};

TEST_F(ReferrersTest, ListsWhatTheApiKnows) {
  const Digest first = attach("one");
  const Digest second = attach("two");

  const auto found = referrers(image.digest);

  ASSERT_TRUE(found) << found.error().what();
  ASSERT_EQ(found->descriptors.size(), 2U);
  EXPECT_EQ(found->descriptors[0].digest, first);
  EXPECT_EQ(found->descriptors[1].digest, second);
  EXPECT_FALSE(found->from_fallback_tag);
  EXPECT_FALSE(found->incomplete);
  EXPECT_EQ(registry.requests(), Lines{api_line()});
}

TEST_F(ReferrersTest, TakesAnEmptyListForAnAnswer) {
  const auto found = referrers(image.digest);

  ASSERT_TRUE(found);
  EXPECT_TRUE(found->descriptors.empty());
  EXPECT_EQ(registry.requests(), Lines{api_line()});
}

TEST_F(ReferrersTest, FallsBackToTheTagWhereThereIsNoApiAndRemembersIt) {
  const Digest one = attach("one");
  put_tag({one});
  for (const FakeReferrers kind :
       {FakeReferrers::none, FakeReferrers::website, FakeReferrers::html}) {
    SCOPED_TRACE(static_cast<int>(kind));
    made.reset();
    registry.referrers = kind;
    registry.forget_requests();
    for (int i = 0; i < 2; ++i) {
      const auto found = referrers(image.digest);
      ASSERT_TRUE(found) << found.error().what();
      EXPECT_TRUE(found->from_fallback_tag);
      ASSERT_EQ(found->descriptors.size(), 1U);
      EXPECT_EQ(found->descriptors[0].digest, one);
    }
    EXPECT_EQ(registry.requests(), (Lines{api_line(), tag_line(), tag_line()}));
  }
}

TEST_F(ReferrersTest, RemembersForTheWholeOriginOnlyWhatTheRouterSaid) {
  registry.referrers = FakeReferrers::none;
  ASSERT_TRUE(referrers(image.digest));
  registry.forget_requests();
  const auto elsewhere = [&] {
    return testing::run_on(
        loop, client().referrers(repository("reg.io/other"), image.digest, Access::own, soon()));
  };
  ASSERT_TRUE(elsewhere());
  EXPECT_EQ(registry.requests().size(), 1U);

  made.reset();
  registry.fail("GET /v2/team/app/referrers/",
                FakeReply{404, {}, R"({"errors":[{"code":"UNSUPPORTED"}]})"});
  ASSERT_TRUE(referrers(image.digest));
  registry.forget_requests();
  ASSERT_TRUE(elsewhere());
  EXPECT_EQ(registry.requests().size(), 2U);
}

TEST_F(ReferrersTest, FallsBackOnEveryStatusThatMeansNoApi) {
  for (const unsigned status : {400U, 404U, 405U, 406U, 410U, 501U}) {
    SCOPED_TRACE(status);
    made.reset();
    registry.fail("GET /v2/team/app/referrers/", FakeReply{status, {}, ""}, 1);
    const auto found = referrers(image.digest);
    ASSERT_TRUE(found) << found.error().what();
    EXPECT_TRUE(found->descriptors.empty());
    EXPECT_TRUE(found->from_fallback_tag);
  }
}

TEST_F(ReferrersTest, DoesNotFallBackWhereTheRegistryOnlyFails) {
  const std::vector<std::pair<unsigned, Reason>> rows = {
      {429, Reason::registry_rate_limited},
      {500, Reason::registry_unreachable},
      {503, Reason::registry_unreachable},
  };
  for (const auto& [status, reason] : rows) {
    SCOPED_TRACE(status);
    registry.forget_requests();
    registry.fail("GET /v2/team/app/referrers/", FakeReply{status, {}, ""}, 1);
    EXPECT_EQ(reason_of(referrers(image.digest)), reason);
    EXPECT_EQ(registry.requests().size(), 1U);
  }
}

TEST_F(ReferrersTest, ReportsADenialUnlessTheTagHasAnAnswer) {
  for (const auto& [status, reason] :
       {std::pair(401U, Reason::registry_auth), std::pair(403U, Reason::registry_forbidden)}) {
    SCOPED_TRACE(status);
    made.reset();
    registry.fail("GET /v2/team/app/referrers/", FakeReply{status, {}, ""}, 1);
    EXPECT_EQ(reason_of(referrers(image.digest)), reason);
  }
  made.reset();
  put_tag({attach("one")});
  registry.fail("GET /v2/team/app/referrers/", FakeReply{403, {}, ""}, 1);
  const auto found = referrers(image.digest);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->descriptors.size(), 1U);
}

TEST_F(ReferrersTest, KnowsTheTrapOfGitLab) {
  registry.referrers = FakeReferrers::none;
  const auto body = manifest(image.digest.str())->body;
  registry.put_manifest("team/app", body, referrers_tag(image.digest));

  const auto found = referrers(image.digest);

  ASSERT_TRUE(found);
  EXPECT_TRUE(found->descriptors.empty());
  EXPECT_FALSE(found->incomplete);
}

TEST_F(ReferrersTest, DoubtsATagThatHoldsNoList) {
  registry.referrers = FakeReferrers::none;
  registry.put_manifest("team/app", manifest_with(registry.put_blob("x")),
                        referrers_tag(image.digest));

  const auto found = referrers(image.digest);

  ASSERT_TRUE(found);
  ASSERT_TRUE(found->incomplete);
  EXPECT_EQ(found->incomplete->reason(), Reason::unsupported_format);
}

TEST_F(ReferrersTest, AsksGhcrForTheTagAtOnce) {
  internet.registries["https://ghcr.io:443"] = &registry;

  const auto found = testing::run_on(
      loop, client().referrers(repository("ghcr.io/team/app"), image.digest, Access::own, soon()));

  ASSERT_TRUE(found);
  EXPECT_EQ(registry.requests(), Lines{tag_line()});
}

TEST_F(ReferrersTest, FollowsPagesUpToTheBound) {
  for (std::size_t i = 0; i < kReferrerPages; ++i)
    attach(std::to_string(i));
  registry.page_size = 1;

  const auto all = referrers(image.digest);
  attach("one more");
  const auto cut = referrers(image.digest);

  ASSERT_TRUE(all && cut);
  EXPECT_EQ(all->descriptors.size(), kReferrerPages);
  EXPECT_FALSE(all->incomplete);
  EXPECT_EQ(cut->descriptors.size(), kReferrerPages);
  ASSERT_TRUE(cut->incomplete);
  EXPECT_EQ(cut->incomplete->reason(), Reason::limit_exceeded);
}

std::string page_of(const Digest& digest) {
  const Json list = {
      {"schemaVersion", 2},
      {"mediaType", kOciIndex},
      {"manifests",
       Json::array({Json{{"mediaType", kOciManifest}, {"digest", digest.str()}, {"size", 1}}})}};
  return list.dump();
}

TEST_F(ReferrersTest, FollowsNoLinkToAnotherPlace) {
  for (const char* link :
       {"https://169.254.169.254/latest", "https://evil.example/v2/team/app/referrers/x",
        "http://reg.io/v2/team/app/referrers/x", "https://reg.io:8443/v2/team/app/referrers/x",
        "/v2/other/referrers/x", "/v2/team/app/referrers/../../../x", "/token"}) {
    SCOPED_TRACE(link);
    internet.requests.clear();
    registry.fail(api_line(),
                  FakeReply{200,
                            {{"Content-Type", std::string(kOciIndex)},
                             {"Link", "<" + std::string(link) + ">; rel=\"next\""}},
                            page_of(Digest::of("x"))},
                  1);
    EXPECT_EQ(reason_of(referrers(image.digest)), Reason::registry_protocol);
    EXPECT_EQ(internet.requests.size(), 1U);
  }
}

TEST_F(ReferrersTest, StopsWherePagesFormACircle) {
  registry.fail(api_line(), FakeReply{200,
                                      {{"Content-Type", std::string(kOciIndex)},
                                       {"Link", "<" + api_line().substr(4) + ">; rel=\"next\""}},
                                      page_of(Digest::of("x"))});

  const auto found = referrers(image.digest);

  ASSERT_TRUE(found);
  EXPECT_EQ(found->descriptors.size(), 1U);
  EXPECT_TRUE(found->incomplete);
}

TEST_F(ReferrersTest, SaysWhenEntriesCouldNotBeRead) {
  Json list = Json::parse(page_of(Digest::of("x")));
  list["manifests"].push_back(Json{{"mediaType", "x"}});
  registry.fail(api_line(),
                FakeReply{200, {{"Content-Type", std::string(kOciIndex)}}, list.dump()});

  const auto found = referrers(image.digest);

  ASSERT_TRUE(found);
  EXPECT_EQ(found->descriptors.size(), 1U);
  ASSERT_TRUE(found->incomplete);
  EXPECT_EQ(found->incomplete->reason(), Reason::registry_protocol);
}

TEST_F(ReferrersTest, RefusesABrokenList) {
  registry.fail(api_line(), FakeReply{200, {{"Content-Type", std::string(kOciIndex)}}, "{"});

  EXPECT_EQ(reason_of(referrers(image.digest)), Reason::registry_protocol);
}

}  // namespace
}  // namespace signet
