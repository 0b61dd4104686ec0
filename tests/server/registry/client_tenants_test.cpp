// Logins of tenants beside ours: who is shown what, and in which order.

#include <gtest/gtest.h>

#include "tests/server/registry/client_fixture.hpp"

namespace signet {
namespace {

using testing::FakeLogin;

class ClientTenantsTest : public testing::ClientFixture {
 protected:
  ClientTenantsTest() {
    put_image("1");
    registry.login = FakeLogin::basic;
    registry.user = "ann";
    registry.password = "right";
  }

  static std::shared_ptr<const Credentials> secrets(const std::vector<std::string>& passwords,
                                                    const std::string& key = "reg.io") {
    auto all = std::make_shared<Credentials>();
    for (const std::string& password : passwords) {
      const Json file = {{"auths", {{key, {{"username", "ann"}, {"password", password}}}}}};
      all->append(*Credentials::parse(file.dump(), CredentialOwner::pull_secret));
    }
    return all;
  }
  static Access tenant(std::shared_ptr<const Credentials> logins, bool with_ours = true) {
    return Access{with_ours, "shop", std::move(logins)};
  }
  std::string identity(const Access& access) { return client().identity(repository(), access); }
  Reason ask(const Access& access) { return reason_of(resolve("1", "reg.io/team/app", access)); }

  // The passwords that were shown, in their order; "-" for none.
  std::vector<std::string> shown() const {
    std::vector<std::string> passwords;
    for (const std::string& authorization : registry.authorizations()) {
      const auto text = unbase64(
          authorization.substr(std::min<std::size_t>(authorization.size(), 6)), Base64::any);
      passwords.push_back(authorization.empty() ? "-" : text->substr(4));
    }
    return passwords;
  }
  using Shown = std::vector<std::string>;
};

TEST_F(ClientTenantsTest, ATenantsLoginsComeBeforeOurs) {
  log_in("ann", "ours");
  EXPECT_EQ(ask(tenant(secrets({"first", "second"}))), Reason::registry_auth);
  Shown passwords = shown();
  std::erase(passwords, "-");
  EXPECT_EQ(passwords, (Shown{"first", "second", "ours"}));
}

TEST_F(ClientTenantsTest, OursAreNeverShownWhereTheyMustNotBe) {
  log_in("ann", "right");
  EXPECT_EQ(ask(tenant(nullptr, false)), Reason::registry_auth);
  EXPECT_EQ(ask(tenant(secrets({"wrong"}), false)), Reason::registry_auth);
  for (const std::string& password : shown())
    EXPECT_NE(password, "right");
  EXPECT_EQ(ask(tenant(secrets({"right"}), false)), Reason::verified);
}

TEST_F(ClientTenantsTest, ALoginForAnotherHostIsNotShown) {
  EXPECT_EQ(ask(tenant(secrets({"right"}, "other.io"))), Reason::registry_auth);
  EXPECT_EQ(shown(), Shown{"-"});
}

TEST_F(ClientTenantsTest, IdentityTellsTenantsApart) {
  log_in("ann", "ours");
  const std::string ours = identity(Access::own);
  const std::string one = identity(tenant(secrets({"one"})));
  const std::string two = identity(tenant(secrets({"two"})));
  EXPECT_NE(ours, "");
  EXPECT_NE(one, ours);
  EXPECT_NE(one, two);
  EXPECT_EQ(one, identity(tenant(secrets({"one"}))));
  EXPECT_EQ(identity(tenant(nullptr)), ours);
  EXPECT_EQ(identity(tenant(secrets({"one"}, "other.io"))), ours);
  EXPECT_EQ(identity(tenant(nullptr, false)), "");
  EXPECT_EQ(one, identity(tenant(secrets({"one"}), false)) + ours);
}

TEST_F(ClientTenantsTest, WhatOneTenantLearnedServesNoOther) {
  registry.login = FakeLogin::bearer;
  EXPECT_EQ(ask(tenant(secrets({"wrong", "right"}))), Reason::verified);
  EXPECT_EQ(ask(tenant(secrets({"wrong"}))), Reason::registry_auth);
  EXPECT_EQ(ask(tenant(nullptr)), Reason::registry_auth);
  registry.forget_requests();
  EXPECT_EQ(ask(tenant(secrets({"wrong", "right"}))), Reason::verified);
  // The login that could read it, with the token of before.
  EXPECT_EQ(registry.requests(), testing::Lines{"HEAD /v2/team/app/manifests/1"});
}

TEST_F(ClientTenantsTest, AForgottenLoginGetsATokenAnewAndOthersKeepTheirs) {
  registry.login = FakeLogin::bearer;
  const auto gone = secrets({"right"});
  ASSERT_EQ(ask(tenant(gone)), Reason::verified);
  log_in("ann", "ours");
  registry.password = "ours";
  ASSERT_EQ(ask(Access::own), Reason::verified);
  registry.password = "right";

  ASSERT_EQ(gone->ids().size(), 1U);
  ASSERT_EQ(ask(tenant(gone, false)), Reason::verified);
  client().forget(gone->ids()[0]);
  registry.forget_requests();
  ASSERT_EQ(ask(Access::own), Reason::verified);
  EXPECT_EQ(registry.requests().size(), 1U);
  ASSERT_EQ(ask(tenant(gone, false)), Reason::verified);
  // Challenge, token, request.
  EXPECT_EQ(registry.requests().size(), 4U);
}

}  // namespace
}  // namespace signet
