// The policies of a cluster, read once by a command.

#include "server/app/cluster_policies.hpp"

#include <gtest/gtest.h>

#include "tests/support/run.hpp"
#include "tests/support/scripted_kube.hpp"

namespace signet {
namespace {

using testing::kube_refusal;
using testing::kube_reply;
using testing::ScriptedKube;

const std::string kApi = "GET /apis/signet.dev/v1alpha1/";

std::string list_of(const std::string& items, const std::string& next = "") {
  return R"({"metadata":{"resourceVersion":"7","continue":")" + next + R"("},"items":[)" + items +
         "]}";
}

std::string policy(const std::string& name) {
  return R"({"apiVersion":"signet.dev/v1alpha1","kind":"ClusterTrustPolicy","metadata":{"name":")" +
         name + R"(","uid":")" + name + R"("},"spec":{"match":{"images":["example.com/**"]},
         "authorities":[{"name":"k","key":{"secretRef":{"name":"keys","key":"cosign.pub"}}}]}})";
}

class ClusterPoliciesTest : public ::testing::Test {
 protected:
  ClusterPoliciesTest() {
    kube.on(kApi + "trustroots", kube_reply(200, list_of("")));
    kube.on(kApi + "trustpolicies", kube_reply(200, list_of("")));
    kube.on("GET /api/v1/namespaces",
            kube_reply(200, list_of(R"({"metadata":{"name":"shop","labels":{"tier":"prod"}}})")));
  }

  Result<ClusterPolicies> read() {
    const Deadline deadline = deadline_in(std::chrono::seconds(30));
    return testing::run(read_cluster_policies(kube, "signet", SetRules{}, deadline));
  }

  ScriptedKube kube;
};

TEST_F(ClusterPoliciesTest, EveryPageIsReadAndTheLabelsOfNamespacesAreKnown) {
  kube.on(kApi + "clustertrustpolicies?limit=500", kube_reply(200, list_of(policy("a"), "n/x")));
  kube.on(kApi + "clustertrustpolicies?limit=500&continue=n%2Fx",
          kube_reply(200, list_of(policy("b"))));
  const auto cluster = read();
  ASSERT_TRUE(cluster) << cluster.error().what();
  EXPECT_EQ(cluster->reading.policies.set->policies.size(), 2U);
  EXPECT_EQ(cluster->namespace_labels.at("shop").at("tier"), "prod");
}

TEST_F(ClusterPoliciesTest, WhatIsAbsentMakesThePolicyInvalidAsInTheCluster) {
  kube.on(kApi + "clustertrustpolicies", kube_reply(200, list_of(policy("a"))));
  kube.on("GET /api/v1/namespaces/signet/secrets/keys", kube_refusal(404, "not found"));
  const auto cluster = read();
  ASSERT_TRUE(cluster) << cluster.error().what();
  ASSERT_EQ(cluster->reading.policies.issues.size(), 1U);
  EXPECT_FALSE(cluster->reading.policies.set->policies.front()->issues.empty());
}

TEST_F(ClusterPoliciesTest, WhatMayNotBeReadEndsTheReading) {
  kube.on(kApi + "clustertrustpolicies", kube_reply(200, list_of(policy("a"))));
  kube.on("GET /api/v1/namespaces/signet/secrets/keys",
          kube_refusal(403, "reading secrets is forbidden"));
  const auto cluster = read();
  ASSERT_FALSE(cluster);
  EXPECT_NE(cluster.error().what().find("/secrets/keys: reading secrets is forbidden"),
            std::string::npos)
      << cluster.error().what();
}

TEST_F(ClusterPoliciesTest, AClusterWithoutSignetIsSaid) {
  kube.on(kApi + "clustertrustpolicies", kube_refusal(404, "the server could not find it"));
  const auto cluster = read();
  ASSERT_FALSE(cluster);
  EXPECT_NE(cluster.error().what().find("clustertrustpolicies: the server could not find it"),
            std::string::npos);
}

}  // namespace
}  // namespace signet
