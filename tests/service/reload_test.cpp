#include <atomic>
#include <filesystem>
#include <functional>

#include "core/crypto/certificate.hpp"
#include "tests/service/registry_stage.hpp"
#include "tests/support/certificates.hpp"

namespace signet {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

// A service whose policies, in a directory, trust the roots that a test says.
class ReloadStage : public RegistryStage {
 protected:
  void trust(const std::vector<std::string>& root_pems) {
    std::string indented;
    for (const std::string& pem : root_pems) {
      for (const std::string_view line : split(trim(pem), '\n'))
        indented += cat("            ", line, "\n");
    }
    const std::string text = policy();
    const auto begin = text.find("            -----BEGIN");
    const auto end = text.find("        identities:");
    directory.write("policies/policy.yaml", cat(text.substr(0, begin), indented, text.substr(end)));
  }

  Config reloading() {
    trust({old_root()});
    Config made = config();
    made.policies = {directory.str() + "/policies"};
    return made;
  }

  static std::string old_root() { return certificate_pem(test::signer().root().certificate); }

  static std::string generation(const RunningService& service) {
    const std::string text = service.metrics();
    const auto at = text.find("signet_policy_generation_info{hash=\"");
    return at == std::string::npos ? "" : text.substr(at, 60);
  }

  // Until the policies have changed; `meanwhile` at every look.
  static bool wait_for_change(
      const RunningService& service, const std::string& before,
      const std::function<void()>& meanwhile = [] {}) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (std::chrono::steady_clock::now() < end) {
      meanwhile();
      if (generation(service) != before) return true;
    }
    return false;
  }
};

TEST_F(ReloadStage, FI21_ARootIsReplacedWithAnOverlapAndNothingIsDeniedInBetween) {
  push_signed("app", {Format::bundle});
  const RunningService service(reloading(), now);
  const std::string next = testing::root("Next Root").pem();
  ASSERT_TRUE(ask(service, "app").allowed);

  std::string before = generation(service);
  trust({old_root(), next});
  ASSERT_TRUE(wait_for_change(service, before, [&] { EXPECT_TRUE(ask(service, "app").allowed); }));
  EXPECT_TRUE(ask(service, "app").allowed) << "both are trusted";

  before = generation(service);
  trust({next});
  ASSERT_TRUE(wait_for_change(service, before));
  const DemoAnswer denied = ask(service, "app");
  EXPECT_FALSE(denied.allowed) << "the old root is gone, though everything is remembered";
  EXPECT_NE(denied.message.find("chain_untrusted"), std::string::npos) << denied.message;
}

TEST_F(ReloadStage, FI20_APolicyIsDeletedWhileARequestIsInFlight) {
  push_signed("app", {Format::bundle});
  const Config made = reloading();
  directory.write("policies/other.yaml",
                  "apiVersion: signet.dev/v1alpha1\nkind: ClusterTrustPolicy\n"
                  "metadata: {name: other}\nspec:\n  match: {images: [\"other.example/**\"]}\n"
                  "  authorities: [{name: fixed, static: {action: allow}}]\n");
  const RunningService service(made, now);
  const std::string before = generation(service);
  registry.delay = milliseconds(700);
  auto in_flight = std::async(std::launch::async, [&] { return ask(service, "app"); });
  while (registry.requests().empty())
    std::this_thread::yield();
  std::filesystem::remove(directory.path() / "policies/policy.yaml");
  ASSERT_TRUE(wait_for_change(service, before));
  ASSERT_EQ(in_flight.wait_for(std::chrono::seconds(0)), std::future_status::timeout)
      << "the change came while it was in flight";
  EXPECT_FALSE(ask(service, "app").allowed) << "a new request obeys the new policies";
  const DemoAnswer answer = in_flight.get();
  EXPECT_TRUE(answer.allowed) << "finished on its snapshot: " << answer.message;
}

TEST_F(ReloadStage, FI23_TheClockJumps) {
  push_signed("app", {Format::bundle});
  std::atomic<TimePoint> at{now()};
  Config made = reloading();
  made.built = now() - hours(2);
  const RunningService service(made, [&at] { return at.load(); });
  ASSERT_TRUE(ask(service, "app").allowed);
  for (const auto jump : {hours(1), hours(-1)}) {
    at = now() + jump;
    EXPECT_TRUE(ask(service, "app").allowed) << jump.count();
    EXPECT_EQ(service.health("/readyz"), 200u);
  }
  at = TimePoint(std::chrono::seconds(0));
  const DemoAnswer denied = ask(service, "app");
  EXPECT_FALSE(denied.allowed);
  EXPECT_NE(denied.message.find("clock"), std::string::npos) << denied.message;
  EXPECT_EQ(service.health("/readyz"), 503u);
  EXPECT_EQ(service.health("/livez"), 200u) << "a restart would not help";
  at = now() + hours(24 * 365 * 30);
  EXPECT_FALSE(ask(service, "app").allowed) << "certificates follow the wall clock";
  at = now();
  EXPECT_TRUE(ask(service, "app").allowed);
  EXPECT_EQ(service.health("/readyz"), 200u);
}

TEST_F(ReloadStage, APolicyThatNamesANewRegistryMayAskIt) {
  push_signed("app", {Format::bundle});
  Config made = reloading();
  made.registry.allowed_hosts.clear();
  const std::string text = policy();
  directory.write("policies/policy.yaml",
                  "apiVersion: signet.dev/v1alpha1\nkind: ClusterTrustPolicy\n"
                  "metadata: {name: other}\nspec:\n  match: {images: [\"other.example/**\"]}\n"
                  "  authorities: [{name: fixed, static: {action: allow}}]\n");
  const RunningService service(made, now);
  const std::string before = generation(service);
  EXPECT_FALSE(ask(service, "app").allowed);
  directory.write("policies/policy.yaml", text);
  ASSERT_TRUE(wait_for_change(service, before));
  const DemoAnswer answer = ask(service, "app");
  EXPECT_TRUE(answer.allowed) << answer.message;
}

}  // namespace
}  // namespace signet
