// Logins that come and go while the client runs, and how they are told apart.

#include <gtest/gtest.h>

#include "tests/server/registry/client_fixture.hpp"

namespace signet {
namespace {

using testing::FakeLogin;
using testing::Lines;

class ClientCredentialsTest : public testing::ClientFixture {
 protected:
  std::string identity(const Access& access = Access::own) {
    return client().identity(repository(), access);
  }
};

TEST_F(ClientCredentialsTest, IdentityTellsWhichLoginsWouldBeShown) {
  const std::string nobody = identity();
  log_in("ann", "secret", "other.io");
  const std::string elsewhere = identity();
  log_in("ann", "secret");
  const std::string ann = identity();
  log_in("ann", "changed");
  const std::string changed = identity();

  EXPECT_EQ(nobody, "");
  EXPECT_EQ(elsewhere, "");
  EXPECT_NE(ann, "");
  EXPECT_NE(changed, ann);
  EXPECT_EQ(identity(Access::anonymous), "");
  EXPECT_EQ(ann.find("secret"), std::string::npos);
}

TEST_F(ClientCredentialsTest, NewCredentialsForgetTheTokensOfTheOld) {
  put_image("1");
  registry.login = FakeLogin::bearer;
  registry.user = "ann";
  registry.password = "secret";
  log_in("ann", "secret");
  ASSERT_TRUE(resolve("1"));
  registry.forget_requests();
  ASSERT_TRUE(resolve("1"));
  EXPECT_EQ(registry.requests(), Lines{"HEAD /v2/team/app/manifests/1"});

  log_in("ann", "secret");
  registry.forget_requests();
  ASSERT_TRUE(resolve("1"));

  // Challenge, token, request: as at the start.
  EXPECT_EQ(registry.requests().size(), 3U);
}

TEST_F(ClientCredentialsTest, ARevokedLoginIsNotShownAgain) {
  put_image("1");
  registry.login = FakeLogin::basic;
  registry.user = "ann";
  registry.password = "secret";
  log_in("ann", "secret");
  ASSERT_TRUE(resolve("1"));
  registry.forget_requests();

  use(R"({"auths":{}})");
  EXPECT_EQ(reason_of(resolve("1")), Reason::registry_auth);

  for (const std::string& authorization : registry.authorizations())
    EXPECT_EQ(authorization, "");
}

}  // namespace
}  // namespace signet
