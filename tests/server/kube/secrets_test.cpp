#include "server/kube/secrets.hpp"

#include <gtest/gtest.h>

#include "tests/support/docker_secret.hpp"
#include "tests/support/run.hpp"
#include "tests/support/scripted_kube.hpp"

namespace signet {
namespace {

using testing::kube_refusal;
using testing::kube_reply;
using testing::secret_line;
using testing::secret_object;
using Names = std::vector<std::string>;

const std::string kConfig = testing::docker_config("reg.io", "ann", "pass word");

struct SecretReaderTest : ::testing::Test {
  DockerSecret read(const std::string& name = "regcred", const std::string& ns = "shop") {
    return testing::run(reader.docker_secret(ns, name, deadline_in(std::chrono::seconds(10))));
  }
  DockerSecret read_object(const std::string& object) {
    testing::ScriptedKube one;
    one.on(secret_line("shop", "regcred"), kube_reply(200, object));
    SecretReader from(one, &metrics);
    return testing::run(
        from.docker_secret("shop", "regcred", deadline_in(std::chrono::seconds(10))));
  }
  AccountSecrets of(const std::string& account) {
    return testing::run(reader.of_account("shop", account, deadline_in(std::chrono::seconds(10))));
  }
  double counted(std::string_view result) { return metrics.pull_secret_reads.value({result}); }

  Metrics metrics{TimePoint()};
  testing::ScriptedKube kube;
  SecretReader reader{kube, &metrics};
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_F(SecretReaderTest, ReadsBothFormsOfLogins) {
  kube.on(secret_line("shop", "regcred"), kube_reply(200, secret_object(kConfig)));
  kube.on(secret_line("shop", "old"),
          kube_reply(200, secret_object("{}", "kubernetes.io/dockercfg", ".dockercfg")));

  const DockerSecret config = read();
  const DockerSecret old = read("old");

  EXPECT_EQ(config.state, SecretState::ok) << config.why;
  EXPECT_EQ(config.form, DockerSecretForm::config_json);
  EXPECT_EQ(config.document.reveal(), kConfig);
  EXPECT_EQ(config.resource_version, "7");
  EXPECT_EQ(old.form, DockerSecretForm::dockercfg);
  EXPECT_EQ(old.document.reveal(), "{}");
  EXPECT_EQ(counted("ok"), 2);
}

TEST_F(SecretReaderTest, SaysWhatIsWrongAndHowToCureIt) {
  kube.on(secret_line("shop", "closed"),
          kube_refusal(403, "secrets is forbidden: User cannot get"));
  kube.on(secret_line("shop", "broken"), kube_reply(500, "{}"));

  const DockerSecret missing = read("gone");
  const DockerSecret closed = read("closed");
  const DockerSecret broken = read("broken");

  EXPECT_EQ(missing.state, SecretState::missing);
  EXPECT_TRUE(has(missing.why, R"(pull secret "gone" of namespace shop does not exist; create)"));
  EXPECT_EQ(closed.state, SecretState::forbidden);
  EXPECT_TRUE(has(closed.why, "secrets is forbidden: User cannot get")) << closed.why;
  EXPECT_TRUE(has(closed.why, "allow Signet to get it")) << closed.why;
  EXPECT_EQ(broken.state, SecretState::unreachable);
  EXPECT_TRUE(has(broken.why, "the API server answered 500; try again")) << broken.why;
  EXPECT_EQ(counted("missing"), 1);
  EXPECT_EQ(counted("forbidden"), 1);
  EXPECT_EQ(counted("unreachable"), 1);
}

TEST_F(SecretReaderTest, TakesNoSecretOfAnotherTypeOrShape) {
  const std::pair<std::string, std::string> rows[] = {
      {secret_object(kConfig, "Opaque"), R"(has type "Opaque")"},
      {secret_object(kConfig, "kubernetes.io/dockercfg"), "has no .dockercfg"},
      {secret_object(""), "has no .dockerconfigjson"},
      {R"({"type":"kubernetes.io/dockerconfigjson"})", "has no .dockerconfigjson"},
      {R"({"type":"kubernetes.io/dockerconfigjson","data":{".dockerconfigjson":7}})", "has no"},
      {R"({"type":"kubernetes.io/dockerconfigjson","data":{".dockerconfigjson":"%"}})", "has no"},
      {R"({"type":"kubernetes.io/dockerconfigjson","data":[]})", "has no"},
      {"[]", "is not an object"},
      {"garbage", "is not an object"},
  };
  for (const auto& [object, why] : rows) {
    SCOPED_TRACE(object);
    const DockerSecret secret = read_object(object);
    EXPECT_EQ(secret.state, SecretState::unusable);
    EXPECT_TRUE(has(secret.why, why)) << secret.why;
    EXPECT_TRUE(has(secret.why, "kubectl create secret docker-registry")) << secret.why;
    EXPECT_FALSE(has(secret.why, "pass word")) << secret.why;
    EXPECT_TRUE(secret.document.empty());
  }
}

TEST_F(SecretReaderTest, AsksForNothingThatIsNotAName) {
  const Names no_names = {
      "",    "../../kube-system/secrets/x",   "a/b", "a%2fb", "a?b", "..", ".a", "A",
      "a b", std::string(kNameBytes + 1, 'a')};
  for (const std::string& name : no_names) {
    EXPECT_EQ(read(name).state, SecretState::missing) << name;
    EXPECT_EQ(read("regcred", name).state, SecretState::missing) << name;
    EXPECT_EQ(of(name).state, SecretState::missing) << name;
  }
  EXPECT_TRUE(kube.lines.empty());
  EXPECT_EQ(read(std::string(kNameBytes, 'a')).state, SecretState::missing);
  EXPECT_EQ(kube.lines.size(), 1U);
}

TEST_F(SecretReaderTest, TellsWhichSecretsAnAccountNames) {
  kube.on("GET /api/v1/namespaces/shop/serviceaccounts/default",
          kube_reply(200, testing::account_object({"b", "a", "", "b"})));
  kube.on("GET /api/v1/namespaces/shop/serviceaccounts/plain", kube_reply(200, "{}"));
  kube.on("GET /api/v1/namespaces/shop/serviceaccounts/broken", kube_reply(200, "garbage"));

  EXPECT_EQ(of("default").names, (Names{"b", "a"}));
  EXPECT_EQ(of("plain").state, SecretState::ok);
  EXPECT_TRUE(of("plain").names.empty());
  EXPECT_EQ(of("broken").state, SecretState::unusable);
  const AccountSecrets gone = of("gone");
  EXPECT_EQ(gone.state, SecretState::missing);
  EXPECT_TRUE(has(gone.why, R"(ServiceAccount "gone" of namespace shop does not exist)"));
}

TEST(SecretStringTest, ClearsItsMemory) {
  std::string text(100, 'x');
  const char* const bytes = text.data();
  const std::size_t capacity = text.capacity();
  wipe(text);
  EXPECT_TRUE(text.empty());
  ASSERT_EQ(text.data(), bytes);
  for (std::size_t i = 0; i < capacity; ++i)
    ASSERT_EQ(bytes[i], 0) << i;
}

}  // namespace
}  // namespace signet
