// What a document with issues still says: where it is read at all, it denies there; where it is
// not, everywhere (policy.md 11).

#include <gtest/gtest.h>

#include "tests/core/policy/load_support.hpp"

namespace signet::testing {
namespace {

const Policy& only_policy(const Loaded& loaded) {
  EXPECT_EQ(loaded.policies.size(), 1U);
  EXPECT_FALSE(loaded.policies[0]->issues.empty());
  return *loaded.policies[0];
}

bool matches_everything(const Match& match) {
  return match.images.size() == 1 && match.images[0].text() == "**" && match.exclude.empty() &&
         match.namespaces.empty() && !match.namespace_selector && !match.object_selector;
}

constexpr const char* kNarrow =
    "  match: {images: [quay.io/a/**], exclude: [quay.io/a/b], namespaces: [prod]}\n";

TEST(LoaderClosedTest, KeepsWhatCouldBeRead) {
  const Loaded loaded = load_text(
      cluster_policy(std::string("  mode: warn\n") + kNarrow + "  authorities: []\n", "teams"));

  const Policy& policy = only_policy(loaded);
  EXPECT_EQ(policy.display_name(), "ClusterTrustPolicy/teams");
  EXPECT_EQ(policy.mode, Mode::warn);
  ASSERT_EQ(policy.match.images.size(), 1U);
  EXPECT_EQ(policy.match.images[0].text(), "quay.io/a/**");
  EXPECT_EQ(policy.match.exclude.size(), 1U);
  EXPECT_EQ(policy.match.namespaces, std::vector<std::string>{"prod"});
}

TEST(LoaderClosedTest, AnUnreadableMatchIsTheWholeScope) {
  const char* const matches[] = {
      "  match: {images: [nginx], namespaces: [prod]}\n",
      "  match: {images: [quay.io/a/**], exclude: ['b'], namespaces: [prod]}\n",
      "  match: {images: [quay.io/a/**], namespaces: [prod], colour: red}\n",
      "  match: {images: [quay.io/a/**], namespaces: [prod]}\n  match: {images: ['**']}\n",
      "  match: {images: [quay.io/a/**], images: ['**']}\n",
      "  match: {<<: {images: ['**']}, images: [quay.io/a/**]}\n",
      "  match: &m {images: [quay.io/a/**]}\n",
      "  match: !x {images: [quay.io/a/**]}\n",
      "  match: [quay.io/a/**]\n",
      "  macth: {images: [quay.io/a/**]}\n",
      "  <<: {match: {images: ['**']}}\n  match: {images: [quay.io/a/**], exclude: []}\n",
  };
  for (const char* match : matches) {
    SCOPED_TRACE(match);
    const Loaded cluster = load_text(cluster_policy(std::string(match) + kDeny));
    EXPECT_TRUE(matches_everything(only_policy(cluster).match));
    const Loaded team = load_text(team_policy(std::string(match) + kDeny));
    EXPECT_TRUE(matches_everything(only_policy(team).match));
    EXPECT_EQ(only_policy(team).ns, "team-a");
  }
}

TEST(LoaderClosedTest, AnUnreadableModeIsEnforce) {
  for (const char* mode : {"  mode: Audit\n", "  mode: audit\n  mode: enforce\n", "  mode: *x\n",
                           "  mode: !x audit\n", "  mode: &x audit\n", "  mode: [audit]\n"}) {
    SCOPED_TRACE(mode);
    const Loaded loaded = load_text(cluster_policy(std::string(mode) + kAnyImage + kDeny));
    EXPECT_EQ(only_policy(loaded).mode, Mode::enforce);
  }
}

TEST(LoaderClosedTest, AnUnreadableSpecIsEnforcedEverywhere) {
  for (const char* spec : {"spec: []\n", "spec: x\n", "", "spec:\n", "spec: !x {mode: audit}\n",
                           "spec: {mode: audit}\nspec: {}\n"}) {
    SCOPED_TRACE(spec);
    const Loaded loaded = load_text(
        std::string("apiVersion: signet.dev/v1alpha1\nkind: ClusterTrustPolicy\nmetadata: {name: "
                    "x}\n") +
        spec);
    EXPECT_TRUE(matches_everything(only_policy(loaded).match));
    EXPECT_EQ(only_policy(loaded).mode, Mode::enforce);
    EXPECT_EQ(only_policy(loaded).name, "x");
  }
}

TEST(LoaderClosedTest, ATeamPolicyWithoutANamespaceIsForAnyNamespace) {
  for (const char* metadata : {"{name: x}", "{name: x, namespace: A}", "{name: x, namespace: [a]}",
                               "{name: x, namespace: a, namespace: b}"}) {
    SCOPED_TRACE(metadata);
    const Loaded loaded =
        load_text(std::string("apiVersion: signet.dev/v1alpha1\nkind: TrustPolicy\nmetadata: ") +
                  metadata + "\nspec:\n" + kAnyImage + kDeny);
    EXPECT_EQ(only_policy(loaded).kind, PolicyKind::namespaced);
    EXPECT_EQ(only_policy(loaded).ns, "");
  }
}

TEST(LoaderClosedTest, WhatIsOfNoKnownKindDeniesEverything) {
  const char* const texts[] = {
      "hello\n",
      "[]\n",
      "kind: ConfigMap\n",
      "kind: trustroot\n",
      "{}\n",
      "? {a: b}\n: c\n",
      "apiVersion: signet.dev/v1alpha1\nkind: TrustRoot\nkind: ClusterTrustPolicy\n",
      "apiVersion: signet.dev/v1alpha1\nkind: &k TrustRoot\n",
      "kind: [\n",
      "\xff\n",
  };
  for (const char* text : texts) {
    SCOPED_TRACE(text);
    const Loaded loaded = load_text(text);
    const Policy& policy = only_policy(loaded);
    EXPECT_EQ(policy.kind, PolicyKind::cluster);
    EXPECT_EQ(policy.mode, Mode::enforce);
    EXPECT_TRUE(matches_everything(policy.match));
    EXPECT_TRUE(policy.name.starts_with("policy.yaml:")) << policy.name;
  }
}

TEST(LoaderClosedTest, WhatStandsBeforeASyntaxErrorIsKeptAndTheRestDenies) {
  const Loaded loaded =
      load_text(cluster_policy(std::string(kAnyImage) + kDeny) + "---\nkind: [\n");

  ASSERT_EQ(loaded.policies.size(), 2U);
  EXPECT_TRUE(loaded.policies[0]->issues.empty());
  EXPECT_FALSE(loaded.policies[1]->issues.empty());
  EXPECT_TRUE(matches_everything(loaded.policies[1]->match));
  EXPECT_EQ(loaded.issues.size(), 1U);
}

TEST(LoaderClosedTest, ATrustRootWithIssuesTrustsNothing) {
  const Loaded loaded = load_text(trust_root(
      "  certificateAuthorities: [{roots: {file: root-ca.pem}}, {roots: {file: team-a.pem}}]\n"));

  ASSERT_EQ(loaded.trust_roots.size(), 1U);
  EXPECT_FALSE(loaded.trust_roots[0]->issues.empty());
  EXPECT_TRUE(loaded.trust_roots[0]->trust.authorities.empty());
}

TEST(LoaderClosedTest, AMissingTrustRootIsAnIssueButThePolicyIsGood) {
  const Loaded loaded = load_text(cluster_policy(
      std::string(kAnyImage) + "  authorities: [{delegate: {trustRootRefs: [{name: nobody}]}}]\n"));

  EXPECT_EQ(issues_of(loaded),
            "policy.yaml:6:52: spec.authorities[0].delegate.trustRootRefs[0].name: there is no "
            "TrustRoot \"nobody\"; make it, or correct the name\n");
  ASSERT_EQ(loaded.policies.size(), 1U);
  EXPECT_TRUE(loaded.policies[0]->issues.empty());
  EXPECT_EQ(loaded.policies[0]->authorities.size(), 1U);
}

TEST(LoaderClosedTest, ATrustRootMayStandInAnotherFile) {
  const SourceFile files[] = {
      {"policy.yaml",
       cluster_policy(std::string(kAnyImage) +
                      "  authorities: [{delegate: {trustRootRefs: [{name: x}]}}]\n")},
      {"root.yaml", trust_root("  certificateAuthorities: [{roots: {file: root-ca.pem}}]\n")},
  };

  EXPECT_EQ(issues_of(load_policies(files, reader_of(vectors()))), "");
}

TEST(LoaderClosedTest, NamesAreComparedAcrossFiles) {
  const std::string text = cluster_policy(std::string(kNarrow) + kDeny);
  const SourceFile files[] = {{"a.yaml", text},
                              {"b.yaml", text},
                              {"c.yaml", team_policy(std::string(kAnyImage) + kDeny)},
                              {"d.yaml", team_policy(std::string(kAnyImage) + kDeny, "x", "b")}};

  const Loaded loaded = load_policies(files, {});

  EXPECT_EQ(issues_of(loaded),
            "a.yaml:3:18: metadata.name: ClusterTrustPolicy/x stands here and in b.yaml:3; keep "
            "one\nb.yaml:3:18: metadata.name: ClusterTrustPolicy/x stands here and in a.yaml:3; "
            "keep one\n");
  ASSERT_EQ(loaded.policies.size(), 4U);
  EXPECT_EQ(loaded.policies[0]->issues.size(), 1U);
  EXPECT_EQ(loaded.policies[0]->match.images[0].text(), "quay.io/a/**");
  EXPECT_EQ(loaded.policies[1]->issues.size(), 1U);
  EXPECT_TRUE(loaded.policies[2]->issues.empty());
  EXPECT_TRUE(loaded.policies[3]->issues.empty());
}

}  // namespace
}  // namespace signet::testing
