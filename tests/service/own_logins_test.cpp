#include "server/app/own_logins.hpp"

#include <gtest/gtest.h>

#include "tests/support/docker_secret.hpp"
#include "tests/support/run.hpp"
#include "tests/support/scripted_kube.hpp"

namespace signet {
namespace {

using testing::docker_config;
using testing::kube_refusal;
using testing::kube_reply;
using testing::secret_line;

struct OwnLoginsTest : ::testing::Test {
  OwnLoginsTest() {
    for (const std::string name : {"a", "b"})
      kube.on_call(secret_line("signet", name),
                   [this, name](const KubeRequest&) { return secrets.at(name); });
  }
  void set(const std::string& name, const std::string& document, const std::string& version) {
    nlohmann::json object = nlohmann::json::parse(testing::secret_object(document));
    object["metadata"]["resourceVersion"] = version;
    secrets.insert_or_assign(name, kube_reply(200, object.dump()));
  }
  void look() { ASSERT_TRUE(testing::run(own.look())); }
  std::vector<std::string> users() const {
    std::vector<std::string> users;
    if (!used) return users;
    for (const Credential& login : used->candidates_for(*Repository::parse("reg.example/x")))
      users.push_back(login.username);
    return users;
  }
  using Users = std::vector<std::string>;

  testing::ScriptedKube kube;
  std::map<std::string, Result<KubeReply>> secrets = {{"a", kube_refusal(404, "gone")},
                                                      {"b", kube_refusal(404, "gone")}};
  std::shared_ptr<const Credentials> used;
  int uses = 0;
  std::vector<std::string> lines;
  std::unique_ptr<Log> log = std::make_unique<Log>(
      LogLevel::info, [this](std::string_view line) { lines.emplace_back(line); });
  OwnLogins own{kube,
                "signet",
                {"a", "b"},
                [this](std::shared_ptr<const Credentials> all) {
                  used = std::move(all);
                  ++uses;
                },
                *log};
};

TEST_F(OwnLoginsTest, FollowsItsSecretsInTheirOrder) {
  set("b", docker_config("reg.example", "bob", "1"), "1");
  look();
  EXPECT_EQ(users(), Users{"bob"});

  set("a", docker_config("reg.example", "ann", "1"), "2");
  look();
  EXPECT_EQ(users(), (Users{"ann", "bob"}));
  look();
  EXPECT_EQ(uses, 2);

  set("b", docker_config("other.example", "bob", "1"), "3");
  look();
  EXPECT_EQ(users(), Users{"ann"});
  EXPECT_EQ(kube.asked(secret_line("signet", "a")), 4U);
}

TEST_F(OwnLoginsTest, ASecretThatIsGoneGivesNone) {
  set("a", docker_config("reg.example", "ann", "1"), "1");
  look();
  secrets.insert_or_assign("a", kube_refusal(404, "gone"));
  look();
  EXPECT_EQ(users(), Users());
  EXPECT_EQ(uses, 2);
}

TEST_F(OwnLoginsTest, ASecretThatCannotBeReadKeepsWhatItGave) {
  set("a", docker_config("reg.example", "ann", "1"), "1");
  look();
  secrets.insert_or_assign("a", Error(Reason::registry_timeout, "no answer"));
  look();
  secrets.insert_or_assign("a", kube_refusal(403, "no"));
  look();
  set("a", "{", "2");
  look();
  EXPECT_EQ(users(), Users{"ann"});
  EXPECT_EQ(uses, 1);
}

// Rules I2 of registry.md C.9.
TEST_F(OwnLoginsTest, LoginsForEveryHostAreNotUsed) {
  for (const std::string key : {"*", "*.io", "*.example"}) {
    set("a", docker_config(key, "ann", "1"), key);
    look();
    EXPECT_EQ(users(), Users()) << key;
  }
  set("a", docker_config("reg.example/team", "ann", "1"), "narrow");
  look();
  EXPECT_TRUE(used->candidates_for(*Repository::parse("reg.example/team-evil/x")).empty());
  EXPECT_FALSE(used->candidates_for(*Repository::parse("reg.example/team/x")).empty());
}

TEST_F(OwnLoginsTest, SaysOnceWhatIsWrongAndShowsNoSecret) {
  set("a", R"({"auths":{"reg.example":{"auth":"hidden"}}})", "1");
  look();
  look();
  log.reset();
  std::size_t said = 0;
  for (const std::string& line : lines) {
    if (line.find(R"("secret":"a")") != std::string::npos) ++said;
    EXPECT_EQ(line.find("hidden"), std::string::npos) << line;
  }
  EXPECT_EQ(said, 1U);
}

}  // namespace
}  // namespace signet
