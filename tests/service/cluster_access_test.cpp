// A Service in a cluster: private images with pull secrets and with its own, and namespaces by
// their labels.

#include "tests/core/admission/reviews.hpp"
#include "tests/service/registry_stage.hpp"
#include "tests/support/docker_secret.hpp"
#include "tests/support/fake_kube.hpp"

namespace signet {
namespace {

using testing::docker_config;
using testing::FakeLogin;

class ClusterAccessTest : public RegistryStage {
 protected:
  ClusterAccessTest() {
    push_signed("1", {Format::legacy});
    registry.login = FakeLogin::basic;
    registry.user = "ann";
    registry.password = "right";
    put_namespace("test");
  }

  Config in_cluster() {
    Config made = config();
    made.kubernetes.enabled = true;
    made.kubernetes.kubeconfig = kube.write_kubeconfig(directory.str());
    made.kubernetes.events = false;
    made.registry.pull_secrets.mode = PullSecretMode::all;
    return made;
  }
  void put_namespace(const std::string& tier) {
    kube.put("namespaces", cat(R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop",)"
                               R"("labels":{"tier":")",
                               tier, R"("}}})"));
  }
  void put_secret(const std::string& ns, const std::string& name, const std::string& password) {
    nlohmann::json object =
        nlohmann::json::parse(testing::secret_object(docker_config(host(), "ann", password)));
    object["metadata"] = {{"name", name}, {"namespace", ns}};
    kube.put("secrets", object.dump());
  }
  // A pod of the namespace shop.
  DemoAnswer ask_with(const RunningService& service, const std::string& secrets) const {
    const std::string spec = cat(R"({"containers":[{"name":"a","image":")", host(), "/", path,
                                 R"(:1"}],"imagePullSecrets":[)", secrets, "]}");
    return service.post("/validate", create_pod(pod_text(spec)).str());
  }
  static bool is_ready(const RunningService& service) { return service.health("/readyz") == 200; }

  testing::FakeKube kube;
};

TEST_F(ClusterAccessTest, APrivateImageNeedsThePodsOwnSecret) {
  put_secret("shop", "regcred", "right");
  put_secret("evil", "other", "right");
  const RunningService service(in_cluster(), now);
  ASSERT_TRUE(wait_for([&] { return is_ready(service); }));

  const DemoAnswer with = ask_with(service, R"({"name":"regcred"})");
  EXPECT_TRUE(with.allowed) << with.message;
  const DemoAnswer without = ask_with(service, "");
  EXPECT_FALSE(without.allowed);
  EXPECT_NE(without.message.find("registry_auth"), std::string::npos) << without.message;
  const DemoAnswer wrong = ask_with(service, R"({"name":"other"})");
  EXPECT_FALSE(wrong.allowed);
  EXPECT_NE(wrong.message.find(R"(pull secret "other" of namespace shop does not exist)"),
            std::string::npos)
      << wrong.message;
  EXPECT_NE(service.metrics().find(R"(signet_pull_secret_reads_total{result="missing"} 1)"),
            std::string::npos);
}

TEST_F(ClusterAccessTest, OurOwnSecretsAreFollowed) {
  Config ours = in_cluster();
  ours.registry.pull_secrets.mode = PullSecretMode::none;
  ours.registry.credential_secrets = {"robot"};
  ours.kubernetes.ns = "signet";
  const RunningService service(ours, now);
  ASSERT_TRUE(wait_for([&] { return is_ready(service); }));
  EXPECT_FALSE(ask_with(service, "").allowed);

  put_secret("signet", "robot", "right");
  EXPECT_TRUE(wait_for([&] { return ask_with(service, "").allowed; }));
}

TEST_F(ClusterAccessTest, ALabelOfANamespaceTakesEffect) {
  registry.login = FakeLogin::open;
  Config both = in_cluster();
  both.policies.push_back(directory.write("prod.yaml", R"(apiVersion: signet.dev/v1alpha1
kind: ClusterTrustPolicy
metadata: {name: prod}
spec:
  match: {images: ["**"], namespaceSelector: {matchLabels: {tier: prod}}}
  authorities: [{name: closed, static: {action: deny, message: closed}}]
)"));
  const RunningService service(both, now);
  ASSERT_TRUE(wait_for([&] { return is_ready(service); }));
  const DemoAnswer open = ask_with(service, "");
  EXPECT_TRUE(open.allowed) << open.message;

  put_namespace("prod");
  EXPECT_TRUE(wait_for([&] { return !ask_with(service, "").allowed; }));
}

}  // namespace
}  // namespace signet
