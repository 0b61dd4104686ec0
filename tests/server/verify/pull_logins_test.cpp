#include "server/verify/pull_logins.hpp"

#include "tests/support/tenants.hpp"

namespace signet {
namespace {

using namespace std::chrono_literals;
using testing::account_object;
using testing::kube_refusal;
using testing::kube_reply;
using testing::secret_line;
using testing::secret_object;

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

class PullLoginsTest : public testing::TenantTest {};

TEST_F(PullLoginsTest, APrivateImageIsReadWithThePodsSecret) {
  set_secret("shop", "regcred", "right");
  const Workload pod = workload("shop", {"regcred"});

  const Verdict verdict = verify(pod);
  EXPECT_TRUE(verdict.allowed()) << text_of(verdict);
  EXPECT_TRUE(verify(pod).allowed());

  EXPECT_EQ(kube.lines, (std::vector{secret_line("shop", "regcred")}));
  EXPECT_FALSE(verify(workload("shop")).allowed());
}

TEST_F(PullLoginsTest, WhatIsKnownIsRecalledWithoutAWait) {
  set_secret("shop", "regcred", "right");
  const Workload pod = workload("shop", {"regcred"});
  EXPECT_EQ(verifier().recall(pinned(), pod, set), nullptr);
  ASSERT_TRUE(verify(pod, pinned()).allowed());
  registry.forget_requests();

  ASSERT_NE(verifier().recall(pinned(), pod, set), nullptr);
  EXPECT_TRUE(verifier().recall(pinned(), pod, set)->allowed());
  EXPECT_TRUE(verifier().is_prepared(*Reference::parse(pinned()), pod, set));
  EXPECT_TRUE(registry.requests().empty());
}

TEST_F(PullLoginsTest, ATemplateWithoutSecretsHasThoseOfItsAccount) {
  set_secret("shop", "regcred", "right");
  kube.on("GET /api/v1/namespaces/shop/serviceaccounts/builder",
          kube_reply(200, account_object({"other", "regcred"})));

  const Verdict verdict = verify(workload("shop", {}, "builder"));

  EXPECT_TRUE(verdict.allowed()) << text_of(verdict);
  EXPECT_EQ(kube.lines, (std::vector<std::string>{
                            "GET /api/v1/namespaces/shop/serviceaccounts/builder",
                            secret_line("shop", "other"), secret_line("shop", "regcred")}));
}

TEST_F(PullLoginsTest, SecretsAreTriedInTheirOrderAndNeverNobodyBesidesThem) {
  set_secret("shop", "wrong", "wrong");
  set_secret("shop", "regcred", "right");
  ASSERT_TRUE(verify(workload("shop", {"wrong", "regcred"})).allowed());
  const auto sent = registry.authorizations();
  const std::string wrong = cat("Basic ", base64("ann:wrong"));
  const std::string right = cat("Basic ", base64("ann:right"));
  EXPECT_LT(std::find(sent.begin(), sent.end(), wrong), std::find(sent.begin(), sent.end(), right));

  registry.forget_requests();
  registry.password = "changed";
  EXPECT_FALSE(verify(workload("shop", {"wrong"})).allowed());
  const auto again = registry.authorizations();
  EXPECT_EQ(std::count(again.begin(), again.end(), wrong),
            static_cast<std::ptrdiff_t>(again.size()));
}

TEST_F(PullLoginsTest, OursComeAfterThoseOfTheTenant) {
  set_secret("shop", "wrong", "wrong");
  verifier();
  client->use(std::make_shared<const Credentials>(*Credentials::parse(
      testing::docker_config("reg.example", "ann", "right"), CredentialOwner::service)));
  EXPECT_TRUE(verify(workload("shop", {"wrong"})).allowed());
  EXPECT_TRUE(verify(workload("shop")).allowed());
}

// ---- who may see what

TEST_F(PullLoginsTest, EvidenceOfOneTenantAnswersNoOtherWithoutAccess) {
  set_secret("shop", "regcred", "right");
  set_secret("evil", "regcred", "wrong");
  for (const std::string& name : {kTagged, pinned()})
    ASSERT_TRUE(verify(workload("shop", {"regcred"}), name).allowed());

  for (const std::string& name : {kTagged, pinned()}) {
    for (const Workload& of : {workload("evil", {"regcred"}), workload("evil"),
                               workload("evil", {}, "default"), workload("shop")}) {
      EXPECT_EQ(verifier().recall(name, of, set), nullptr);
      EXPECT_EQ(verifier().recall_digest(*Reference::parse(kTagged), of), std::nullopt);
      const Verdict verdict = verify(of, name);
      EXPECT_FALSE(verdict.allowed());
      EXPECT_EQ(verdict.reason, Reason::registry_auth) << text_of(verdict);
    }
  }
}

TEST_F(PullLoginsTest, WhoShowsTheSameLoginSharesWhatIsRemembered) {
  set_secret("shop", "regcred", "right");
  set_secret("blog", "copy", "right");
  ASSERT_TRUE(verify(workload("shop", {"regcred"}), pinned()).allowed());
  registry.forget_requests();
  EXPECT_TRUE(verify(workload("blog", {"copy"}), pinned()).allowed());
  EXPECT_TRUE(registry.requests().empty());
}

TEST_F(PullLoginsTest, WhatIsReadWithoutOurLoginsIsRememberedByTenantToo) {
  verifier();
  RegistryMemory memory(
      *contents, MemorySettings(), [this] { return ticks; }, nullptr);
  const auto logins_of = [](const std::string& password) {
    return std::make_shared<const Credentials>(*Credentials::parse(
        testing::docker_config("reg.example", "ann", password), CredentialOwner::pull_secret));
  };
  const Repository app = *Repository::parse("reg.example/shop/app");
  const Access shop{false, "shop", logins_of("right")};
  const auto found =
      testing::run_on(loop, memory.tag(app, "1", shop, Age::fresh, deadline_in(20s)));
  ASSERT_TRUE(found.digest) << found.digest.error().what();

  EXPECT_TRUE(memory.known_tag(app, "1", shop));
  EXPECT_FALSE(memory.known_tag(app, "1", Access{false, "evil", logins_of("wrong")}));
  EXPECT_FALSE(memory.known_tag(app, "1", Access{false, "evil", nullptr}));
  EXPECT_FALSE(memory.known_tag(app, "1", Access{true, "evil", nullptr}));
}

TEST_F(PullLoginsTest, OnlySecretsOfTheOwnNamespaceAreRead) {
  set_secret("kube-system", "regcred", "right");
  for (const std::string name : {"regcred", "kube-system/regcred", "../kube-system/regcred"})
    EXPECT_FALSE(verify(workload("shop", {name})).allowed());
  for (const std::string& line : kube.lines)
    EXPECT_TRUE(line.starts_with("GET /api/v1/namespaces/shop/secrets/")) << line;
}

// K-S11
TEST_F(PullLoginsTest, TheModeSaysWhichSecretsAreRead) {
  struct Row {
    PullSecretMode mode;
    std::set<std::string, std::less<>> names, namespaces;
    std::string read;  // of "shop/a", "shop/b", "dev/a", in this order
  };
  const Row rows[] = {
      {PullSecretMode::none, {"a"}, {"shop"}, "---"},
      {PullSecretMode::names, {"a"}, {"dev"}, "y-y"},
      {PullSecretMode::names, {}, {}, "---"},
      {PullSecretMode::namespaces, {}, {"shop"}, "yy-"},
      {PullSecretMode::namespaces, {"a"}, {"shop"}, "y--"},
      {PullSecretMode::namespaces, {"a"}, {}, "---"},
      {PullSecretMode::all, {}, {}, "yyy"},
  };
  for (const Row& row : rows) {
    const PullSecretRules by{row.mode, row.names, row.namespaces};
    std::string read;
    for (const auto& [ns, name] : {std::pair("shop", "a"), {"shop", "b"}, {"dev", "a"}})
      read += by.objection(ns, name).empty() ? 'y' : '-';
    EXPECT_EQ(read, row.read) << static_cast<int>(row.mode);
  }
}

TEST_F(PullLoginsTest, WhatTheModeForbidsIsNotAskedForAndSaid) {
  set_secret("shop", "regcred", "right");
  rules.mode = PullSecretMode::none;
  const Verdict verdict = verify(workload("shop", {"regcred"}));
  EXPECT_EQ(verdict.reason, Reason::registry_auth);
  EXPECT_TRUE(has(text_of(verdict), R"(note: pull secret "regcred" is not read, for )"
                                    "registry.pullSecrets.mode is none"))
      << text_of(verdict);
  EXPECT_FALSE(verify(workload("shop", {}, "default")).allowed());
  EXPECT_TRUE(kube.lines.empty());
}

// ---- what is wrong with a secret

TEST_F(PullLoginsTest, ASecretThatCannotBeReadIsNamedInTheDenial) {
  set_object("shop", "closed", kube_refusal(403, "secrets is forbidden"));
  set_object("shop", "opaque", kube_reply(200, secret_object("{}", "Opaque")));
  set_object("shop", "text", kube_reply(200, secret_object("my password is: secret")));
  set_object("shop", "half",
             kube_reply(200, secret_object(R"({"auths":{"reg.example":{"auth":"%"}}})")));
  set_object("shop", "away", Error(Reason::registry_unreachable, "connection refused"));

  const Verdict verdict =
      verify(workload("shop", {"gone", "closed", "opaque", "text", "half", "away"}));

  EXPECT_EQ(verdict.reason, Reason::registry_auth);
  const std::string text = text_of(verdict);
  for (const std::string part :
       {R"(pull secret "gone" of namespace shop does not exist)",
        R"(pull secret "closed" of namespace shop may not be read: secrets is forbidden)",
        R"(pull secret "opaque" of namespace shop has type "Opaque")",
        R"(pull secret "text": the registry credentials cannot be read)",
        R"(pull secret "half": registry credentials: "reg.example" is not used)",
        R"(pull secret "away" of namespace shop could not be read)"})
    EXPECT_TRUE(has(text, part)) << part << " in\n" << text;
  EXPECT_FALSE(has(text, "password is")) << text;
}

TEST_F(PullLoginsTest, APublicImageNeedsNoSecret) {
  registry.login = testing::FakeLogin::open;
  const Verdict verdict = verify(workload("shop", {"gone"}));
  EXPECT_TRUE(verdict.allowed());
  EXPECT_TRUE(verdict.hints.empty());
}

TEST_F(PullLoginsTest, OnlySoManySecretsAreRead) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < kPullSecrets; ++i)
    names.push_back(cat("s", std::to_string(i)));
  EXPECT_FALSE(has(text_of(verify(workload("shop", names))), "only the first 32"));
  EXPECT_EQ(kube.lines.size(), kPullSecrets);

  kube.lines.clear();
  names.emplace_back("last");
  EXPECT_TRUE(has(verify(workload("shop", names)).hints.at(0), "only the first 32"));
  EXPECT_EQ(kube.asked(secret_line("shop", "last")), 0U);
  EXPECT_EQ(kube.lines.size(), kPullSecrets);
}

// ---- how long

TEST_F(PullLoginsTest, LoginsAreKeptForFiveMinutesAndFaultsForAMoment) {
  set_secret("shop", "regcred", "right");
  const Workload good = workload("shop", {"regcred"});
  const Workload bad = workload("shop", {"gone"});
  verifier();
  const auto get = [this](const Workload& of) {
    return testing::run_on(loop, logins->get(of, deadline_in(20s)));
  };
  EXPECT_EQ(logins->find(good), nullptr);
  ASSERT_NE(get(good)->credentials, nullptr);
  EXPECT_EQ(get(bad)->credentials, nullptr);

  ticks += 5s - 1ms;
  EXPECT_NE(logins->find(bad), nullptr);
  ticks += 1ms;
  EXPECT_EQ(logins->find(bad), nullptr);
  EXPECT_NE(logins->find(good), nullptr);
  ticks += 5min - 5s - 1ms;
  EXPECT_NE(logins->find(good), nullptr);

  const std::weak_ptr<const Credentials> held = logins->find(good)->credentials;
  ticks += 1ms;
  logins->forget_old();
  loop.restart();
  loop.poll();
  EXPECT_TRUE(held.expired());
}

TEST_F(PullLoginsTest, ASilentApiServerCostsASecondAndIsSaid) {
  class Silent final : public KubeApi {
   public:
    Task<Result<KubeReply>> send(KubeRequest, Deadline) override {
      const Deadline late = deadline_in(60s);
      asio::steady_timer timer(co_await asio::this_coro::executor, late);
      co_await timer.async_wait(kToken);
      co_return Error(Reason::internal, "late");
    }
    Task<Result<KubeReply>> stream(KubeRequest, OnLine, std::chrono::milliseconds,
                                   Deadline) override {
      co_return Error(Reason::internal, "no stream");
    }
  };
  Silent silent;
  SecretReader from(silent, nullptr);
  PullLogins of(from, rules, {});
  const auto brought =
      testing::run_on(loop, of.get(workload("shop", {"regcred"}), deadline_in(20s)));
  EXPECT_EQ(brought->credentials, nullptr);
  ASSERT_EQ(brought->hints.size(), 1U);
  EXPECT_TRUE(has(brought->hints[0], "could not be read")) << brought->hints[0];

  const auto late = testing::run_on(loop, of.get(workload("dev", {"regcred"}), deadline_in(20ms)));
  EXPECT_EQ(late->credentials, nullptr);
  EXPECT_FALSE(late->hints.empty());
}

}  // namespace
}  // namespace signet
