// Pull secrets that change under the service (security.md 4.4).

#include "tests/support/tenants.hpp"

namespace signet {
namespace {

using namespace std::chrono_literals;
using testing::FakeLogin;
using testing::kube_refusal;
using testing::kube_reply;
using testing::secret_object;

// Two tenants with logins of their own for two registries, both in use.
class PullSecretFaults : public testing::TenantTest {
 protected:
  PullSecretFaults() {
    registry.login = FakeLogin::bearer;
    set_secret("shop", "regcred", "right");
    set_secret("blog", "regcred", "right-too");
  }

  Verdict shop() { return verify(workload("shop", {"regcred"})); }
  // Another login at the same registry, whose token is still good.
  Verdict blog() {
    registry.password = "right-too";
    Verdict verdict = verify(workload("blog", {"regcred"}));
    registry.password = password;
    return verdict;
  }
  std::size_t tokens_asked() {
    const auto lines = registry.requests();
    return static_cast<std::size_t>(std::count_if(
        lines.begin(), lines.end(),
        [](const std::string& line) { return line.find(" /token") != std::string::npos; }));
  }
  void expect_blog_unaffected() {
    registry.forget_requests();
    EXPECT_TRUE(blog().allowed());
    EXPECT_EQ(tokens_asked(), 0U);
  }
  void expect_all_is_well() {
    const Verdict verdict = shop();
    ASSERT_TRUE(verdict.allowed()) << text_of(verdict);
    ASSERT_TRUE(blog().allowed());
  }
  // The registry takes only this password from now on.
  void rotate_at_the_registry(const std::string& to) {
    password = to;
    registry.password = to;
    ticks += 5min;
  }

  std::string password = "right";
};

TEST_F(PullSecretFaults, FI39_RotatedPullSecret) {
  expect_all_is_well();
  rotate_at_the_registry("new");
  // A registry that no longer takes the old token.
  registry.fail("HEAD /v2/shop/app/manifests/1", {401, {}, ""}, 1);
  set_secret("shop", "regcred", "new");
  registry.forget_requests();

  const Verdict verdict = shop();

  EXPECT_TRUE(verdict.allowed()) << text_of(verdict);
  ASSERT_EQ(gone_ids.size(), 1U);
  EXPECT_GE(tokens_asked(), 1U);
  expect_blog_unaffected();
}

TEST_F(PullSecretFaults, FI39_RotatedPullSecretWithinItsLife) {
  registry.login = FakeLogin::basic;
  set_secret("blog", "regcred", "right");
  ASSERT_TRUE(shop().allowed());
  registry.password = "new";
  ticks += 5s;
  EXPECT_EQ(shop().reason, Reason::registry_auth);
  EXPECT_TRUE(gone_ids.empty());

  set_secret("shop", "regcred", "new");
  ticks += 5s;
  const Verdict verdict = shop();
  EXPECT_TRUE(verdict.allowed()) << text_of(verdict);
  EXPECT_EQ(gone_ids.size(), 1U);
}

TEST_F(PullSecretFaults, FI39_DeletedPullSecret) {
  expect_all_is_well();
  ticks += 5min;
  set_object("shop", "regcred", kube_refusal(404, "secrets regcred not found"));

  const Verdict verdict = shop();

  EXPECT_FALSE(verdict.allowed());
  EXPECT_EQ(verdict.reason, Reason::registry_auth) << text_of(verdict);
  EXPECT_NE(text_of(verdict).find(R"("regcred" of namespace shop does not exist)"),
            std::string::npos)
      << text_of(verdict);
  EXPECT_EQ(gone_ids.size(), 1U);
  expect_blog_unaffected();

  set_secret("shop", "regcred", "right");
  ticks += 5s;
  EXPECT_TRUE(shop().allowed());
}

TEST_F(PullSecretFaults, FI39_MalformedPullSecret) {
  expect_all_is_well();
  ticks += 5min;
  set_object("shop", "regcred", kube_reply(200, secret_object("{\"auths\": [")));

  const Verdict verdict = shop();

  EXPECT_FALSE(verdict.allowed());
  EXPECT_EQ(verdict.reason, Reason::registry_auth) << text_of(verdict);
  EXPECT_NE(text_of(verdict).find(R"(pull secret "regcred": the registry credentials cannot)"),
            std::string::npos)
      << text_of(verdict);
  EXPECT_EQ(gone_ids.size(), 1U);
  expect_blog_unaffected();
}

}  // namespace
}  // namespace signet
