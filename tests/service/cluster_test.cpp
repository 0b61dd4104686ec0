#include "tests/service/cluster_stage.hpp"

namespace signet {
namespace {

TEST_F(ClusterStage, DecidesByThePoliciesOfTheCluster) {
  kube.put("clustertrustpolicies", allowing("all"));
  const RunningService service(config(), now);
  ASSERT_TRUE(wait_for([&] { return is_ready(service); }));
  EXPECT_TRUE(is_allowed(service));

  kube.put("clustertrustpolicies", denying("more"));
  EXPECT_TRUE(wait_for([&] { return !is_allowed(service); })) << "a policy comes";

  kube.remove("clustertrustpolicies", "", "more");
  EXPECT_TRUE(wait_for([&] { return is_allowed(service); })) << "a policy goes";

  kube.remove("clustertrustpolicies", "", "all");
  ASSERT_TRUE(wait_for([&] { return !is_allowed(service); }));
  EXPECT_NE(ask(service).message.find("no_policy_deny"), std::string::npos);
}

TEST_F(ClusterStage, PoliciesOfANamespaceTighten) {
  kube.put("clustertrustpolicies", allowing("all"));
  const RunningService service(config(), now);
  ASSERT_TRUE(wait_for([&] { return is_ready(service) && is_allowed(service); }));

  kube.put("trustpolicies",
           R"({"apiVersion":"signet.dev/v1alpha1","kind":"TrustPolicy","metadata":{"name":"own",)"
           R"("namespace":"shop"},"spec":{"match":{"images":["reg.example/**"]},)"
           R"("authorities":[{"name":"a","static":{"action":"deny"}}]}})");

  EXPECT_TRUE(wait_for([&] { return !is_allowed(service); }));
}

TEST_F(ClusterStage, FilesAndTheClusterDecideTogether) {
  kube.put("clustertrustpolicies", allowing("all"));
  Config both = config();
  both.policies = {directory.write("policy.yaml", denying("of-a-file"))};
  const RunningService service(both, now);
  ASSERT_TRUE(wait_for([&] { return is_ready(service); }));

  const DemoAnswer answer = ask(service);
  EXPECT_FALSE(answer.allowed);
  EXPECT_NE(answer.message.find("of-a-file"), std::string::npos) << answer.message;

  directory.write("policy.yaml", allowing("of-a-file"));
  EXPECT_TRUE(wait_for([&] { return is_allowed(service); }));
}

TEST_F(ClusterStage, MaterialOfTheReleaseNamespaceIsFollowed) {
  kube.put("clustertrustpolicies",
           policy("keyed", R"({"name":"k","key":{"configMapRef":{"name":"keys","key":"k.pem"}}})"));
  Config made = config();
  const RunningService service(made, now);
  ASSERT_TRUE(wait_for([&] { return is_ready(service); }));
  const auto is_invalid = [&] {
    return ask(service).message.find("policy_invalid") != std::string::npos;
  };
  EXPECT_TRUE(is_invalid()) << "it is not there";

  kube.put("configmaps",
           R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"keys","namespace":"signet")"
           R"(},"data":{"k.pem":"-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE)"
           R"(oJk1PCRac5+Ma9TjEhsCDEU2ykGl\n5BdvVv74D97Bg84Pw8M/8O1RHBNSTqFbGU8GpxoxIgVtisLz5wxON)"
           R"(y0m5g==\n-----END PUBLIC KEY-----\n"}})");
  EXPECT_TRUE(wait_for([&] { return !is_invalid(); }));
}

TEST_F(ClusterStage, AnUnusableKubeconfigEndsTheStart) {
  Config wrong = config();
  wrong.kubernetes.kubeconfig = directory.write("kubeconfig", "current-context: none\n");
  asio::io_context loop;

  const auto made = Service::make(loop, wrong, now, [](std::string_view) {});

  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().reason(), Reason::config_not_ready);
  EXPECT_NE(made.error().what().find("contexts"), std::string::npos) << made.error().what();
}

}  // namespace
}  // namespace signet
