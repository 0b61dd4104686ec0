#include "server/kube/own_tls.hpp"

#include <gtest/gtest.h>

#include "tests/server/kube/tls_world.hpp"

namespace signet {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::kube_refusal;
using testing::KubeStore;
using testing::kWorldMutating;
using testing::kWorldSecret;
using testing::kWorldValidating;
using testing::shakes_hands;
using testing::TlsWorld;

const std::string kSecrets = "/api/v1/namespaces/signet-system/secrets";

TEST(OwnTlsTest, TheFirstReplicaMakesASecretAndServesAtOnce) {
  TlsWorld world(1);
  world.leader = 9;  // no leader is needed
  ASSERT_TRUE(world.look(0));
  EXPECT_EQ(world.store.count("POST " + kSecrets), 1u);
  EXPECT_TRUE(shakes_hands(world.all[0]->served, world.secret().bundle_pem(), world.date));
  EXPECT_EQ(world.all[0]->metrics.tls_not_after.value({"ca"}),
            static_cast<double>((world.date + world.times.ca_validity).time_since_epoch().count()));
}

// K-C06
TEST(OwnTlsTest, OfThreeThatStartAtOnceOneMakesTheCaAndAllUseIt) {
  TlsWorld world(3);
  bool once = true;
  world.store.fault = [&](const KubeRequest& request) -> std::optional<Result<KubeReply>> {
    if (request.method == "POST" && std::exchange(once, false)) {
      EXPECT_TRUE(world.look(1));  // between the read of the first and its write
      EXPECT_TRUE(world.look(2));
    }
    return std::nullopt;
  };
  ASSERT_TRUE(world.look(0));
  EXPECT_EQ(world.all[0]->served, nullptr);
  EXPECT_EQ(world.all[0]->metrics.tls_errors.value({"write_conflict"}), 1);
  ASSERT_TRUE(testing::run(world.all[0]->tls.run()));  // at once
  const std::string pem = world.secret().bundle_pem();
  for (const auto& replica : world.all)
    EXPECT_TRUE(shakes_hands(replica->served, pem, world.date));
}

TEST(OwnTlsTest, TheLeaderPutsEveryCaBundleRightAndOnlyThen) {
  TlsWorld world(2);
  world.install();
  world.leader = 1;
  ASSERT_TRUE(world.look(0));
  EXPECT_EQ(world.all[0]->served, nullptr);  // no client would trust it yet
  EXPECT_EQ(world.store.count("PATCH "), 0u);
  ASSERT_TRUE(world.look(1));
  EXPECT_EQ(world.store.count("PATCH "), 4u);
  ASSERT_TRUE(world.look(0));
  world.call_all();
  EXPECT_EQ(world.calls, 2);
  EXPECT_EQ(world.failures, 0);
  const std::size_t before = world.store.count("P");
  world.look_all();
  EXPECT_EQ(world.store.count("P"), before);  // what is right is not written
}

TEST(OwnTlsTest, TheCaBundleIsAppliedAsItsOwnFieldManagerAndNothingElseIs) {
  TlsWorld world(1);
  world.install();
  ASSERT_TRUE(world.look(0));
  EXPECT_EQ(world.store.count("PATCH " + kWorldMutating + "?fieldManager=signet-cert&force=true"),
            1u);
  const auto body = KubeStore::Object::parse(world.store.bodies.end()[-2]);
  EXPECT_EQ(body["webhooks"].size(), 2u);
  for (const auto& entry : body["webhooks"]) {
    EXPECT_EQ(entry.size(), 2u);
    EXPECT_EQ(entry["clientConfig"].size(), 1u);
  }
  EXPECT_FALSE(body["metadata"]["resourceVersion"].get<std::string>().empty());
}

// Else whoever applies the configuration could take no webhook out of it.
TEST(OwnTlsTest, ItOwnsNoFieldOfTheConfigurationAfterwardsAndIsPatientAboutIt) {
  TlsWorld world(1);
  world.install();
  int refusals = 2;
  world.store.fault = [&](const KubeRequest& request) -> std::optional<Result<KubeReply>> {
    const bool disowns = request.content_type == "application/json-patch+json";
    if (disowns && refusals-- > 0) return kube_refusal(422, "it was modified");
    return std::nullopt;
  };
  for (int i = 0; i < 4; ++i)
    (void)world.look(0);
  EXPECT_EQ(refusals, -2);  // two were refused, one for each configuration was not
  for (const std::string& path : {kWorldValidating, kWorldMutating}) {
    const auto owners = world.store.at(path)["metadata"]["managedFields"];
    EXPECT_EQ(owners, KubeStore::Object::parse(R"([{"manager":"helm"}])"));
    EXPECT_EQ(world.bundle(path, 0), world.secret().bundle_pem());
  }
}

// K-C08
TEST(OwnTlsTest, ACaBundleThatWasResetByHandIsRepairedByTheNextLook) {
  TlsWorld world(2);
  world.install();
  world.look_all();
  world.look_all();
  for (const char* const reset : {"", "bm90IGEgUEVN"}) {
    KubeStore::Object object = world.store.at(kWorldValidating);
    object["webhooks"][0]["clientConfig"]["caBundle"] = reset;
    world.store.put(kWorldValidating, object);
    ASSERT_TRUE(world.look(0));
    EXPECT_EQ(world.bundle(kWorldValidating, 0), world.secret().bundle_pem());
  }
  EXPECT_EQ(world.all[0]->told,
            (std::vector<std::string>{"CABundleRepaired", "CABundleRepaired", "CABundleRepaired"}));
}

TEST(OwnTlsTest, ASecretThatWasDeletedComesBackFromMemory) {
  TlsWorld world(2);
  world.install();
  world.look_all();
  world.look_all();
  const CaSecret before = world.secret();
  world.store.objects.erase(kWorldSecret);
  world.leader = 9;
  ASSERT_TRUE(world.look(1));
  EXPECT_EQ(world.secret().current.certificate, before.current.certificate);
  world.call_all();
  EXPECT_EQ(world.failures, 0);
}

// A replica that knows nothing may be the first to see that it is gone.
TEST(OwnTlsTest, ANewCaBesideAnOldOneBreaksNobodyWhoStillUsesTheOld) {
  TlsWorld world(2);
  world.times.propagation_delay = seconds(0);
  for (const std::size_t number : {0, 1})
    world.start(number);
  world.install();
  world.look_all();
  world.look_all();
  const Certificate old = world.secret().current.certificate;
  world.store.objects.erase(kWorldSecret);
  world.start(0);
  world.store.after = [&](const KubeRequest&) { world.call_all(); };
  for (int i = 0; i < 3; ++i, world.date += minutes(5)) {
    world.look_all();
    world.call_all();
  }
  EXPECT_NE(world.secret().current.certificate, old);
  EXPECT_GT(world.calls, 20);
  EXPECT_EQ(world.failures, 0);
}

// K-C07
TEST(OwnTlsTest, ASecretThatCannotBeReadIsCountedKeptAndMadeAnewByTheLeader) {
  for (const char* const key : {"ca.crt", "ca.key", "ca-bundle.crt"}) {
    for (const char* const garbage : {"", "Z2FyYmFnZQ==", "%%%"}) {
      SCOPED_TRACE(std::string(key) + " " + garbage);
      TlsWorld world(2);
      world.install();
      world.look_all();
      world.look_all();
      const CaSecret before = world.secret();
      KubeStore::Object object = world.store.at(kWorldSecret);
      object["data"][key] = garbage;
      world.store.put(kWorldSecret, object);
      EXPECT_FALSE(world.look(1));
      EXPECT_TRUE(world.look(1));  // told once
      EXPECT_EQ(world.all[1]->metrics.tls_errors.value({"secret_invalid"}), 1);
      world.call_all();
      ASSERT_TRUE(world.look(0));
      EXPECT_EQ(world.secret().current.certificate, before.current.certificate);
      world.call_all();
      EXPECT_EQ(world.failures, 0);
    }
  }
}

TEST(OwnTlsTest, ALeaderWithoutMemoryMakesANewCaThatTheOthersTakeOverWithoutAGap) {
  TlsWorld world(3);
  world.times.propagation_delay = seconds(0);
  for (const std::size_t number : {0, 1, 2})
    world.start(number);
  world.install();
  world.look_all();
  world.look_all();
  KubeStore::Object object = world.store.at(kWorldSecret);
  object["data"] = KubeStore::Object::object();
  world.store.put(kWorldSecret, object);
  world.start(0);
  world.store.after = [&](const KubeRequest&) { world.call_all(); };
  for (int i = 0; i < 3; ++i, world.date += minutes(5))
    world.look_all();
  EXPECT_EQ(world.secret().bundle.size(), 2u);
  EXPECT_EQ(world.failures, 0);
  for (const auto& replica : world.all)
    EXPECT_NE(replica->served, nullptr);
}

// API servers may lag; who has a good certificate of the old CA goes on with it for so long.
TEST(OwnTlsTest, ANewCaSignsAfterTheDelayWhereAGoodCertificateIsInHand) {
  TlsWorld world(2);
  world.install();
  world.look_all();
  world.look_all();
  world.store.objects.erase(kWorldSecret);
  world.start(0);
  world.look_all();
  world.date += world.times.propagation_delay - seconds(1);
  ASSERT_TRUE(world.look(1));
  EXPECT_EQ(world.all[1]->signed_times, 1);
  world.date += seconds(1);
  ASSERT_TRUE(world.look(1));
  EXPECT_EQ(world.all[1]->signed_times, 2);
}

// ---- the leaf

TEST(OwnTlsTest, ALeafIsSignedAgainAtTwoThirdsOfItsLife) {
  TlsWorld world(1);
  world.install();
  ASSERT_TRUE(world.look(0));
  const TimePoint made = world.date;
  world.date = made + world.times.leaf_validity * 63 / 100;
  ASSERT_TRUE(testing::run(world.all[0]->tls.run()));
  EXPECT_EQ(world.all[0]->signed_times, 1);
  world.date = made + world.times.leaf_validity * 70 / 100;
  ASSERT_TRUE(testing::run(world.all[0]->tls.run()));
  EXPECT_EQ(world.all[0]->signed_times, 2);
  world.call_all();
  EXPECT_EQ(world.failures, 0);
}

// K-C13: a machine that slept, and a clock that was set.
TEST(OwnTlsTest, ALeafFollowsTheWallClockWhereverItJumps) {
  TlsWorld world(1);
  world.times.ca_validity = hours(24 * 365);
  world.start(0);
  world.install();
  ASSERT_TRUE(world.look(0));
  for (const hours jump : {hours(24 * 30), hours(-24), hours(24 * 2)}) {
    world.date += jump;
    ASSERT_TRUE(testing::run(world.all[0]->tls.run()));
    EXPECT_TRUE(shakes_hands(world.all[0]->served, world.bundle(kWorldValidating, 0), world.date))
        << jump.count();
  }
}

TEST(OwnTlsTest, ALeafIsSignedFromMemoryWhileTheApiServerIsAway) {
  TlsWorld world(1);
  world.install();
  ASSERT_TRUE(world.look(0));
  world.store.fault = [](const KubeRequest&) {
    return Result<KubeReply>(Error(Reason::registry_unreachable, "connection refused"));
  };
  world.date += world.times.leaf_validity;
  EXPECT_FALSE(testing::run(world.all[0]->tls.run()));
  EXPECT_EQ(world.all[0]->signed_times, 2);
  world.call_all();
  EXPECT_EQ(world.failures, 0);
}

TEST(OwnTlsTest, NothingIsReadTwiceInAMinuteUnlessSomethingHappened) {
  TlsWorld world(1);
  world.install();
  ASSERT_TRUE(world.look(0));
  const std::size_t before = world.store.lines.size();
  world.date += seconds(59);
  ASSERT_TRUE(testing::run(world.all[0]->tls.run()));
  EXPECT_EQ(world.store.lines.size(), before);
  world.date += seconds(1);
  ASSERT_TRUE(testing::run(world.all[0]->tls.run()));
  EXPECT_GT(world.store.lines.size(), before);
}

// K-C14
TEST(OwnTlsTest, WithoutTheRightToPatchItSaysSoAndTriesLessOften) {
  TlsWorld world(1);
  world.install();
  world.store.fault = [](const KubeRequest& request) -> std::optional<Result<KubeReply>> {
    if (request.method != "PATCH") return std::nullopt;
    return Result<KubeReply>(kube_refusal(403, "cannot patch resource"));
  };
  const auto done = testing::run(world.all[0]->tls.run());
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().what().find("cannot patch resource"), std::string::npos);
  for (int second = 0; second < 120; ++second, world.date += seconds(1))
    EXPECT_TRUE(testing::run(world.all[0]->tls.run()));  // told once
  EXPECT_LE(world.store.count("PATCH "), 8u);
  EXPECT_GE(world.store.count("PATCH "), 5u);
  EXPECT_EQ(world.all[0]->metrics.ca_bundle_patches.value({"failed"}),
            static_cast<double>(world.store.count("PATCH ")));
  EXPECT_EQ(world.all[0]->served, nullptr);
}

}  // namespace
}  // namespace signet
