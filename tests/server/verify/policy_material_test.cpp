// Secrets, ConfigMaps and CRLs that objects name: there, missing, changed.

#include <gtest/gtest.h>

#include "tests/server/verify/object_fixture.hpp"

namespace signet::testing {
namespace {

using Kind = MaterialRef::Kind;

class PolicyMaterialTest : public ::testing::Test {
 protected:
  const PolicyObjects::Reading& build() {
    reading = objects.build();
    return reading;
  }
  std::string ready(const std::string& name) { return condition_of(reading, name, "Ready"); }

  PolicyObjects objects{SetRules{}};
  PolicyObjects::Reading reading;
};

std::map<std::string, Blob> data(const std::string& key, const std::string& value) {
  return {{key, value}};
}

TEST_F(PolicyMaterialTest, MaterialThatIsMissingIsSaidAndComesLater) {
  objects.put(
      root_object("linuxera", root_with({{"secretRef", {{"name", "ca"}, {"key", "ca.crt"}}}})));
  objects.put(cluster_object("teams", by_root("linuxera")));
  objects.put(cluster_object("other", fixed()));
  ASSERT_EQ(objects.wanted(), (std::vector<MaterialRef>{{Kind::secret, "ca", ""}}));
  build();
  EXPECT_EQ(ready(kRoot),
            "False TrustMaterialMissing: "
            "spec.certificateAuthorities[0].roots.secretRef: Secret \"ca\" was not read yet");
  EXPECT_EQ(condition_of(reading, kRoot, "Compiled"), "True Compiled: every field is good");
  EXPECT_EQ(condition_of(reading, kTeams, "TrustMaterialAvailable"),
            "False Missing: spec.authorities[0].certificate.trustRootRef.name: TrustRoot "
            "\"linuxera\" is invalid");
  const std::size_t before = objects.parsed();

  objects.put_material({Kind::secret, "ca", ""}, data("ca.crt", root("Linuxera").pem()));
  EXPECT_EQ(objects.parsed(), before + 1);  // the one that refers to it
  build();
  EXPECT_EQ(ready(kRoot), "True InForce: it decides");
  EXPECT_EQ(ready(kTeams), "True InForce: it decides");
}

TEST_F(PolicyMaterialTest, MaterialThatVanishesLeavesTheLastGoodVersion) {
  objects.put(
      root_object("linuxera", root_with({{"configMapRef", {{"name", "ca"}, {"key", "ca.crt"}}}})));
  const MaterialRef material{Kind::config_map, "ca", ""};
  objects.put_material(material, data("ca.crt", root("Linuxera").pem()));
  build();
  const auto good = reading.policies.set->trust_roots.at("linuxera");
  ASSERT_TRUE(good->issues.empty());

  objects.put_material(material, data("other", "x"));
  build();
  EXPECT_EQ(reading.policies.set->trust_roots.at("linuxera"), good);
  EXPECT_EQ(condition_of(reading, kRoot, "TrustMaterialAvailable"),
            "False Missing: spec.certificateAuthorities[0].roots.configMapRef: ConfigMap \"ca\" of "
            "the release namespace has no key \"ca.crt\"");
  EXPECT_EQ(reading.policies.kept, std::vector<std::string>{kRoot});

  objects.put_material(material, Error(Reason::config_not_ready, "there is no ConfigMap \"ca\""));
  build();
  EXPECT_EQ(reading.policies.set->trust_roots.at("linuxera"), good);
  EXPECT_NE(ready(kRoot).find("there is no ConfigMap \"ca\""), std::string::npos);
}

TEST_F(PolicyMaterialTest, MaterialThatDidNotChangeIsNotReadAgain) {
  objects.put(
      root_object("linuxera", root_with({{"secretRef", {{"name", "ca"}, {"key", "ca.crt"}}}})));
  const auto pem = root("Linuxera").pem();
  objects.put_material({Kind::secret, "ca", ""}, data("ca.crt", pem));
  const std::size_t before = objects.parsed();
  objects.put_material({Kind::secret, "ca", ""}, data("ca.crt", pem));
  objects.put_material({Kind::config_map, "ca", ""}, data("ca.crt", "of a namesake"));
  EXPECT_EQ(objects.parsed(), before);
}

TEST_F(PolicyMaterialTest, CrlsOfAUrlComeAndReplaceEachOther) {
  const TestCa ca = root("Linuxera");
  Json spec = root_with({{"pem", ca.pem()}});
  spec["certificateAuthorities"][0]["crls"] = {{"urls", {"http://crl.example.org/x.crl"}}};
  objects.put(root_object("linuxera", spec));
  build();
  const auto trust = [&] { return reading.policies.set->trust_roots.at("linuxera")->trust; };
  EXPECT_EQ(trust().revocation, Revocation::require);
  EXPECT_TRUE(trust().authorities[0].crls.empty());
  EXPECT_EQ(ready(kRoot),
            "False TrustMaterialMissing: no CRL came from \"http://crl.example.org/x.crl\" yet");
  EXPECT_TRUE(objects.wanted().empty());  // nobody reads that from the API server

  objects.put_crls("http://crl.example.org/x.crl", issue_crl_der(ca, {}));
  build();
  ASSERT_EQ(trust().authorities[0].crls.size(), 1U);
  EXPECT_EQ(ready(kRoot), "True InForce: it decides");
}

}  // namespace
}  // namespace signet::testing
