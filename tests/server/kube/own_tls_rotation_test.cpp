// The CA is replaced while clients call: no handshake fails, whoever leads and wherever it stops.

#include <gtest/gtest.h>

#include <random>

#include "tests/server/kube/tls_world.hpp"

namespace signet {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::kWorldSecret;
using testing::kWorldValidating;
using testing::TlsWorld;

bool is_write(const KubeRequest& request) {
  return request.method != "GET";
}

void settle(TlsWorld& world) {
  world.install();
  for (int i = 0; i < 3; ++i)
    world.look_all();
  world.date += world.times.propagation_delay + minutes(1);
  (void)world.bundles_in_use();  // the empty one is past
  world.store.after = [&world](const KubeRequest& request) {
    if (is_write(request)) world.call_all();
  };
}

// Steps are small where something moves.
std::chrono::seconds stride(const TlsWorld& world) {
  const CaSecret secret = world.secret();
  const bool moves =
      secret.next || (secret.promoted && world.date < *secret.promoted + minutes(20));
  return moves ? std::chrono::seconds(minutes(4)) : std::chrono::seconds(hours(12));
}

class OwnTlsRotationTest : public ::testing::TestWithParam<std::size_t> {};

// K-C09, K-C10: 45 days of a CA that lives 30, the leader changing at random.
TEST_P(OwnTlsRotationTest, NoHandshakeFailsWhileCaAndLeafAreReplaced) {
  TlsWorld world(GetParam());
  settle(world);
  std::minstd_rand random(7);
  const TimePoint end = world.date + hours(24 * 45);
  std::set<std::string> cas;
  while (world.date < end) {
    if (random() % 10 == 0) world.leader = random() % world.all.size();
    EXPECT_TRUE(world.look(random() % world.all.size()));
    world.call_all();
    world.look_all();
    cas.insert(certificate_pem(world.secret().current.certificate));
    world.date += stride(world);
  }
  EXPECT_EQ(cas.size(), 3u);
  EXPECT_LE(world.secret().bundle.size(), 2u);
  EXPECT_GT(world.calls, 200);
  EXPECT_EQ(world.failures, 0);
  for (const auto& replica : world.all)
    EXPECT_GT(replica->signed_times, 15);
}

INSTANTIATE_TEST_SUITE_P(Replicas, OwnTlsRotationTest, ::testing::Values(2, 3));

// One rotation, where the n-th write of the leader is its last; whether the API server took it or
// not, another one that knows nothing goes on from what is stored.
class StoppedRotation {
 public:
  enum class Write { lost, taken };

  StoppedRotation(int nth, Write write) : nth_(nth), write_(write), world_(2) {
    settle(world_);
    first_ = world_.secret().current.certificate;
    // To the hour before it is due, with certificates of that day.
    world_.date += world_.times.ca_validity * 2 / 3 - hours(1);
    const auto load = std::exchange(world_.store.after, nullptr);
    world_.look_all();
    world_.store.after = load;
    world_.date += hours(1);
    world_.store.fault = [this](const KubeRequest& request) { return stop(request); };
  }

  void run() {
    for (int i = 0; i < 100 && !is_complete(); ++i) {
      if (stopped_) replace_leader();
      world_.look_all();
      world_.call_all();
      world_.date += stride(world_);
    }
  }
  bool was_stopped() const { return stopped_ || replaced_; }
  bool is_complete() const {
    const CaSecret secret = world_.secret();
    return secret.current.certificate != *first_ && !secret.next && secret.bundle.size() == 1;
  }
  const TlsWorld& world() const { return world_; }

 private:
  std::optional<Result<KubeReply>> stop(const KubeRequest& request) {
    if (!is_write(request) || replaced_ || stopped_) return std::nullopt;
    if (++writes_ < nth_) return std::nullopt;
    stopped_ = true;
    const Result<KubeReply> gone(Error(Reason::registry_timeout, "no answer"));
    if (write_ == Write::lost) return gone;
    (void)testing::run(world_.store.send(request, deadline_in(minutes(1))));
    return gone;
  }
  void replace_leader() {
    stopped_ = false;
    replaced_ = true;
    world_.store.fault = nullptr;
    world_.start(0);
    world_.leader = 1;
  }

  int nth_;
  Write write_;
  TlsWorld world_;
  std::optional<Certificate> first_;
  int writes_ = 0;
  bool stopped_ = false;
  bool replaced_ = false;
};

TEST(OwnTlsRotationFaultTest, ARotationGoesOnWhereverItStopped) {
  for (const auto write : {StoppedRotation::Write::lost, StoppedRotation::Write::taken}) {
    int nth = 1;
    for (;; ++nth) {
      SCOPED_TRACE("write " + std::to_string(nth));
      StoppedRotation rotation(nth, write);
      rotation.run();
      EXPECT_TRUE(rotation.is_complete());
      EXPECT_EQ(rotation.world().failures, 0);
      EXPECT_GT(rotation.world().calls, 20);
      if (!rotation.was_stopped()) break;
    }
    // Add, two caBundles, mark, promote, two, drop, two, and none; each caBundle is two writes, for
    // the field is then given up.
    EXPECT_EQ(nth, 17);
  }
}

TEST(OwnTlsRotationFaultTest, ACaIsNotPromotedWhileACaBundleLacksIt) {
  TlsWorld world(1);
  settle(world);
  const Certificate first = world.secret().current.certificate;
  world.date += world.times.ca_validity * 2 / 3;
  ASSERT_TRUE(world.look(0));
  ASSERT_TRUE(world.secret().published);
  world.date += hours(1);
  // Somebody resets one of them in the very moment; it cannot be put right.
  auto object = world.store.at(kWorldValidating);
  object["webhooks"][1]["clientConfig"]["caBundle"] = "";
  world.store.put(kWorldValidating, object);
  world.store.fault = [](const KubeRequest& request) -> std::optional<Result<KubeReply>> {
    if (request.method != "PATCH") return std::nullopt;
    return Result<KubeReply>(testing::kube_refusal(403, "no"));
  };
  EXPECT_FALSE(world.look(0));
  EXPECT_EQ(world.secret().current.certificate, first);
  world.store.fault = nullptr;
  ASSERT_TRUE(world.look(0));
  EXPECT_NE(world.secret().current.certificate, first);
}

}  // namespace
}  // namespace signet
