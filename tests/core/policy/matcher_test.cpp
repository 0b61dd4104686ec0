#include "core/policy/matcher.hpp"

#include <gtest/gtest.h>

#include "tests/core/policy/world.hpp"

namespace signet {
namespace {

using namespace signet::world;

Workload in(std::string ns) {
  return {std::move(ns), Labels{{"tier", "prod"}}, {{"app", "web"}}};
}

bool applies(const Policy& policy, const Workload& workload, std::string_view repository) {
  return coverage_of(policy, workload, repository) == Coverage::inside;
}

Selector wants(std::string key, std::string value) {
  return {{{std::move(key), Selector::Operator::in, {std::move(value)}}}};
}

TEST(MatcherTest, AppliesWhereAnImagePatternMatchesAndNoneExcludes) {
  Policy policy = cluster("teams", {});
  policy.match.images = {glob("quay.io/example/**"), glob("ghcr.io/example/*")};
  policy.match.exclude = {glob("quay.io/example/scratch/**")};
  EXPECT_TRUE(applies(policy, in("shop"), "quay.io/example/app"));
  EXPECT_TRUE(applies(policy, in("shop"), "ghcr.io/example/app"));
  EXPECT_FALSE(applies(policy, in("shop"), "ghcr.io/example/deep/app"));
  EXPECT_FALSE(applies(policy, in("shop"), "quay.io/example/scratch/app"));
  EXPECT_FALSE(applies(policy, in("shop"), "quay.io/other/app"));
}

TEST(MatcherTest, AClusterPolicyAppliesInTheNamespacesItNames) {
  Policy policy = cluster("teams", {});
  EXPECT_TRUE(applies(policy, in("anything"), kRepository));
  policy.match.namespaces = {"team-*", "shop"};
  EXPECT_TRUE(applies(policy, in("shop"), kRepository));
  EXPECT_TRUE(applies(policy, in("team-a"), kRepository));
  EXPECT_FALSE(applies(policy, in("shops"), kRepository));
}

TEST(MatcherTest, AClusterPolicyMaySelectNamespacesByLabel) {
  Policy policy = cluster("teams", {});
  policy.match.namespace_selector = wants("tier", "prod");
  EXPECT_TRUE(applies(policy, in("shop"), kRepository));
  policy.match.namespace_selector = wants("tier", "test");
  EXPECT_FALSE(applies(policy, in("shop"), kRepository));
}

TEST(MatcherTest, ATrustPolicyAppliesInItsOwnNamespaceOnly) {
  const Policy policy = in_shop("web", {});
  EXPECT_TRUE(applies(policy, in("shop"), kRepository));
  EXPECT_FALSE(applies(policy, in("shop-2"), kRepository));
  EXPECT_FALSE(applies(policy, in(""), kRepository));
}

TEST(MatcherTest, ATrustPolicyMaySelectPodsByLabel) {
  Policy policy = in_shop("web", {});
  policy.match.object_selector = wants("app", "web");
  EXPECT_TRUE(applies(policy, in("shop"), kRepository));
  policy.match.object_selector = wants("app", "db");
  EXPECT_FALSE(applies(policy, in("shop"), kRepository));
}

TEST(MatcherTest, NoLabelOfAPodTakesItOutOfAClusterPolicy) {
  Policy policy = cluster("teams", {});
  policy.match.object_selector = wants("app", "db");
  EXPECT_TRUE(applies(policy, in("shop"), kRepository));
}

TEST(MatcherTest, APolicyWhoseImagesAreUnknownAppliesToItsWholeScope) {
  Policy policy = broken(cluster("teams", {}));
  policy.match = {};
  policy.match.namespaces = {"elsewhere"};
  EXPECT_TRUE(applies(policy, in("shop"), "docker.io/library/nginx"));

  Policy own = broken(in_shop("web", {}));
  own.match = {};
  EXPECT_TRUE(applies(own, in("shop"), "docker.io/library/nginx"));
  EXPECT_FALSE(applies(own, in("other"), "docker.io/library/nginx"));
  own.ns.clear();
  EXPECT_TRUE(applies(own, in("other"), "docker.io/library/nginx"));
}

TEST(MatcherTest, ABrokenPolicyWithAReadableMatchKeepsToIt) {
  const Policy policy = broken(cluster("teams", {}));
  EXPECT_TRUE(applies(policy, in("shop"), kRepository));
  EXPECT_FALSE(applies(policy, in("shop"), "docker.io/library/nginx"));
}

TEST(MatcherTest, NoImagesAtAllMatchNothing) {
  Policy policy = cluster("teams", {});
  policy.match.images.clear();
  EXPECT_FALSE(applies(policy, in("shop"), kRepository));
}

TEST(MatcherTest, KnowsWhetherAPatternThatMatchedNamesTheHost) {
  Policy policy = cluster("teams", {});
  policy.match.images = {glob("**")};
  EXPECT_FALSE(names_host(policy, kRepository));
  policy.match.images = {glob("*.io/**")};
  EXPECT_FALSE(names_host(policy, kRepository));
  policy.match.images = {glob("**"), glob("quay.io/example/*")};
  EXPECT_TRUE(names_host(policy, kRepository));
  // A literal pattern for another image says nothing about this one.
  policy.match.images = {glob("**"), glob("quay.io/other/*")};
  EXPECT_FALSE(names_host(policy, kRepository));
}

TEST(MatcherTest, TheImagesOwnRepositoryIsOneUnderAnyName) {
  Authority authority = by_certificate();
  authority.signature_repository = *Repository::parse("index.docker.io/library/nginx");
  const Reference image = *Reference::parse("nginx@" + world::image().str());
  const auto places = places_of(in_shop("web", {}), authority, image);
  ASSERT_EQ(places.size(), 2U);
  EXPECT_EQ(places[0].repository, image.repository());
  EXPECT_TRUE(places[0].own_credentials);
}

TEST(MatcherTest, ATrustRootIsThereOrTheReasonWhyNot) {
  PolicySet set;
  CertificateRule rule;
  EXPECT_EQ(trust_of(rule, set).error().reason(), Reason::trust_root_missing);
  rule.trust_root = "linuxera";
  EXPECT_EQ(trust_of(rule, set).error().reason(), Reason::trust_root_missing);
  TrustRoot root{"linuxera", pki().trust(), "f", {{"root.yaml", 3, 1, "spec", "is empty"}}};
  set.trust_roots["linuxera"] = std::make_shared<const TrustRoot>(root);
  const auto invalid = trust_of(rule, set);
  EXPECT_EQ(invalid.error().reason(), Reason::trust_root_missing);
  EXPECT_NE(invalid.error().what().find("root.yaml:3:1"), std::string::npos);
  root.issues.clear();
  set.trust_roots["linuxera"] = std::make_shared<const TrustRoot>(root);
  EXPECT_TRUE(trust_of(rule, set).has_value());
}

}  // namespace
}  // namespace signet
