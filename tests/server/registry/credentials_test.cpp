#include "server/registry/credentials.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "core/base/bytes.hpp"
#include "core/base/json.hpp"

namespace signet {
namespace {

using Names = std::vector<std::string>;

// A login for each key, which is its password.
std::string logins(const Names& keys) {
  Json auths = Json::object();
  for (const std::string& key : keys)
    auths[key] = {{"username", "user"}, {"password", key}};
  return Json{{"auths", auths}}.dump();
}

Credentials parsed(const std::string& json, CredentialOwner owner = CredentialOwner::pull_secret) {
  auto credentials = Credentials::parse(json, owner);
  EXPECT_TRUE(credentials);
  return credentials ? *credentials : Credentials();
}

Names users_for(const Credentials& credentials, const std::string& image) {
  Names users;
  for (const Credential& credential : credentials.candidates_for(*Repository::parse(image))) {
    users.push_back(credential.username);
  }
  return users;
}

// Which of logins() an image may use.
Names keys_for(const Credentials& credentials, const std::string& image) {
  Names keys;
  for (const Credential& credential : credentials.candidates_for(*Repository::parse(image))) {
    keys.push_back(credential.password);
  }
  return keys;
}

struct CredentialRow {
  Names keys;
  const char* image;
  Names used;
};

// registry.md J.6.
TEST(CredentialsTest, ChoosesAsTheKubeletDoes) {
  const std::string hub = "https://index.docker.io/v1/";
  const std::vector<CredentialRow> rows = {
      {{hub}, "nginx", {hub}},
      {{"https://index.docker.io/v1"}, "nginx", {}},
      {{"docker.io", hub}, "nginx", {"docker.io"}},
      {{"registry-1.docker.io"}, "nginx", {}},
      {{hub}, "index.docker.io/a/b", {hub}},
      {{hub}, "reg.io/nginx", {}},
      {{"reg.io", "reg.io/team", "*.io"}, "reg.io/team/x", {"reg.io/team", "reg.io", "*.io"}},
      {{"reg.io/team"}, "reg.io/team-evil/x", {"reg.io/team"}},
      {{"Reg.io"}, "reg.io/x", {}},
  };
  for (const CredentialRow& row : rows) {
    SCOPED_TRACE(row.image);
    EXPECT_EQ(keys_for(parsed(logins(row.keys)), row.image), row.used);
  }
}

TEST(CredentialsTest, HoldsItsOwnFileToNarrowKeysAndWholeComponents) {
  const Credentials own =
      parsed(logins({"*.io", "*", "reg.io/team", "*.corp.example"}), CredentialOwner::service);

  EXPECT_EQ(keys_for(own, "reg.io/team/x"), Names{"reg.io/team"});
  EXPECT_EQ(keys_for(own, "reg.io/team-evil/x"), Names{});
  EXPECT_EQ(keys_for(own, "a.corp.example/x"), Names{"*.corp.example"});
  EXPECT_EQ(own.warnings().size(), 2U);
}

TEST(CredentialsTest, TriesAtMostEight) {
  Names keys;
  std::string path = "reg.io";
  for (int i = 0; i < 9; ++i)
    keys.push_back(path += "/a");

  const Credentials credentials = parsed(logins(keys));

  EXPECT_EQ(keys_for(credentials, path).size(), kCredentialsTried);
  EXPECT_EQ(keys_for(credentials, path).front(), path);
}

struct AuthRow {
  const char* name;
  std::string auth;
  std::optional<std::pair<std::string, std::string>> login;
};

TEST(CredentialsTest, DecodesAuth) {
  const std::string padded = base64("user:pw");
  std::string unpadded = padded;
  while (unpadded.ends_with('='))
    unpadded.pop_back();
  const std::vector<AuthRow> rows = {
      {"padded", padded, {{"user", "pw"}}},
      {"unpadded", unpadded, {{"user", "pw"}}},
      {"newline behind", padded + "\n", {{"user", "pw"}}},
      {"blanks around", "  " + padded + " ", {{"user", "pw"}}},
      {"colon in the password", base64("user:p:w"), {{"user", "p:w"}}},
      {"NUL padding", base64(std::string("user:pw\0\0", 9)), {{"user", "pw"}}},
      {"no colon", base64("userpw"), std::nullopt},
      {"no base64", "!!!", std::nullopt},
      {"no password", base64("user:"), std::nullopt},
      {"control character in the user", base64("us\ner:pw"), std::nullopt},
  };
  for (const AuthRow& row : rows) {
    SCOPED_TRACE(row.name);
    const Json file = {
        {"auths", {{"reg.io", {{"auth", row.auth}}}, {"other.io", {{"auth", padded}}}}}};
    const Credentials credentials = parsed(file.dump());
    const auto found = credentials.candidates_for(*Repository::parse("reg.io/x"));
    ASSERT_EQ(found.size(), row.login ? 1U : 0U);
    if (row.login) {
      EXPECT_EQ(found[0].username, row.login->first);
      EXPECT_EQ(found[0].password, row.login->second);
    }
    EXPECT_EQ(users_for(credentials, "other.io/x"), Names{"user"});
  }
}

TEST(CredentialsTest, PrefersAuthToTheTwoMembers) {
  const Json file = {
      {"auths", {{"reg.io", {{"auth", base64("a:1")}, {"username", "b"}, {"password", "2"}}}}}};

  EXPECT_EQ(users_for(parsed(file.dump()), "reg.io/x"), Names{"a"});
}

TEST(CredentialsTest, HonoursTokensOfItsOwnFileOnly) {
  const std::string file =
      R"({"auths":{"a.io":{"identitytoken":"i"},"b.io":{"registrytoken":"r"}}})";
  const Credentials own = parsed(file, CredentialOwner::service);
  const Credentials pull = parsed(file, CredentialOwner::pull_secret);

  EXPECT_EQ(own.candidates_for(*Repository::parse("a.io/x")).at(0).identity_token, "i");
  EXPECT_EQ(own.candidates_for(*Repository::parse("b.io/x")).at(0).registry_token, "r");
  EXPECT_TRUE(pull.candidates_for(*Repository::parse("a.io/x")).empty());
  EXPECT_TRUE(pull.candidates_for(*Repository::parse("b.io/x")).empty());
}

TEST(CredentialsTest, SkipsAndNamesBadEntriesWithoutTheirSecrets) {
  const Credentials credentials =
      parsed(R"({"auths":{"a.io":7,"b.io":{"username":"u:x","password":"hunter2"},)"
             R"("c.io":{"auth":7},"":{"username":"u","password":"hunter2"},"d.io":{},)"
             R"("e.io":{"registrytoken":"hunter2 x"},"good.io":{"username":"u","password":"p"}}})",
             CredentialOwner::service);

  EXPECT_EQ(users_for(credentials, "good.io/x"), Names{"u"});
  EXPECT_EQ(credentials.warnings().size(), 5U);
  for (const std::string& warning : credentials.warnings()) {
    EXPECT_EQ(warning.find("hunter2"), std::string::npos) << warning;
  }
}

TEST(CredentialsTest, SaysThatCredentialHelpersAreNotRun) {
  const Credentials credentials =
      parsed(R"({"auths":{"reg.io":{}},"credsStore":"desktop","credHelpers":{"gcr.io":"gcr"}})");

  ASSERT_EQ(credentials.warnings().size(), 2U);
  EXPECT_NE(credentials.warnings()[0].find("helpers are not run"), std::string::npos);
}

TEST(CredentialsTest, ReadsTheOlderForm) {
  const auto credentials = Credentials::parse_dockercfg(
      R"({"reg.io":{"username":"u","password":"p"}})", CredentialOwner::pull_secret);

  ASSERT_TRUE(credentials);
  EXPECT_EQ(users_for(*credentials, "reg.io/x"), Names{"u"});
}

TEST(CredentialsTest, RefusesWhatIsNoConfigFile) {
  for (const char* text : {"", "[]", "{", "null", R"({"auths":[]})", R"({"auths":7})",
                           R"({"auths":{"a":{},"a":{}}})"}) {
    SCOPED_TRACE(text);
    const auto credentials = Credentials::parse(text, CredentialOwner::service);
    ASSERT_FALSE(credentials);
    EXPECT_EQ(credentials.error().reason(), Reason::config_not_ready);
  }
  EXPECT_TRUE(Credentials::parse("{}", CredentialOwner::service));
}

TEST(CredentialsTest, MergesSecretsInTheirOrder) {
  Credentials first = parsed(R"({"auths":{"reg.io":{"username":"a","password":"p"}}})");
  first.append(parsed(R"({"auths":{"reg.io":{"username":"b","password":"p"}}})"));
  first.append(parsed(R"({"auths":{"reg.io":{"username":"a","password":"p"}}})"));

  EXPECT_EQ(users_for(first, "reg.io/x"), (Names{"a", "b"}));
}

TEST(CredentialsTest, TellsLoginsApartWithoutShowingThem) {
  const Credential one{"user", "hunter2", "", ""};
  Credential other = one;
  other.password = "hunter3";

  EXPECT_EQ(one.id(), Credential(one).id());
  EXPECT_NE(one.id(), other.id());
  EXPECT_EQ(one.id().find("hunter"), std::string::npos);
  EXPECT_EQ(one.basic(), "Basic " + base64("user:hunter2"));
}

}  // namespace
}  // namespace signet
