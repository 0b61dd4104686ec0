#include "server/verify/last_good.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/base/text.hpp"

namespace signet {
namespace {

std::string policy(const std::string& name, const std::string& action = "allow") {
  return cat("apiVersion: signet.dev/v1alpha1\nkind: ClusterTrustPolicy\nmetadata: {name: ", name,
             "}\nspec:\n  match: {images: [\"registry.example/", name,
             "/**\"]}\n  authorities: [{name: fixed, static: {action: ", action, "}}]\n");
}
std::string invalid(const std::string& name) {
  return policy(name, "perhaps");
}
const std::string kTorn = "apiVersion: signet.dev/v1alpha1\nkind: [";

using Files = std::vector<SourceFile>;

class LastGoodTest : public ::testing::Test {
 protected:
  // The set after a load, and what was kept.
  PolicySet load(const Files& files) {
    const auto no_files = [](const std::string&, const std::string&) -> Result<Blob> {
      return Error(Reason::config_not_ready, "no files here");
    };
    Loaded loaded = load_policies(files, no_files);
    kept_ = good_.mend(loaded);
    return make_policy_set(std::move(loaded), NoMatch::deny);
  }
  static std::vector<std::string> names(const PolicySet& set) {
    std::vector<std::string> names;
    for (const auto& one : set.policies)
      names.push_back(cat(one->name, one->issues.empty() ? "" : " (bad)"));
    return names;
  }

  LastGood good_;
  std::vector<std::string> kept_;
};

using Names = std::vector<std::string>;

TEST_F(LastGoodTest, APolicyThatBecomesInvalidIsKeptAndTheOthersChange) {
  const PolicySet before = load({{"f.yaml", policy("a") + "---\n" + policy("b")}});
  const PolicySet after = load({{"f.yaml", invalid("a") + "---\n" + policy("b", "deny")}});
  EXPECT_EQ(names(after), (Names{"a", "b"}));
  EXPECT_EQ(after.policies[0], before.policies[0]);
  EXPECT_NE(after.policies[1]->fingerprint, before.policies[1]->fingerprint);
  EXPECT_EQ(kept_, Names{"ClusterTrustPolicy/a"});
}

TEST_F(LastGoodTest, APolicyThatWasNeverValidDenies) {
  const PolicySet set = load({{"f.yaml", policy("a")}, {"g.yaml", invalid("b")}});
  EXPECT_EQ(names(set), (Names{"a", "b (bad)"}));
  EXPECT_TRUE(kept_.empty());
}

TEST_F(LastGoodTest, WhatIsTakenAwayIsForgotten) {
  load({{"f.yaml", policy("a")}, {"g.yaml", policy("b")}});
  EXPECT_EQ(names(load({{"f.yaml", policy("a")}})), Names{"a"});
  EXPECT_EQ(names(load({{"f.yaml", policy("a")}, {"g.yaml", invalid("b")}})),
            (Names{"a", "b (bad)"}))
      << "an older life of it does not come back";
}

TEST_F(LastGoodTest, ATornFileStandsForWhatItHeld) {
  load({{"f.yaml", policy("a") + "---\n" + policy("b")}, {"g.yaml", policy("c")}});
  const PolicySet torn =
      load({{"f.yaml", policy("a", "deny") + "---\n" + kTorn}, {"g.yaml", policy("c")}});
  EXPECT_EQ(names(torn), (Names{"a", "b", "c"}));
  EXPECT_EQ(kept_, Names{"ClusterTrustPolicy/b"});
  const PolicySet again = load({{"f.yaml", kTorn}, {"g.yaml", policy("c")}});
  EXPECT_EQ(names(again), (Names{"a", "b", "c"})) << "also when it stays torn";
}

TEST_F(LastGoodTest, ATornFileThatIsNewDeniesEverything) {
  load({{"f.yaml", policy("a")}});
  const PolicySet set = load({{"f.yaml", policy("a")}, {"new.yaml", kTorn}});
  ASSERT_EQ(set.policies.size(), 2u);
  EXPECT_TRUE(std::any_of(set.policies.begin(), set.policies.end(),
                          [](const auto& one) { return !one->issues.empty(); }));
}

TEST_F(LastGoodTest, ATornFileThatHeldADenialGoesOnDenying) {
  load({{"f.yaml", policy("a") + "---\n" + invalid("b")}});
  const PolicySet set = load({{"f.yaml", kTorn}});
  EXPECT_TRUE(std::any_of(set.policies.begin(), set.policies.end(),
                          [](const auto& one) { return !one->issues.empty(); }));
}

TEST_F(LastGoodTest, ASecondPolicyOfOneNameDoesNotTakeTheFirstAway) {
  const PolicySet before = load({{"f.yaml", policy("a")}});
  const PolicySet after = load({{"f.yaml", policy("a")}, {"g.yaml", policy("a", "deny")}});
  ASSERT_EQ(names(after), Names{"a"});
  EXPECT_EQ(after.policies[0], before.policies[0]);
}

TEST_F(LastGoodTest, ATrustRootThatBecomesInvalidIsKept) {
  const std::string root =
      "apiVersion: signet.dev/v1alpha1\nkind: TrustRoot\nmetadata: {name: r}\nspec: ";
  const PolicySet set = load({{"r.yaml", root + "{certificateAuthorities: 5}\n"}});
  EXPECT_FALSE(set.trust_roots.at("r")->issues.empty()) << "never valid";
}

}  // namespace
}  // namespace signet
