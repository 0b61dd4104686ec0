#include "core/policy/plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/core/policy/world.hpp"

namespace signet {
namespace {

using namespace signet::world;

const char* const kOtherRepository = "quay.io/example/signatures";

std::vector<std::string> names(const std::vector<const Policy*>& policies) {
  std::vector<std::string> list;
  for (const Policy* const policy : policies) {
    list.push_back(policy->name);
  }
  return list;
}

TEST(PlanTest, ListsWhatAppliesByNameWhateverTheOrder) {
  Policy other = cluster("other", {by_certificate()});
  other.match.images = {glob("ghcr.io/**")};
  World world({cluster("b", {by_certificate()}), in_shop("z", {by_certificate()}), other,
               cluster("a", {by_certificate()}), in_shop("y", {by_certificate()})});
  for (int turn = 0; turn < 5; ++turn) {
    std::rotate(world.policies.begin(), world.policies.begin() + 1, world.policies.end());
    const Plan plan = world.plan();
    EXPECT_EQ(names(plan.cluster), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(names(plan.namespaced), (std::vector<std::string>{"y", "z"}));
  }
}

TEST(PlanTest, LooksBesideTheImageForBundlesThenForLegacySignatures) {
  const Plan plan = World({cluster("teams", {by_certificate()})}).plan();
  EXPECT_TRUE(plan.needs_digest);
  EXPECT_EQ(plan.places, (std::vector<SignaturePlace>{place(kBundle), place(kLegacy)}));
}

TEST(PlanTest, PlacesAreDistinctHoweverManyPoliciesAsk) {
  std::vector<Policy> policies;
  for (int i = 0; i < 50; ++i) {
    policies.push_back(
        cluster("p" + std::to_string(i), {by_certificate(), by_certificate(kTeamB)}));
  }
  EXPECT_EQ(World(policies).plan().places.size(), 2U);
}

TEST(PlanTest, OnlyTheFormatsThatCountAreLookedFor) {
  Authority authority = by_certificate();
  authority.formats = {kLegacy};
  EXPECT_EQ(World({cluster("teams", {authority})}).plan().places,
            (std::vector<SignaturePlace>{place(kLegacy)}));
}

TEST(PlanTest, TheImagesOwnRepositoryComesBeforeOthers) {
  Authority authority = by_certificate();
  authority.signature_repository = *Repository::parse("a.example/signatures");
  const Plan plan = World({cluster("teams", {authority, by_certificate(kTeamB)})}).plan();
  EXPECT_EQ(plan.places, (std::vector<SignaturePlace>{place(kBundle), place(kLegacy),
                                                      place(kBundle, "a.example/signatures"),
                                                      place(kLegacy, "a.example/signatures")}));
}

TEST(PlanTest, ATrustPolicysSignatureRepositoryNeverGetsTheServicesCredentials) {
  Authority authority = by_certificate();
  authority.signature_repository = *Repository::parse(kOtherRepository);
  authority.formats = {kLegacy};
  World world({cluster("teams", {authority}), in_shop("web", {authority})});
  EXPECT_EQ(world.plan().places,
            (std::vector<SignaturePlace>{place(kLegacy, kOtherRepository, true),
                                         place(kLegacy, kOtherRepository, false)}));
}

struct Shortcut {
  const char* what;
  World world;
  bool needs_digest;
  std::size_t places;
};

World unpinned(World world) {
  world.reference = std::string(kRepository) + ":1.0";
  return world;
}

World with_no_match(World world, NoMatch no_match) {
  world.no_match = no_match;
  return world;
}

Policy requiring_digest(Mode mode) {
  Policy policy = cluster("pinned", {by_certificate()});
  policy.require_digest = true;
  policy.mode = mode;
  return policy;
}

Authority allow_until(TimePoint end) {
  Authority authority = allow();
  std::get<StaticRule>(authority.rule).expires = end;
  return authority;
}

std::vector<Shortcut> shortcuts() {
  const Policy signed_by_team = cluster("teams", {by_certificate()});
  const Policy own = in_shop("web", {by_certificate()});
  return {
      {"noMatch deny", World(), false, 0},
      {"noMatch deny despite a TrustPolicy", World({own}), false, 0},
      {"noMatch allow without policies", with_no_match(World(), NoMatch::allow), false, 0},
      {"noMatch allow with a TrustPolicy", with_no_match(World({own}), NoMatch::allow), true, 2},
      {"requireDigest refuses", unpinned(World({requiring_digest(Mode::enforce)})), false, 0},
      {"requireDigest refuses for all",
       unpinned(World({requiring_digest(Mode::enforce), signed_by_team})), false, 0},
      {"requireDigest in mode warn alone", unpinned(World({requiring_digest(Mode::warn)})), false,
       0},
      {"requireDigest in mode warn beside another",
       unpinned(World({requiring_digest(Mode::warn), signed_by_team})), true, 2},
      {"requireDigest of a pinned image", World({requiring_digest(Mode::enforce)}), true, 2},
      {"static allow of every image", World({cluster("open", {allow()})}), false, 0},
      {"static allow beside a signer", World({cluster("open", {allow(), by_certificate()})}), false,
       0},
      {"static allow that ends", World({cluster("open", {allow_until(kTestNow)})}), false, 0},
      {"static allow that ends beside a signer",
       World({cluster("open", {allow_until(kTestNow), by_certificate()})}), true, 2},
      {"static allow of digests", World({cluster("open", {allow({image()})})}), true, 0},
      {"static deny of every image", World({cluster("shut", {deny()}), signed_by_team}), false, 0},
      {"static deny of digests", World({cluster("shut", {deny({image()})})}), true, 0},
      {"invalid alone", World({broken(signed_by_team)}), false, 0},
      {"a policy without authorities", World({cluster("teams", {})}), false, 0},
      {"delegate without TrustPolicy", World({cluster("teams", {delegate()})}), false, 0},
      {"delegate with TrustPolicy", World({cluster("teams", {delegate()}), own}), true, 2},
      {"delegate and a TrustPolicy that passes by a static allow",
       World({cluster("teams", {delegate()}), in_shop("web", {allow(), by_certificate()})}), true,
       2},
      {"unknown TrustRoot", World({cluster("teams", {by_certificate(kTeamA, "gone")})}), false, 0},
      {"a key", World({cluster("teams", {by_key({pki().team_a.key.public_key()})})}), true, 2},
  };
}

TEST(PlanTest, FetchesOnlyWhatCanDecide) {
  for (const Shortcut& row : shortcuts()) {
    SCOPED_TRACE(row.what);
    const Plan plan = row.world.plan();
    EXPECT_EQ(plan.needs_digest, row.needs_digest);
    EXPECT_EQ(plan.places.size(), row.places);
  }
}

TEST(PlanTest, AThresholdIsNeverMetByAStaticAllow) {
  Policy policy = cluster("two", {allow(), by_certificate(), by_certificate(kTeamB)});
  policy.threshold = 2;
  EXPECT_EQ(World({policy}).plan().places.size(), 2U);
}

TEST(PlanTest, KnowsWhatMustBePinned) {
  const Authority signer = by_certificate();
  EXPECT_TRUE(enforces_signatures(World({cluster("teams", {signer})}).plan()));
  EXPECT_TRUE(enforces_signatures(World({cluster("teams", {allow(), signer})}).plan()));
  EXPECT_FALSE(enforces_signatures(World({cluster("open", {allow()})}).plan()));
  // Digests or not, static is static; a static authority asks for no signature.
  EXPECT_FALSE(enforces_signatures(World({cluster("some", {allow({image()})})}).plan()));
  EXPECT_FALSE(enforces_signatures(World({cluster("none", {deny({other_image()})})}).plan()));
  EXPECT_TRUE(enforces_signatures(
      World({cluster("some", {allow({image()})}), cluster("teams", {delegate()})}).plan()));
  EXPECT_FALSE(enforces_signatures(World().plan()));
  Policy warns = cluster("teams", {signer});
  warns.mode = Mode::warn;
  EXPECT_FALSE(enforces_signatures(World({warns}).plan()));
  EXPECT_TRUE(enforces_signatures(World({warns, in_shop("web", {signer})}).plan()));
}

}  // namespace
}  // namespace signet
