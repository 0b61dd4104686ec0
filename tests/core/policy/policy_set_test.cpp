#include <gtest/gtest.h>

#include "tests/core/policy/load_support.hpp"

namespace signet::testing {
namespace {

std::shared_ptr<Policy> policy(PolicyKind kind, std::string ns, std::string name) {
  auto made = std::make_shared<Policy>();
  made->kind = kind;
  made->ns = std::move(ns);
  made->name = std::move(name);
  made->fingerprint = made->display_name();
  made->match.images.push_back(*ImageGlob::parse("quay.io/a/**"));
  Authority authority;
  authority.rule = StaticRule();
  made->authorities.push_back(authority);
  return made;
}

std::shared_ptr<TrustRoot> root(std::string name, std::string fingerprint) {
  return std::make_shared<TrustRoot>(TrustRoot{std::move(name), {}, std::move(fingerprint), {}});
}

std::vector<std::string> names_of(const PolicySet& set) {
  std::vector<std::string> names;
  for (const auto& entry : set.policies)
    names.push_back(entry->display_name());
  return names;
}

TEST(PolicySetTest, IsSortedWhateverTheOrderOfFiles) {
  Loaded one;
  one.policies = {policy(PolicyKind::namespaced, "b", "x"), policy(PolicyKind::cluster, "", "z"),
                  policy(PolicyKind::namespaced, "a", "y"), policy(PolicyKind::cluster, "", "a")};
  one.trust_roots = {root("b", "1"), root("a", "2")};
  Loaded other = one;
  std::swap(other.policies[0], other.policies[3]);
  std::swap(other.trust_roots[0], other.trust_roots[1]);

  const PolicySet first = make_policy_set(one, NoMatch::deny);
  const PolicySet second = make_policy_set(other, NoMatch::deny);

  EXPECT_EQ(names_of(first),
            (std::vector<std::string>{"ClusterTrustPolicy/a", "ClusterTrustPolicy/z",
                                      "TrustPolicy/a/y", "TrustPolicy/b/x"}));
  EXPECT_EQ(names_of(first), names_of(second));
  EXPECT_EQ(first.fingerprint, second.fingerprint);
  EXPECT_EQ(first.trust_roots.size(), 2U);
}

TEST(PolicySetTest, FingerprintFollowsEveryPart) {
  Loaded loaded;
  loaded.policies = {policy(PolicyKind::cluster, "", "a")};
  loaded.trust_roots = {root("a", "1")};
  const std::string before = make_policy_set(loaded, NoMatch::deny).fingerprint;

  Loaded other_root = loaded;
  other_root.trust_roots = {root("a", "2")};
  Loaded other_policy = loaded;
  auto changed = std::make_shared<Policy>(*loaded.policies[0]);
  changed->fingerprint = "changed";
  other_policy.policies = {changed};

  EXPECT_EQ(before.size(), 64U);
  EXPECT_EQ(before, make_policy_set(loaded, NoMatch::deny).fingerprint);
  EXPECT_NE(before, make_policy_set(loaded, NoMatch::warn).fingerprint);
  EXPECT_NE(before, make_policy_set(other_root, NoMatch::deny).fingerprint);
  EXPECT_NE(before, make_policy_set(other_policy, NoMatch::deny).fingerprint);
}

TEST(PolicySetTest, TwoPoliciesOfOneNameAreBothRefused) {
  Loaded loaded;
  loaded.policies = {policy(PolicyKind::cluster, "", "a"), policy(PolicyKind::cluster, "", "a"),
                     policy(PolicyKind::namespaced, "n", "a"),
                     policy(PolicyKind::cluster, "", "b")};

  const PolicySet set = make_policy_set(loaded, NoMatch::deny);

  ASSERT_EQ(set.policies.size(), 4U);
  for (const std::size_t i : {0U, 1U}) {
    ASSERT_EQ(set.policies[i]->issues.size(), 1U);
    EXPECT_EQ(set.policies[i]->issues[0].str(),
              "metadata.name: there is more than one ClusterTrustPolicy/a; keep one");
    EXPECT_TRUE(set.policies[i]->authorities.empty());
    EXPECT_EQ(set.policies[i]->match.images.size(), 1U);
    EXPECT_NE(set.policies[i]->fingerprint, "ClusterTrustPolicy/a");
  }
  EXPECT_TRUE(set.policies[2]->issues.empty());
  EXPECT_TRUE(set.policies[3]->issues.empty());
}

TEST(PolicySetTest, TheLoadersIssuesAboutNamesAreNotRepeated) {
  const std::string text = cluster_policy(std::string(kAnyImage) + kDeny);

  const PolicySet set = make_policy_set(load_text(text + "---\n" + text), NoMatch::deny);

  ASSERT_EQ(set.policies.size(), 2U);
  EXPECT_EQ(set.policies[0]->issues.size(), 1U);
  EXPECT_EQ(set.policies[1]->issues.size(), 1U);
}

TEST(PolicySetTest, TwoTrustRootsOfOneNameTrustNothing) {
  Loaded loaded =
      load_text(trust_root("  certificateAuthorities: [{roots: {file: root-ca.pem}}]\n"));
  ASSERT_EQ(issues_of(loaded), "");
  loaded.trust_roots.push_back(root("x", "other"));

  const PolicySet set = make_policy_set(loaded, NoMatch::deny);

  ASSERT_EQ(set.trust_roots.size(), 1U);
  const TrustRoot& refused = *set.trust_roots.at("x");
  EXPECT_TRUE(refused.trust.authorities.empty());
  ASSERT_EQ(refused.issues.size(), 1U);
  EXPECT_EQ(refused.issues[0].what, "there is more than one TrustRoot/x; keep one");
}

}  // namespace
}  // namespace signet::testing
