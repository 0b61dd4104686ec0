#include "server/verify/policy_objects.hpp"

#include <gtest/gtest.h>

#include "core/base/limits.hpp"
#include "tests/server/verify/object_fixture.hpp"

namespace signet::testing {
namespace {

class PolicyObjectsTest : public ::testing::Test {
 protected:
  const PolicyObjects::Reading& build() {
    reading = objects.build();
    return reading;
  }
  bool decides(const std::string& name) {
    const Policy* const policy = policy_named(*reading.policies.set, name);
    return policy != nullptr && policy->issues.empty();
  }
  std::string ready(const std::string& name) { return condition_of(reading, name, "Ready"); }

  PolicyObjects objects{SetRules{}};
  PolicyObjects::Reading reading;
};

TEST_F(PolicyObjectsTest, WhatTheApiServerAddsToAnObjectIsNothingToItsReader) {
  objects.put(root_object("linuxera", root_with({{"pem", root("Linuxera").pem()}})));
  objects.put(cluster_object("teams", by_root("linuxera")));
  objects.put(team_object("shop", "web", by_root("linuxera")));
  build();
  EXPECT_TRUE(reading.policies.issues.empty());
  EXPECT_EQ(reading.policies.set->policies.size(), 2U);
  for (const std::string& name : {kTeams, kRoot, std::string("TrustPolicy/shop/web")}) {
    EXPECT_EQ(ready(name), "True InForce: it decides");
    EXPECT_EQ(condition_of(reading, name, "Compiled"), "True Compiled: every field is good");
    EXPECT_EQ(condition_of(reading, name, "TrustMaterialAvailable"),
              "True Available: all that it names is there");
  }
}

TEST_F(PolicyObjectsTest, AChangeOfOneObjectCostsOneParse) {
  constexpr std::size_t kMany = 60;
  std::vector<PolicyObject> cluster;
  std::vector<PolicyObject> teams;
  for (std::size_t i = 0; i < kMany; ++i) {
    cluster.push_back(cluster_object(cat("c", std::to_string(i)), fixed()));
    teams.push_back(
        team_object(cat("n", std::to_string(i % 7)), cat("p", std::to_string(i)), fixed()));
  }
  objects.replace(PolicyKindName::cluster_policy, cluster);
  objects.replace(PolicyKindName::policy, teams);
  const auto before = build().policies.set;
  EXPECT_EQ(objects.parsed(), 2 * kMany);

  objects.replace(PolicyKindName::cluster_policy, cluster);
  EXPECT_EQ(objects.parsed(), 2 * kMany);
  EXPECT_EQ(build().policies.set, before);  // by identity: nothing remembered is lost

  objects.put(cluster_object("c7", fixed("allow"), 2));
  build();
  EXPECT_EQ(objects.parsed(), 2 * kMany + 1);
  EXPECT_NE(reading.policies.set, before);
  for (std::size_t i = 0; i < before->policies.size(); ++i) {
    const bool changed = before->policies[i]->name == "c7";
    EXPECT_EQ(reading.policies.set->policies[i] != before->policies[i], changed);
  }
}

TEST_F(PolicyObjectsTest, AnObjectThatOnlyGotAStatusLeavesTheSetAsItIs) {
  objects.put(cluster_object("teams", fixed()));
  const auto before = build().policies.set;
  PolicyObject told = cluster_object("teams", fixed());
  told.json.replace(told.json.find("4711"), 4, "4712");
  objects.put(told);
  EXPECT_EQ(build().policies.set, before);
}

// ---- last good versions (policy.md 11)

TEST_F(PolicyObjectsTest, WhatBecomesInvalidGoesOnAsItWasAndTheOthersFollow) {
  objects.put(cluster_object("teams", fixed("allow")));
  objects.put(cluster_object("other", fixed("allow")));
  build();
  objects.put(cluster_object("teams", fixed("perhaps"), 2));
  objects.put(cluster_object("other", fixed("deny"), 2));
  build();
  EXPECT_TRUE(decides(kTeams));
  EXPECT_EQ(reading.policies.kept, std::vector<std::string>{kTeams});
  EXPECT_EQ(ready(kTeams),
            "False LastGoodDecides: the version before decides, for: "
            "spec.authorities[0].static.action: \"perhaps\" is not one of allow, deny");
  EXPECT_EQ(
      condition_of(reading, kTeams, "Compiled"),
      "False Invalid: spec.authorities[0].static.action: \"perhaps\" is not one of allow, deny");
  EXPECT_TRUE(reading.statuses[1].last_good_decides);
  EXPECT_EQ(reading.statuses[1].generation, 2);
  EXPECT_EQ(ready("ClusterTrustPolicy/other"), "True InForce: it decides");
  const auto* const other = policy_named(*reading.policies.set, "ClusterTrustPolicy/other");
  EXPECT_EQ(std::get<StaticRule>(other->authorities[0].rule).action, StaticRule::Action::deny);
}

TEST_F(PolicyObjectsTest, WhatWasNeverValidDeniesInItsOwnScope) {
  objects.put(team_object("shop", "web", Json(7)));
  objects.put(cluster_object("teams", fixed("allow")));
  build();
  const Policy* const policy = policy_named(*reading.policies.set, "TrustPolicy/shop/web");
  ASSERT_NE(policy, nullptr);
  EXPECT_FALSE(policy->issues.empty());
  EXPECT_EQ(policy->ns, "shop");
  EXPECT_TRUE(ready("TrustPolicy/shop/web").starts_with("False Invalid: spec: "));
  EXPECT_TRUE(decides(kTeams));
}

TEST_F(PolicyObjectsTest, WhatIsDeletedEndsAtOnceLastGoodVersionsIncluded) {
  objects.put(cluster_object("teams", fixed("allow")));
  build();
  objects.put(cluster_object("teams", fixed("perhaps"), 2));
  build();
  objects.remove({PolicyKindName::cluster_policy, "", "teams"});
  build();
  EXPECT_TRUE(reading.policies.set->policies.empty());
  EXPECT_TRUE(reading.statuses.empty());
  objects.put(cluster_object("teams", fixed("perhaps"), 3));
  build();
  EXPECT_FALSE(decides(kTeams));
}

TEST_F(PolicyObjectsTest, AListIsAllThereIsOfItsKindAndNothingOfOthers) {
  objects.put(cluster_object("teams", fixed()));
  objects.put(cluster_object("gone", fixed()));
  objects.put(team_object("shop", "web", fixed()));
  objects.replace(PolicyKindName::cluster_policy, {cluster_object("teams", fixed())});
  build();
  EXPECT_TRUE(decides(kTeams));
  EXPECT_TRUE(decides("TrustPolicy/shop/web"));
  EXPECT_EQ(reading.policies.set->policies.size(), 2U);
}

// security.md SR-58.
TEST_F(PolicyObjectsTest, AnOlderGenerationOfTheSameObjectIsNotBelievedUntilItIsConfirmed) {
  objects.put(cluster_object("teams", fixed("deny"), 5));
  EXPECT_FALSE(objects.put(cluster_object("teams", fixed("allow"), 4)));
  const auto doubtful =
      objects.replace(PolicyKindName::cluster_policy, {cluster_object("teams", fixed("allow"), 4)});
  ASSERT_EQ(doubtful.size(), 1U);
  EXPECT_EQ(doubtful[0].str(), kTeams);
  const auto action = [&] {
    const Policy* const policy = policy_named(*build().policies.set, kTeams);
    return std::get<StaticRule>(policy->authorities[0].rule).action;
  };
  EXPECT_EQ(action(), StaticRule::Action::deny);
  objects.confirm(cluster_object("teams", fixed("allow"), 4));
  EXPECT_EQ(action(), StaticRule::Action::allow);
  // One that was deleted and made again begins anew.
  EXPECT_TRUE(objects.put(
      object_of(PolicyKindName::cluster_policy, "teams", fixed("deny"), "", 1, "another uid")));
  EXPECT_EQ(action(), StaticRule::Action::deny);
}

// ---- bad input

struct BadInput {
  const char* what;
  PolicyObject object;
  std::string condition;
  std::string says;
};

std::vector<BadInput> bad_inputs() {
  Json long_regexp = by_root("linuxera");
  auto& identity = long_regexp["authorities"][0]["certificate"]["identities"][0];
  identity.erase("subject");
  identity["subjectRegExp"] = std::string(1'000'000, 'a');
  Json secret_of_a_team = fixed();
  secret_of_a_team["authorities"] = Json::array(
      {{{"key", {{"secretRef", {{"name", "a"}, {"namespace", "payments"}, {"key", "b"}}}}}}});
  Json both = fixed();
  both["authorities"] =
      Json::array({{{"key", {{"pem", "x"}, {"secretRef", {{"name", "a"}, {"key", "b"}}}}}}});
  Json contradicting = by_root("linuxera");
  contradicting["authorities"][0]["certificate"]["roots"] = {{"pem", root("Linuxera").pem()}};
  std::string many;
  const std::string one = root("Linuxera").pem();
  while (many.size() < 1'000'000)
    many += one;
  return {
      {"a regexp of a megabyte", cluster_object("bad", long_regexp), "Compiled", "subjectRegExp: "},
      {"a PEM of very many certificates", root_object("bad", root_with({{"pem", many}})),
       "Compiled", "spec.certificateAuthorities[0].roots: "},
      {"a name of 254", cluster_object(std::string(254, 'a'), fixed()), "Compiled",
       "metadata.name: "},
      {"a reference to nothing", cluster_object("bad", by_root("nobody")), "TrustMaterialAvailable",
       "spec.authorities[0].certificate.trustRootRef.name: there is no TrustRoot \"nobody\"; make "
       "it, or correct the name"},
      {"a team that names a Secret", team_object("shop", "bad", secret_of_a_team), "Compiled",
       "spec.authorities[0].key.secretRef: stands in a TrustRoot or ClusterTrustPolicy only"},
      {"two sources of one key", cluster_object("bad", both), "Compiled",
       "has more than one of pem, file, secretRef, configMapRef; keep one"},
      {"two roots of one authority", cluster_object("bad", contradicting), "Compiled",
       "belongs into the TrustRoot, for there is a trustRootRef"},
      {"a file",
       cluster_object("bad", Json{{"match", {{"images", {"**"}}}},
                                  {"authorities", Json::array({{{"key", {{"file", "x.pem"}}}}})}}),
       "Compiled", "is for files of a policy directory"},
  };
}

TEST_F(PolicyObjectsTest, BadInputIsNamedWithItsCureAndHarmsNobodyElse) {
  objects.put(root_object("linuxera", root_with({{"pem", root("Linuxera").pem()}})));
  objects.put(cluster_object("teams", by_root("linuxera")));
  for (BadInput& bad : bad_inputs()) {
    SCOPED_TRACE(bad.what);
    const ObjectName name = bad.object.object_name();
    objects.put(std::move(bad.object));
    build();
    const std::string told = condition_of(reading, name.str(), bad.condition);
    EXPECT_TRUE(told.starts_with("False ")) << told;
    EXPECT_NE(told.find(bad.says), std::string::npos) << told.substr(0, 600);
    EXPECT_LE(told.size(), 5000U);
    EXPECT_TRUE(ready(name.str()).starts_with("False "));
    EXPECT_EQ(ready(kTeams), "True InForce: it decides");
    objects.remove(name);
  }
}

TEST_F(PolicyObjectsTest, ANameOf253CharactersIsAName) {
  const std::string name = std::string(253, 'a');
  objects.put(cluster_object(name, fixed()));
  build();
  EXPECT_EQ(ready("ClusterTrustPolicy/" + name), "True InForce: it decides");
}

TEST_F(PolicyObjectsTest, BadInputLeavesTheLastGoodVersionOfItsOwnName) {
  objects.put(root_object("linuxera", root_with({{"pem", root("Linuxera").pem()}})));
  for (BadInput& bad : bad_inputs()) {
    SCOPED_TRACE(bad.what);
    const ObjectName name = bad.object.object_name();
    if (name.name.size() > 253 || bad.condition != "Compiled") continue;
    const bool is_root = name.kind == PolicyKindName::trust_root;
    objects.put(object_of(name.kind, name.name,
                          is_root ? root_with({{"pem", root("Linuxera").pem()}}) : fixed(),
                          name.ns));
    build();
    bad.object.generation = 2;
    objects.put(std::move(bad.object));
    build();
    EXPECT_EQ(reading.policies.kept, std::vector<std::string>{name.str()});
    EXPECT_TRUE(ready(name.str()).starts_with("False LastGoodDecides: "));
    EXPECT_TRUE(is_root || decides(name.str()));
    objects.remove(name);
  }
}

// ---- numbers (security.md SR-59)

TEST_F(PolicyObjectsTest, ANamespaceBeyondItsNumberTakesNothingFromOthers) {
  std::vector<PolicyObject> all;
  for (std::size_t i = 0; i <= kPoliciesPerNamespace; ++i)
    all.push_back(team_object("shop", cat("p", std::to_string(1000 + i)), fixed("allow")));
  all.push_back(team_object("other", "p", fixed("allow")));
  objects.replace(PolicyKindName::policy, all);
  build();
  EXPECT_EQ(ready(cat("TrustPolicy/shop/p", std::to_string(1000 + kPoliciesPerNamespace))),
            "False Invalid: metadata.name: is beyond the 100 policies that are read of one "
            "namespace");
  EXPECT_EQ(ready(cat("TrustPolicy/shop/p", std::to_string(999 + kPoliciesPerNamespace))),
            "True InForce: it decides");
  EXPECT_EQ(ready("TrustPolicy/other/p"), "True InForce: it decides");
}

TEST_F(PolicyObjectsTest, LastGoodVersionsDoNotAddUpBeyondTheNumber) {
  const auto first = [](std::size_t begin) {
    std::vector<PolicyObject> all;
    for (std::size_t i = 0; i < kPoliciesPerNamespace; ++i)
      all.push_back(team_object("shop", cat("p", std::to_string(begin + i)), fixed("allow")));
    return all;
  };
  std::vector<PolicyObject> all = first(5000);
  objects.replace(PolicyKindName::policy, all);
  build();
  for (PolicyObject& more : first(1000))
    all.push_back(std::move(more));
  objects.replace(PolicyKindName::policy, all);
  build();
  std::size_t deciding = 0;
  for (const auto& policy : reading.policies.set->policies)
    deciding += policy->issues.empty() ? 1 : 0;
  EXPECT_EQ(deciding, kPoliciesPerNamespace);
  EXPECT_EQ(reading.policies.set->policies.size(), 2 * kPoliciesPerNamespace);
}

// ---- files beside objects

TEST_F(PolicyObjectsTest, FilesAndObjectsDecideTogetherAndMayNotShareAName) {
  const SourceFile file{"policies/a.yaml",
                        "apiVersion: signet.dev/v1alpha1\nkind: ClusterTrustPolicy\n"
                        "metadata: {name: teams}\nspec:\n  match: {images: ['**']}\n"
                        "  authorities: [{static: {action: deny}}]\n"};
  objects.put_files({load_source(file, files_only({}))});
  objects.put(cluster_object("other", fixed()));
  build();
  EXPECT_TRUE(decides(kTeams));
  EXPECT_TRUE(decides("ClusterTrustPolicy/other"));
  EXPECT_EQ(reading.statuses.size(), 1U);

  PolicyObjects fresh{SetRules{}};
  fresh.put_files({load_source(file, files_only({}))});
  fresh.put(cluster_object("teams", fixed()));
  reading = fresh.build();
  EXPECT_EQ(ready(kTeams),
            "False Invalid: metadata.name: ClusterTrustPolicy/teams stands here and in "
            "policies/a.yaml:3; keep one");
}

TEST_F(PolicyObjectsTest, AnIdentityThatAcceptsEverybodyIsSaid) {
  objects.put(root_object("linuxera", root_with({{"pem", root("Linuxera").pem()}})));
  Json spec = by_root("linuxera");
  spec["authorities"][0]["certificate"]["identities"] =
      Json::array({{{"subjectRegExp", ".*"}, {"issuerRegExp", ".*"}}});
  objects.put(cluster_object("teams", spec));
  build();
  EXPECT_TRUE(
      condition_of(reading, kTeams, "Compiled").starts_with("True Risky: spec.authorities[0]"));
  EXPECT_EQ(ready(kTeams), "True InForce: it decides");
}

}  // namespace
}  // namespace signet::testing
