// Reviews of namespaces that a selector asks about: the real webhook and verifier, and an API
// server that a test writes.

#include "server/kube/namespaces.hpp"

#include "server/verify/verifier.hpp"
#include "tests/server/web/hook.hpp"
#include "tests/support/memory_source.hpp"
#include "tests/support/scripted_kube.hpp"

namespace signet {
namespace {

using namespace std::chrono_literals;
using testing::kube_refusal;
using testing::kube_reply;
using testing::response_of;

// Nothing runs where the namespace's tier is prod.
std::shared_ptr<const PolicySet> prod_is_closed() {
  const SourceFile files[] = {{"p.yaml", R"(apiVersion: signet.dev/v1alpha1
kind: ClusterTrustPolicy
metadata: {name: prod}
spec:
  match: {images: ["**"], namespaceSelector: {matchLabels: {tier: prod}}}
  authorities: [{name: closed, static: {action: deny, message: closed}}]
---
apiVersion: signet.dev/v1alpha1
kind: ClusterTrustPolicy
metadata: {name: all}
spec:
  match: {images: ["**"]}
  authorities: [{name: open, static: {action: allow}}]
)"}};
  const auto no_files = [](const std::string&, const std::string&) -> Result<Blob> {
    return Error(Reason::config_not_ready, "no files here");
  };
  Loaded loaded = load_policies(files, no_files);
  if (!loaded.issues.empty()) throw std::runtime_error(loaded.issues[0].str());
  return std::make_shared<PolicySet>(make_policy_set(std::move(loaded), NoMatch::deny));
}

// Never answers.
class SilentKube final : public KubeApi {
 public:
  Task<Result<KubeReply>> send(KubeRequest, Deadline) override {
    ++asked;
    asio::steady_timer timer(co_await asio::this_coro::executor, 60s);
    co_await timer.async_wait(kToken);
    co_return Error(Reason::internal, "late");
  }
  Task<Result<KubeReply>> stream(KubeRequest, OnLine, std::chrono::milliseconds,
                                 Deadline) override {
    co_return Error(Reason::internal, "no stream");
  }
  int asked = 0;
};

struct NamespacesTest : ::testing::Test {
  Judge judge_with(NamespaceLabels& namespaces) {
    Judge judge;
    judge.verify = [this](Reference image, Workload workload, Judge::Policies policies,
                          Deadline deadline) {
      return verifier.verify(std::move(image), std::move(workload), std::move(policies), deadline);
    };
    judge.resolve = [this](Reference image, Workload workload, Deadline deadline) {
      return verifier.resolve(std::move(image), std::move(workload), deadline);
    };
    judge.recall = [this](std::string_view image, const Workload& workload,
                          const Judge::Policies& policies) {
      return verifier.recall(image, workload, policies);
    };
    judge.known_labels = [&namespaces](std::string_view ns, const std::vector<std::string>& keys) {
      return namespaces.find(ns, keys);
    };
    judge.namespace_labels = [this, &namespaces](std::string ns, std::vector<std::string> keys,
                                                 Deadline deadline) {
      ++waits;
      return namespaces.get(std::move(ns), std::move(keys), deadline);
    };
    return judge;
  }
  static std::string pod_in(const std::string& ns, const std::string& operation = "CREATE") {
    ReviewParts parts = create_pod(pod_of("quay.io/x/app@sha256:" + std::string(64, 'a')));
    parts.ns = ns;
    parts.operation = operation;
    return parts.str();
  }
  static std::string namespace_of(const std::string& name, const std::string& tier) {
    return R"({"metadata":{"name":")" + name + R"(","labels":{"tier":")" + tier + R"("}}})";
  }
  static KubeObject object_of(const std::string& name, const std::string& tier) {
    return *parse_kube_object(namespace_of(name, tier));
  }
  static std::string message_of(const testing::json& response) {
    return response["status"]["message"].get<std::string>();
  }

  MemorySource source;
  Verifier verifier{source, [] { return TimePoint(); }};
  testing::ScriptedKube kube;
  NamespaceLabels labels{kube, nullptr};
  int waits = 0;
};

TEST_F(NamespacesTest, ANamespaceThatNobodyToldOfIsAskedForOnce) {
  kube.on("GET /api/v1/namespaces/new", kube_reply(200, namespace_of("new", "prod")));
  kube.on("GET /api/v1/namespaces/dev", kube_reply(200, namespace_of("dev", "test")));
  testing::Hook hook(judge_with(labels), {}, prod_is_closed());

  const auto denied = response_of(hook.validate(pod_in("new")));
  EXPECT_FALSE(denied["allowed"]);
  EXPECT_NE(message_of(denied).find("static_denied"), std::string::npos) << denied;
  EXPECT_FALSE(response_of(hook.validate(pod_in("new")))["allowed"]);
  EXPECT_TRUE(response_of(hook.validate(pod_in("dev")))["allowed"]);
  EXPECT_TRUE(response_of(hook.validate(pod_in("dev")))["allowed"]);

  EXPECT_EQ(kube.lines.size(), 2U);
  EXPECT_EQ(waits, 2);
}

TEST_F(NamespacesTest, WhatIsKnownCostsNoWait) {
  labels.replace({object_of("shop", "prod"), object_of("dev", "test")});
  testing::Hook hook(judge_with(labels), {}, prod_is_closed());
  EXPECT_FALSE(response_of(hook.validate(pod_in("shop")))["allowed"]);
  EXPECT_TRUE(response_of(hook.validate(pod_in("dev")))["allowed"]);
  EXPECT_TRUE(response_of(hook.mutate(pod_in("dev")))["allowed"]);
  EXPECT_EQ(waits, 0);

  labels.put(object_of("dev", "prod"));
  EXPECT_FALSE(response_of(hook.validate(pod_in("dev")))["allowed"]);
}

// No selector asks for that label.
TEST_F(NamespacesTest, ANamespaceOnTrialIsKnownByItsLabel) {
  labels.replace({*parse_kube_object(
      R"({"metadata":{"name":"shop","labels":{"tier":"test","signet.dev/enforce":"warn"}}})")});
  testing::Hook hook(judge_with(labels), {}, prod_is_closed());
  const auto trial = response_of(hook.validate(pod_in("shop")));
  EXPECT_EQ(trial["auditAnnotations"].value("trial", ""), "namespace") << trial;

  labels.put(object_of("shop", "test"));
  const auto enforced = response_of(hook.validate(pod_in("shop")));
  EXPECT_EQ(enforced["auditAnnotations"].value("trial", ""), "") << enforced;
}

TEST_F(NamespacesTest, NobodyAsksForWhatIsNotJudged) {
  testing::Hook hook(judge_with(labels), {}, prod_is_closed());
  EXPECT_TRUE(response_of(hook.validate(pod_in("new", "DELETE")))["allowed"]);
  EXPECT_TRUE(kube.lines.empty());
}

TEST_F(NamespacesTest, WhatNobodyKnowsIsDenied) {
  kube.on("GET /api/v1/namespaces/new", kube_refusal(403, "namespaces is forbidden"));
  testing::Hook hook(judge_with(labels), {}, prod_is_closed());
  const auto denied = response_of(hook.validate(pod_in("new")));
  EXPECT_FALSE(denied["allowed"]);
  const std::string message = message_of(denied);
  EXPECT_NE(message.find("config_not_ready"), std::string::npos) << message;
  EXPECT_NE(message.find("namespace new are not known: namespaces is forbidden"), std::string::npos)
      << message;
}

TEST_F(NamespacesTest, ASilentApiServerDelaysTheDenialByASecondAtMost) {
  SilentKube silent;
  NamespaceLabels unknown(silent, nullptr);
  testing::Hook hook(judge_with(unknown), {}, prod_is_closed());
  for (const std::string query : {"timeout=1s", "timeout=10s"}) {
    const std::string ns = query == "timeout=1s" ? "one" : "ten";
    const auto began = std::chrono::steady_clock::now();
    const auto denied = response_of(hook.validate(pod_in(ns), query));
    const auto took = std::chrono::steady_clock::now() - began;
    EXPECT_FALSE(denied["allowed"]);
    const std::string message = message_of(denied);
    EXPECT_NE(message.find("config_not_ready"), std::string::npos) << message;
    EXPECT_NE(message.find("the labels of namespace " + ns), std::string::npos) << message;
    EXPECT_LT(took, 5s);
  }
  // In the moment after it nobody waits again.
  EXPECT_FALSE(response_of(hook.validate(pod_in("ten")))["allowed"]);
  EXPECT_EQ(silent.asked, 2);
  EXPECT_TRUE(response_of(hook.mutate(pod_in("ten")))["allowed"]);
}

}  // namespace
}  // namespace signet
